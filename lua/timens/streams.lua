-- SPDX-License-Identifier: MIT
-- The three standard streams of a program: what may be given, and the pipes behind it.

local compat = require "timens.compat"
local core = require "timens.core"
local misuse = require "timens.misuse"
local names = require "timens.names"

local streams = {}

local function word(name)
  return setmetatable({}, {
    __name = name,
    __tostring = function()
      return name
    end,
  })
end

---A pipe of its own: the other end is a Lua file in the process object.
streams.PIPE = word "timens.PIPE"
---Nothing to read, and nobody reads.
streams.DEVNULL = word "timens.DEVNULL"
---For stderr: where stdout goes.
streams.STDOUT = word "timens.STDOUT"

---Their descriptors are 0, 1, 2.
streams.NAMES = { "stdin", "stdout", "stderr" }

---@param value any
function streams.is_descriptor(value)
  local integer = compat.tointeger(value)
  return integer ~= nil and integer >= 0 and integer <= 0x7fffffff
end

---@param value file*|integer
---@return integer
function streams.fileno(value)
  return io.type(value) and core.fileno(value) or value --[[@as integer]]
end

---@param value timens.Stream
---@param name string
function streams.check(value, name)
  if value == streams.STDOUT and name ~= "stderr" then
    misuse("%s: timens.STDOUT is for stderr", name)
  elseif io.type(value) == "closed file" then
    misuse("%s: the file is closed", name)
  elseif
    value ~= streams.PIPE
    and value ~= streams.DEVNULL
    and value ~= streams.STDOUT
    and not streams.is_descriptor(value)
    and not io.type(value)
  then
    local advice = type(value) == "string" and "; io.open opens files, input of timens.run is a text" or ""
    local wanted = "%s: expected timens.PIPE, timens.DEVNULL, a file or a descriptor, got %s%s"
    misuse(wanted, name, names.got(value), advice)
  end
  return value
end

---@class timens.Wiring
---@field fds string what the core takes
---@field ours table<string, file*> the ends that stay here
---@field sources table<string, integer> what stands behind each, here
---@field theirs file*[] the ends of the program, to be closed here once it has them
local Wiring = {}
Wiring.__index = Wiring

function Wiring:open_pipe(name)
  local reader, writer, errno = core.pipe()
  if not reader then
    return nil, name .. ": " .. writer, errno, "prepare"
  end
  local theirs = name == "stdin" and reader or writer
  self.ours[name] = name == "stdin" and writer or reader
  table.insert(self.theirs, theirs)
  return core.fileno(theirs)
end

-- What is still in the buffer comes before what the program writes, or is read again by it.
local function flush(file, name)
  local ok, message, errno = core.flush(file)
  if not ok then
    return nil, name .. ": " .. message, errno, "fds"
  end
  return core.fileno(file)
end

---The descriptor behind what was asked for.
function Wiring:source(name, value)
  if value == streams.PIPE then
    return self:open_pipe(name)
  elseif value == streams.DEVNULL then
    return core.FD_NULL
  elseif value == streams.STDOUT then
    return self.sources.stdout or 1
  elseif io.type(value) then
    return flush(value, name)
  end
  return value
end

function Wiring:add(target, name, value)
  local source, message, errno, stage = self:source(name, value)
  if not source then
    return nil, message, errno, stage
  end
  self.sources[name] = source
  self.fds = self.fds .. core.pack("44", target, source)
  return true
end

function Wiring:connect(opts)
  for i, name in ipairs(streams.NAMES) do
    if opts[name] ~= nil then
      local ok, message, errno, stage = self:add(i - 1, name, opts[name])
      if not ok then
        return nil, message, errno, stage
      end
    end
  end
  for target, value in pairs(opts.fds or {}) do
    local ok, message, errno, stage = self:add(target, ("fds[%d]"):format(target), value)
    if not ok then
      return nil, message, errno, stage
    end
  end
  return true
end

---Closes the program's ends here; all ends, if it was not started.
---@param started boolean
function Wiring:release(started)
  for _, file in ipairs(self.theirs) do
    file:close()
  end
  if not started then
    for _, file in pairs(self.ours) do
      file:close()
    end
  end
end

-- A program that has our stdout or stderr, whatever it is called there, must not overtake what we have
-- printed.
local function flush_ours()
  for _, file in ipairs { io.stdout, io.stderr } do
    if io.type(file) == "file" and core.pending(file) > 0 then
      core.flush(file) -- by the file's own flush, a pipe that nobody reads would end us by SIGPIPE
    end
  end
end

---@param opts timens.SpawnOptions checked
---@return timens.Wiring? wiring, string? message, integer? errno, string? stage
function streams.connect(opts)
  flush_ours()
  local wiring = setmetatable({ fds = "", ours = {}, theirs = {}, sources = {} }, Wiring)
  local ok, message, errno, stage = wiring:connect(opts)
  if not ok then
    wiring:release(false)
    return nil, message, errno, stage
  end
  return wiring
end

return streams
