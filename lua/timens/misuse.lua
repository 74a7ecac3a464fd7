-- SPDX-License-Identifier: MIT
-- Errors of the programmer, raised where the package was called.

local caller = require "timens.caller"

---Raises an error with the position of the first caller outside of this package, however deep
---inside it the misuse was found.
---@param format string
local function misuse(format, ...)
  error(format:format(...), caller())
end

return misuse
