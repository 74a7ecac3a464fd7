-- SPDX-License-Identifier: MIT
-- Names, and signals and limits by theirs.

local compat = require "timens.compat"
local core = require "timens.core"
local misuse = require "timens.misuse"

local names = {}

---What a value is, in messages: by the name that its metatable has for it, if there is one.
---@return string
function names.kind(value)
  local metatable = getmetatable(value)
  local name = type(metatable) == "table" and rawget(metatable, "__name")
  return type(name) == "string" and name or value == nil and "nil" or "a " .. type(value)
end

---What was given, in messages: a number, or the kind of anything else.
---@return string
function names.got(value)
  return type(value) == "number" and tostring(value) or names.kind(value)
end

---@param value string
---@param name string what it is for, in messages
---@return string value
function names.text(value, name)
  if type(value) ~= "string" then
    misuse("%s: expected a string, got %s", name, names.kind(value))
  end
  return value
end

---An integer as it is in C.
---@param value number
---@param name string
---@param low integer?
---@param high integer?
---@param other string? what there may be in its place, in messages
---@return integer
function names.integer(value, name, low, high, other)
  local number = compat.tointeger(value)
  if not number or not compat.is_exact(number) or number < (low or number) or number > (high or number) then
    local range = low and (high and (" from %d to %d"):format(low, high) or (" from %d up"):format(low)) or ""
    misuse("%s: expected an integer%s%s, got %s", name, range, other or "", names.got(value))
  end
  return number
end

---@param of table<any, any>
---@return string[] names its keys
function names.sorted(of)
  local sorted = {}
  for name in pairs(of) do
    sorted[#sorted + 1] = name
  end
  table.sort(sorted)
  return sorted
end

local SIGNALS, LIMITS = core.signals(), core.limits()

---@param value timens.Signal
---@param name string what it is for, in messages
---@param low integer 0 for what only asks whether the process is there
---@return integer
function names.signal(value, name, low)
  if type(value) == "number" then
    return names.integer(value, name, low, 64)
  end
  local number = type(value) == "string" and SIGNALS[(value:upper():gsub("^SIG", ""))]
  if not number then
    local got = type(value) == "string" and "'" .. value .. "'" or names.kind(value)
    misuse("%s: expected a number or a name such as 'TERM', got %s", name, got)
  end
  return number
end

---@param value string "NOFILE" or "RLIMIT_NOFILE", and so on
---@param name string
---@return integer
function names.limit(value, name)
  local number = type(value) == "string" and LIMITS[(value:gsub("^RLIMIT_", ""))]
  if not number then
    misuse("%s: '%s' is no limit of setrlimit(2); give a name such as NOFILE", name, tostring(value))
  end
  return number
end

---@param number integer
---@return string
function names.of_limit(number)
  for name, its in pairs(LIMITS) do
    if its == number then
      return name
    end
  end
  return tostring(number)
end

return names
