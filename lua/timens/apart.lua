-- SPDX-License-Identifier: MIT
-- Runs the block of a test in a copy of this process, and concludes the test as the block did there.

local busted = require "busted"
local compat = require "timens.compat"
local core = require "timens.core"
local processes = require "timens.process"
local timens = require "timens"

-- The test that runs; busted shows it to those who ask.
local current
busted.subscribe({ "test", "start" }, function(element)
  current = element
  return nil, true
end)

-- -- A report: strings, one after the other, through a pipe --

local function encode(fields)
  local parts = {}
  for i, field in ipairs(fields) do
    parts[i] = ("%d:%s"):format(#field, field)
  end
  return table.concat(parts)
end

local function decode(text)
  local fields, at = {}, 1
  while at <= #text do
    local size, start = text:match("^(%d+):()", at)
    at = start + size
    fields[#fields + 1] = text:sub(start, at - 1)
  end
  return fields
end

-- -- In the copy --

local function type_of(err)
  local metatable = debug.getmetatable(err)
  return type(metatable) == "table" and metatable.__type or "error"
end

local function text_of(err)
  if err == nil then
    return "Nil error"
  elseif type(err) == "string" or (debug.getmetatable(err) or {}).__tostring then
    return tostring(err)
  end
  return require("pl.pretty").write(err)
end

local BUSTED = debug.getinfo(busted.fail, "S").source:match "^(.*[/\\])"

local function is_behind_the_scenes(info)
  return info.what == "C" or info.short_src:match "luassert[/\\].*%.lua$" or info.source:sub(1, #BUSTED) == BUSTED
end

-- Where an error was raised, as busted finds it; called by its handler. As busted's, the trace ends
-- where C called the block.
local function position_of()
  local level = 3
  local info = debug.getinfo(level, "Sl")
  while info and is_behind_the_scenes(info) do
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  local trace = debug.traceback("", level)
  return info, trace:match "^(.-\n)%s*%[C%]" or trace
end

local function with_position(message, place)
  if message:match "^[^\n]-:%d+: " then
    return message
  end
  return ("%s:%d: %s"):format(place.short_src, place.currentline, message)
end

local function report_error(err)
  local info, trace = position_of()
  local message = with_position(text_of(err), info)
  return { type_of(err), message, info.short_src, tostring(info.currentline), trace }
end

-- What `finally` in the block is given would be called outside, where nothing is known of it.
local function run_block(block)
  local finally
  current.env.finally = function(last)
    finally = last
  end
  local ok, report = xpcall(block, report_error)
  if finally then
    local cleared, why = xpcall(finally, report_error)
    if ok then
      ok, report = cleared, why
    end
  end
  return ok and { "success" } or report
end

local function run_there(opts, block)
  local ok, message, _, stage = timens.enter(opts)
  if not ok then
    return { "refused", message, stage }
  end
  local report = run_block(block)
  processes.close_all()
  return report
end

-- -- Outside --

-- Makes an error that busted takes for one of its own.
local makers = {
  failure = function(message)
    return select(2, pcall(busted.fail, message))
  end,
  pending = function(message)
    return select(2, pcall(current.env.pending, message))
  end,
  error = function()
    return setmetatable({}, {
      __tostring = function(self)
        return self.message
      end,
    })
  end,
}

-- Of the error that is on its way to busted, which tells us next. (From busted 2.2 on, the trace has the
-- text of the error and not the error itself.)
local place_of_error

-- Ends the test as it ended there, or as somebody else says.
local function conclude(kind, message, place)
  local err = makers[kind](message)
  err.message = with_position(message, place)
  place_of_error = place
  error(err, 0)
end

local function restore_place(_, _, _, trace)
  local place = trace and place_of_error or {}
  place_of_error = nil
  for _, name in ipairs { "short_src", "currentline", "traceback" } do
    trace[name] = place[name] or trace[name]
  end
  return nil, true
end

for kind in pairs(makers) do
  -- Before those that print it.
  busted.subscribe({ kind, "it" }, restore_place, { priority = 1 })
end

-- At these the time asked for is wrong, and not the machine.
local WRONG_TIME = { args = true, offsets = true, parse = true }

-- As for pytest: anything but an empty text or 0.
local function is_required()
  local value = os.getenv "TIMENS_REQUIRE" or ""
  return value ~= "" and value ~= "0"
end

local function refuse(message, stage, place)
  if WRONG_TIME[stage] then
    conclude("error", message, place)
  elseif is_required() then
    conclude("error", "not possible here, which TIMENS_REQUIRE forbids: " .. message, place)
  end
  conclude("pending", message, place)
end

local function answer(report, place)
  local kind, message, short_src, currentline, traceback = compat.unpack(report)
  if kind == "refused" then
    refuse(message, short_src, place) -- the stage
  elseif kind ~= "success" then
    conclude(kind, message, {
      short_src = short_src,
      currentline = tonumber(currentline),
      traceback = traceback,
    })
  end
end

local function start_copy(test)
  local reader, writer = core.pipe()
  if not reader then
    error(writer, 0)
  end
  local process = processes.new { stdout = reader }
  -- What is to be killed once the time is over has a group of its own; else ctrl-C is for it too.
  local pid, message = core.fork(test.timeout ~= nil, process)
  if pid == 0 then
    reader:close()
    writer:write(encode(run_there(test.opts, test.block)))
    writer:close()
    core.leave(0)
  end
  writer:close()
  if not pid then
    error("fork: " .. message, 0)
  end
  return processes.started(process)
end

local function converse(process, timeout)
  local result, message = process:communicate(nil, timeout)
  if message == "timeout" then
    core.kill_group(process.pid)
    message = ("was not done after %s, and was killed"):format(tostring(timeout))
  elseif result and result.stdout == "" then
    result, message = nil, ("its process ended on the way: %s %d"):format(result.how, result.code)
  end
  return result, message
end

---@class timens.Apart
---@field opts table for timens.enter
---@field block function
---@field timeout timens.Time?
---@field place table where it is written

---@param test timens.Apart
return function(test)
  local process = start_copy(test)
  local result, message = processes.close_after(process, pcall(converse, process, test.timeout))
  if not result then
    conclude("error", message, test.place)
  end
  answer(decode(result.stdout), test.place)
end
