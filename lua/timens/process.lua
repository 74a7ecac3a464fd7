-- SPDX-License-Identifier: MIT
-- A started program.

local core = require "timens.core"
local misuse = require "timens.misuse"
local times = require "timens.times"

local NS = 1000000000
local SIGNALS = core.signals()

---Goes away with its object: when that is closed (also by `local p <close>`) or collected, the
---program is killed if it still runs, reaped, and its pipes are closed.
---@class timens.Process
---@field pid integer
---@field pidfd integer? until the program has been waited for
---@field route "clone3"|"vfork"|"fork" how it got into its namespace
---@field userns boolean whether it is in a user namespace of its own
---@field stdin file*? the writing end, if stdin was timens.PIPE
---@field stdout file*? the reading end, if stdout was timens.PIPE
---@field stderr file*? the reading end, if stderr was timens.PIPE
---@field private result table? what wait answers for good
local Process = { __name = "timens.process" }
Process.__index = Process

local function settle(self, ...)
  self.pidfd = nil
  self.result = table.pack(...)
  return ...
end

-- A status of waitpid(2), as os.execute answers it.
local function decode(status)
  local signal = status & 0x7f
  if signal ~= 0 then
    return nil, "signal", signal
  end
  local code = status >> 8 & 0xff
  return code == 0 or nil, "exit", code
end

local function wait_once(self, deadline)
  local left = times.left(deadline) -- -1 // NS is negative too: no limit
  return core.wait(self.pid, self.pidfd, left // NS, left % NS)
end

---Waits until a deadline of timens.times.
---@private
function Process:await(deadline)
  if self.result then
    return table.unpack(self.result, 1, self.result.n)
  end
  local status, message, errno, stage
  -- The loop is here and not in C: after a signal a debug hook gets its turn, such as lua(1)'s for
  -- ctrl-C.
  repeat
    status, message, errno, stage = wait_once(self, deadline)
  until status or errno ~= core.EINTR
  if status then
    return settle(self, decode(status))
  elseif errno == core.ETIMEDOUT then
    return nil, "timeout"
  end
  -- It has ended, and somebody else was told how.
  core.close(self.pidfd)
  return settle(self, nil, message, errno, stage)
end

---Waits until the program has ended. Answers as os.execute does, and each time the same; or nil,
---"timeout"; or, if somebody else has reaped it, nil, message, errno, stage.
---@param timeout timens.Time? nil: as long as it takes
---@return true? ok for an exit status of 0
---@return "exit"|"signal"|"timeout"|string how
---@return integer? code exit status, signal number, or errno
---@return string? stage
function Process:wait(timeout)
  return self:await(times.deadline(timeout))
end

---As wait, but does not wait: nil, "running" for a program that has not ended.
---@return true? ok
---@return "exit"|"signal"|"running"|string how
---@return integer? code
---@return string? stage
function Process:poll()
  local ok, how, code, stage = self:await(core.monotonic())
  return ok, how == "timeout" and "running" or how, code, stage
end

local function signal_number(signal)
  if signal == nil then
    return SIGNALS.TERM
  elseif math.type(signal) == "integer" then
    return signal
  end
  local number = type(signal) == "string" and SIGNALS[signal:gsub("^SIG", "")]
  if not number then
    misuse("signal: expected a number or a name such as 'TERM', got '%s'", tostring(signal))
  end
  return number
end

---Sends a signal, by the pidfd: never to another program that got the same pid.
---@param signal (integer|string)? a number, or a name such as "INT" or "SIGINT"; nil: "TERM"
---@return true? ok, string? message, integer? errno, string? stage
function Process:kill(signal)
  return core.kill(self.pid, self.pidfd or -1, signal_number(signal))
end

-- nil and why, if it may not be killed (it runs as somebody else): waiting could take for ever.
local function stop(self)
  self:poll()
  if self.result then
    return true
  end
  local ok, message, errno, stage = self:kill "KILL"
  return ok or errno == core.ESRCH or nil, message, errno, stage
end

local function close_pipes(self)
  for _, name in ipairs { "stdin", "stdout", "stderr" } do
    if io.type(self[name]) == "file" then
      self[name]:close()
    end
  end
end

---Kills the program if it still runs, reaps it and closes its pipes. Answers as wait does.
---@return true? ok, string how, integer? code, string? stage
function Process:close()
  local stopped, message, errno, stage = stop(self)
  -- Not before: what is left in a buffer could wait for ever for a program that does not read.
  close_pipes(self)
  if not stopped then
    return nil, message --[[@as string]], errno, stage
  end
  return self:await()
end

Process.__close = Process.close
Process.__gc = Process.close

function Process:__tostring()
  local _, how, code, stage = self:poll()
  local state = code and not stage and how .. " " .. code or how
  return ("timens.process (pid %d, %s)"):format(self.pid, state)
end

---@param pid integer
---@param pidfd integer
---@param route integer
---@param userns integer
---@param pipes table<string, file*>
---@return timens.Process
return function(pid, pidfd, route, userns, pipes)
  local process = setmetatable({
    pid = pid,
    pidfd = pidfd,
    route = core.route_name(route),
    userns = userns == 1,
    stdin = pipes.stdin,
    stdout = pipes.stdout,
    stderr = pipes.stderr,
  }, Process)
  for _, file in pairs(pipes) do
    -- Who holds a pipe holds the process: `for line in timens.spawn(…).stdout:lines()`.
    debug.setuservalue(file, process, 1)
  end
  return process
end
