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

---@param of table<string, any>
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
---@return integer
function names.signal(value, name)
  local number = compat.tointeger(value) or type(value) == "string" and SIGNALS[(value:gsub("^SIG", ""))]
  if not number or number > 0x7fffffff or number < -0x7fffffff then
    local got = type(value) == "string" and "'" .. value .. "'" or type(value) == "number" and value
    misuse("%s: expected a number or a name such as 'TERM', got %s", name, got or names.kind(value))
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

return names
