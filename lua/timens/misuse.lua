-- SPDX-License-Identifier: MIT
-- Errors of the programmer, raised where the package was called.

local PACKAGE = debug.getinfo(1, "S").source:match("^(.*)misuse%.lua$")

local function is_ours(info)
  -- Lua 5.1 has a level of its own for calls that took the place of others.
  return info.what == "tail" or PACKAGE and info.source:sub(1, #PACKAGE) == PACKAGE
end

---Raises an error with the position of the first caller outside of this package, however deep
---inside it the misuse was found.
---@param format string
local function misuse(format, ...)
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and is_ours(info) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(format:format(...), level)
end

return misuse
