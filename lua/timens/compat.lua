-- SPDX-License-Identifier: MIT
-- What the versions of Lua have by different names or lack, in one place. The rest of the package is
-- written in what Lua 5.1 to 5.4 and LuaJIT have in common.

local compat = {}

compat.unpack = table.unpack or unpack

compat.pack = table.pack or function(...)
  return { n = select("#", ...), ... }
end

-- -- Numbers: before Lua 5.3 all are doubles, and those up to 2^53 are integers beyond doubt --

local EXACT = 2 ^ 53

---"integer", "float", or nil for what is no number.
compat.math_type = math.type
  or function(value)
    if type(value) ~= "number" then
      return nil
    end
    return value == math.floor(value) and math.abs(value) <= EXACT and "integer" or "float"
  end

local to_integer = math.tointeger
  or function(value)
    return value == math.floor(value) and value >= -2 ^ 63 and value < 2 ^ 63 and value or nil
  end

---The integer that a number is, 3 for 3.0 too, as Lua's own functions take it; nil if it has a
---fraction, does not fit into 64 bits, or is no number.
---@return integer?
function compat.tointeger(value)
  -- Some versions of math.tointeger take strings.
  return type(value) == "number" and to_integer(value) or nil
end

---Whether an integer is what it is in C.
---@param value integer
---@return boolean
function compat.is_exact(value)
  return math.type ~= nil or math.abs(value) < EXACT
end

-- -- Objects and their collection --

local new_proxy = rawget(_G, "newproxy")

---Calls `finalize` with an object when it is collected. Its metatable has the same function as __gc,
---which tables have since Lua 5.2; before, a userdata does it, which goes when the table does.
---@param object table
---@param finalize function
function compat.on_collect(object, finalize)
  if new_proxy then
    local proxy = new_proxy(true)
    getmetatable(proxy).__gc = function()
      finalize(object)
    end
    object.proxy = proxy
  end
end

---Lets a file keep a table alive.
---@param file file*
---@param owner table
compat.hold = debug.setuservalue
    and function(file, owner)
      debug.setuservalue(file, owner)
    end
  or function(file, owner)
    -- Lua 5.1 finds in the environment of a file how it is closed.
    debug.setfenv(file, { __close = debug.getfenv(file).__close, owner = owner })
  end

return compat
