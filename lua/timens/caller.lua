-- SPDX-License-Identifier: MIT
-- Where this package was called from.

local PACKAGE = debug.getinfo(1, "S").source:match "^(.*)caller%.lua$"

local function is_ours(info)
  -- Lua 5.1 has a level of its own for calls that took the place of others.
  return info.what == "tail" or PACKAGE and info.source:sub(1, #PACKAGE) == PACKAGE
end

---The level, as debug.getinfo and error count it in the function that calls this, of the first
---function outside of this package.
---@return integer
return function()
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and is_ours(info) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  return level - 1
end
