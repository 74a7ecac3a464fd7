-- SPDX-License-Identifier: MIT
-- Input into a program and output out of it, at the same time.

local compat = require "timens.compat"
local core = require "timens.core"
local streams = require "timens.streams"
local times = require "timens.times"

---@class timens.Conversation
---@field files table<string, file*> the pipes that are still open
---@field input string
---@field flushed boolean? the file has nothing of its own any more
---@field written integer how much of it the program has
---@field chunks table<string, string[]> what came, in order
---@field failure table? message, errno, stage
local Conversation = {}
Conversation.__index = Conversation

function Conversation:finish(name)
  self.files[name]:close()
  self.files[name] = nil
end

-- The other pipes go on: what has come so far must not be lost to a deadlock.
function Conversation:fail(name, message, errno)
  self.failure = self.failure or { name .. ": " .. message, errno, "wait" }
  self:finish(name)
end

-- What somebody has written before, and is still in the buffer, comes first.
function Conversation:flush()
  self.flushed = true
  local ok, message, errno = core.flush(self.files.stdin)
  if errno == core.EPIPE then
    self:finish "stdin"
  elseif not ok then
    self:fail("stdin", message, errno)
  elseif self.input == "" then
    self:finish "stdin"
  end
end

-- A program that does not want all of its input is no failure.
function Conversation:write()
  if not self.flushed then
    return self:flush()
  end
  local fd = core.fileno(self.files.stdin)
  local count, message, errno = core.write_some(fd, self.input, self.written + 1)
  if not count and errno ~= core.EPIPE then
    return self:fail("stdin", message, errno)
  end
  self.written = self.written + (count or 0)
  if not count or self.written == #self.input then
    self:finish "stdin"
  end
end

function Conversation:read(name)
  local chunk, message, errno = core.read_some(core.fileno(self.files[name]))
  if not chunk then
    self:fail(name, message, errno)
  elseif chunk == "" then
    self:finish(name)
  else
    table.insert(self.chunks[name], chunk)
  end
end

function Conversation:fd(name)
  if io.type(self.files[name]) == "closed file" then
    self.files[name] = nil -- between two calls, by somebody who does not want the rest
  end
  return self.files[name] and core.fileno(self.files[name]) or -1
end

-- One look at all pipes.
function Conversation:step(deadline)
  local stdin, stdout, stderr =
    core.poll(self:fd "stdin", self:fd "stdout", self:fd "stderr", times.left(deadline))
  if stdin == nil then
    return self:fail(next(self.files), stdout --[[@as string]], stderr)
  end
  if stdin then
    self:write()
  end
  if stdout then
    self:read "stdout"
  end
  if stderr then
    self:read "stderr"
  end
end

---Goes on until all pipes have ended, or the deadline is over; looks once at least.
---@param deadline integer?
---@return true? ok, string? message, integer? errno, string? stage
function Conversation:go_on(deadline)
  while next(self.files) do
    self:step(deadline)
    if deadline and core.monotonic() >= deadline then
      break
    end
  end
  if self.failure then
    return nil, compat.unpack(self.failure)
  end
  return true
end

---What the program has written; nil if that was not captured.
---@param name "stdout"|"stderr"
---@return string?
function Conversation:text(name)
  return self.chunks[name] and table.concat(self.chunks[name])
end

---@param process timens.Process
---@param input string?
---@return timens.Conversation
return function(process, input)
  local self = setmetatable({ files = {}, input = input or "", written = 0, chunks = {} }, Conversation)
  for _, name in ipairs(streams.NAMES) do
    self.files[name] = io.type(process[name]) == "file" and process[name] or nil
  end
  for _, name in ipairs { "stdout", "stderr" } do
    -- What the file has read ahead comes first; poll knows nothing of it.
    self.chunks[name] = self.files[name] and { core.read_ahead(self.files[name]) }
  end
  if self.files.stdin then
    -- A program that reads slowly must not hold up what it writes.
    core.unblock(self.files.stdin)
    if self.input == "" and core.pending(self.files.stdin) == 0 then
      self:finish "stdin"
    end
  end
  return self
end
