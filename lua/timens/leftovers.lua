-- SPDX-License-Identifier: MIT
-- Programs that could not be killed when their objects were collected, since they run as somebody else:
-- each is a descriptor until it has ended, and is reaped at a later start.

local compat = require "timens.compat"
local core = require "timens.core"

local leftovers = {}

local left = setmetatable({}, {
  __gc = function(self)
    for _, process in ipairs(self) do
      core.close(process)
    end
  end,
})
-- When the state is closed, which is after the processes have been.
compat.on_collect(left, getmetatable(left).__gc)

---@param pid integer
---@param pidfd integer from here on ours
function leftovers.add(pid, pidfd)
  left[#left + 1] = { pid = pid, pidfd = pidfd, status = false }
end

function leftovers.reap()
  for i = #left, 1, -1 do
    local process = left[i]
    local ok, _, errno = core.wait(process.pid, process.pidfd, 0, 0, process)
    if not ok and errno == core.ECHILD then
      core.close(process) -- this is a copy that fork made
    end
    if ok or errno == core.ECHILD then
      table.remove(left, i)
    end
  end
end

return leftovers
