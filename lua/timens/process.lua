-- SPDX-License-Identifier: MIT
-- A started program.

local compat = require "timens.compat"
local core = require "timens.core"
local leftovers = require "timens.leftovers"
local new_conversation = require "timens.conversation"
local misuse = require "timens.misuse"
local names = require "timens.names"
local streams = require "timens.streams"
local times = require "timens.times"

local NS = 1000000000

---@class timens.Process
---@field private status integer|false? of waitpid(2), once it has been reaped
---@field private result table? what wait answers for good
---@field private owner integer the process that started it, which a forked copy of it is not
---@field private began integer when it was started, in nanoseconds of CLOCK_MONOTONIC
---@field private ended integer? when its end was seen
---@field private conversation timens.Conversation?
local Process = { __name = "timens.process" }
Process.__index = Process

-- Those that have not been waited for.
local running = setmetatable({}, { __mode = "k" })

-- p.wait() in place of p:wait(), which Lua would say nothing useful about.
local function check_self(self, name)
  if getmetatable(self) ~= Process then
    misuse("%s: expected a process, got %s; call it with a colon", name, names.kind(self))
  end
end

local function settle(self, ...)
  self.ended = core.monotonic()
  self.result = compat.pack(...)
  running[self] = nil
  return ...
end

local function close_pidfd(self)
  if self.pidfd then
    core.close(self)
  end
end

-- A status of waitpid(2), as os.execute answers it.
local function decode(status)
  local signal = status % 0x80
  if signal ~= 0 then
    return nil, "signal", signal
  end
  local code = math.floor(status / 0x100) % 0x100
  return code == 0 or nil, "exit", code
end

local function wait_once(self, deadline)
  if not deadline then
    -- With a limit, though none that is ever reached: without any, waitid(2) would do the waiting,
    -- and goes on by itself after the signal handlers of some versions of lua(1).
    return core.wait(self.pid, self.pidfd or -1, times.MAX_SEC, 0, self)
  end
  local left = times.left(deadline)
  local sec = math.floor(left / NS)
  -- Above 2^53 a double may be some nanoseconds beside it.
  local nsec = math.max(0, math.min(left - sec * NS, NS - 1))
  return core.wait(self.pid, self.pidfd or -1, sec, nsec, self)
end

---Waits until a deadline of timens.times.
---@private
function Process:await(deadline)
  if self.result then
    return compat.unpack(self.result, 1, self.result.n)
  end
  -- It may have been reaped by a call that a debug hook has ended.
  local ok, message, errno, stage = self.status
  -- The loop is here and not in C: after a signal a debug hook gets its turn, such as lua(1)'s for
  -- ctrl-C.
  while not ok and (errno == nil or errno == core.EINTR) do
    ok, message, errno, stage = wait_once(self, deadline)
  end
  if ok then
    return settle(self, decode(self.status))
  elseif errno == core.ETIMEDOUT then
    return nil, "timeout"
  end
  -- It has ended, and somebody else was told how.
  close_pidfd(self)
  return settle(self, nil, message, errno, stage)
end

function Process:wait(timeout)
  check_self(self, "wait")
  return self:await(times.deadline(timeout))
end

function Process:poll()
  check_self(self, "poll")
  local ok, how, code, stage = self:await(core.monotonic())
  return ok, how == "timeout" and "running" or how, code, stage
end

function Process:kill(signal)
  check_self(self, "kill")
  return core.kill(self.pid, self.pidfd or -1, names.signal(signal or "TERM", "signal", 0))
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

-- -- Input and output to the end --

-- To the end of the program and of its output, whatever comes last, or to a deadline.
local function converse(self, deadline)
  local conversation = self.conversation
  local ok, message, errno, stage = conversation:go_on(deadline)
  if not ok then
    return nil, message, errno, stage
  end
  local _, how, code
  _, how, code, stage = self:await(deadline)
  if stage then
    return nil, how, code, stage
  elseif how == "timeout" or next(conversation.files) then
    return nil, "timeout"
  end
  return true
end

local function result_of(self, timed_out)
  local ok, how, code, stage = self:wait()
  if stage then
    return nil, how, code, stage
  end
  return {
    ok = not timed_out and ok or nil,
    how = how,
    code = code,
    stdout = self.conversation:text "stdout",
    stderr = self.conversation:text "stderr",
    duration = (self.ended - self.began) / NS,
    timed_out = timed_out,
  }
end

-- What a first call may be given, and a later one, which goes on, may not.
local function check_input(self, input)
  names.text(input, "input")
  if self.conversation then
    misuse "input: the first communicate has it all; go on with nil"
  elseif io.type(self.stdin) ~= "file" then
    local why = self.stdin and "stdin is closed" or "stdin is no pipe; start the program with stdin = timens.PIPE"
    misuse("input: %s", why)
  end
end

function Process:communicate(input, timeout)
  check_self(self, "communicate")
  if input ~= nil then
    check_input(self, input)
  end
  local deadline = times.deadline(timeout)
  self.conversation = self.conversation or new_conversation(self, input)
  local ok, message, errno, stage = converse(self, deadline)
  if not ok then
    return nil, message, errno, stage
  end
  return result_of(self, false)
end

---As communicate; but when the time is over, the program is killed and the result is what there is.
---@private
function Process:finish(input, deadline)
  self.conversation = new_conversation(self, input)
  local ok, message, errno, stage = converse(self, deadline)
  if ok then
    return result_of(self, false)
  elseif message ~= "timeout" or stage then
    return nil, message, errno, stage
  end
  ok, message, errno, stage = stop(self)
  if ok then
    ok, message, errno, stage = self.conversation:go_on(core.monotonic())
  end
  if not ok then
    return nil, message, errno, stage
  end
  return result_of(self, true)
end

-- -- Its end --

local function close_pipes(self)
  for _, name in ipairs(streams.NAMES) do
    if io.type(self[name]) == "file" then
      self[name]:close()
    end
  end
end

-- A copy that fork made must not end what is another process's, when it is collected.
local function let_go(self)
  close_pipes(self)
  if not self.result then
    close_pidfd(self)
    settle(self, nil, ("process %d: was started by process %d"):format(self.pid, self.owner), core.ECHILD, "wait")
  end
  return self:await()
end

function Process:close()
  check_self(self, "close")
  if self.owner ~= core.getpid() then
    return let_go(self)
  end
  local stopped, message, errno, stage = stop(self)
  -- Not before, and not for longer than it takes: what is left in a buffer could wait for ever for a
  -- program that does not read, or for one that it has left behind.
  if io.type(self.stdin) == "file" then
    core.unblock(self.stdin)
  end
  close_pipes(self)
  if not stopped then
    return nil, message --[[@as string]], errno, stage
  end
  return self:await()
end

local function collect(self)
  if not self.pid then
    return -- it was not started
  end
  self:close()
  if self.pidfd then
    leftovers.add(self.pid, self.pidfd)
  end
end

Process.__close = Process.close
Process.__gc = collect

-- Only looks: to reap it would close the pidfd, which a loop may be watching.
local function state_of(self)
  if not self.result and self.pidfd then
    local _, has_ended = core.poll(-1, self.pidfd, -1, 0)
    return has_ended and "ended" or "running"
  end
  local _, how, code, stage = self:await()
  return stage and how or how .. " " .. code
end

function Process:__tostring()
  return ("timens.process (pid %d, %s)"):format(self.pid, state_of(self))
end

local processes = {}

---A process that has not been started, with its finalizer, for core.spawn or core.fork to fill in.
---Made after the start, it would be too late for the error that lua(1) raises for ctrl-C, or for a
---lack of memory: the program would go on, and nobody would know of it.
---@param pipes table<string, file*>
---@return timens.Process
function processes.new(pipes)
  leftovers.reap()
  local process = setmetatable({
    -- The core sets these; that they are here saves it the memory.
    pid = false,
    pidfd = false,
    route = false,
    userns = false,
    status = false,
    stdin = pipes.stdin,
    stdout = pipes.stdout,
    stderr = pipes.stderr,
    owner = core.getpid(),
    began = core.monotonic(),
  }, Process)
  compat.on_collect(process, collect)
  for _, file in pairs(pipes) do
    -- Who holds a pipe holds the process: `for line in timens.spawn(…).stdout:lines()`.
    compat.hold(file, process)
  end
  return process
end

---@param process timens.Process that the core has filled in
---@return timens.Process
function processes.started(process)
  process.route = core.route_name(process.route)
  process.userns = process.userns == 1
  running[process] = true
  return process
end

---Closes a process after a pcall, and goes on as that ended: whatever is raised, such as the error by
---which lua(1) answers ctrl-C, nothing goes on running.
---@param process timens.Process
---@param ok boolean
function processes.close_after(process, ok, ...)
  process:close()
  if not ok then
    error((...), 0)
  end
  return ...
end

---Closes all that this process has started and not waited for.
function processes.close_all()
  for process in pairs(running) do
    if process.owner == core.getpid() then
      process:close()
    end
  end
end

return processes
