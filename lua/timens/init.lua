-- SPDX-License-Identifier: MIT
-- What users call. Its documentation is in library/timens.lua, where editors look for it.

local checks = require "timens.checks"
local core = require "timens.core"
local misuse = require "timens.misuse"
local names = require "timens.names"
local options = require "timens.options"
local processes = require "timens.process"
local start = require "timens.start"
local streams = require "timens.streams"
local times = require "timens.times"

local timens = {
  _VERSION = core.VERSION,
  VERSION = core.VERSION,
  PIPE = streams.PIPE,
  DEVNULL = streams.DEVNULL,
  STDOUT = streams.STDOUT,
}

function timens.spawn(argv, opts)
  local args, taken, message, errno, stage = options.argv(argv), options.spawn(opts)
  if not taken then
    return nil, message, errno, stage
  end
  return start(args, taken)
end

function timens.run(argv, opts)
  local args, taken, message, errno, stage = options.argv(argv), options.run(opts)
  if not taken then
    return nil, message, errno, stage
  end
  local deadline = times.deadline(taken.timeout)
  local process
  process, message, errno, stage = start(args, taken)
  if not process then
    return nil, message, errno, stage
  end
  return processes.close_after(process, pcall(process.finish, process, taken.input, deadline))
end

function timens.read(pid)
  local boot_sec, boot_nsec, mono_sec, mono_nsec = core.read(names.integer(pid or 0, "pid", 0, 0x7fffffff))
  if not boot_sec then
    return nil, boot_nsec, mono_sec, mono_nsec -- message, errno, stage
  end
  return {
    boottime = { sec = boot_sec, nsec = boot_nsec },
    monotonic = { sec = mono_sec, nsec = mono_nsec },
  }
end

function timens.at(time)
  return times.at(time, "time")
end

function timens.offset_to(clock, reading)
  return times.offset_to(clock, reading)
end

function timens.enter(opts)
  local taken = options.enter(opts)
  if taken.boottime == nil and taken.monotonic == nil and taken.uptime == nil then
    misuse "enter needs boottime, monotonic or uptime"
  end
  local offsets, message, errno, stage = times.pack_offsets(taken)
  if not offsets then
    return nil, message, errno, stage
  end
  return core.enter(offsets, taken.userns or core.USERNS_AUTO)
end

function timens.join(from)
  return core.join(streams.fileno(checks.descriptor(from, "from")))
end

local function read_points()
  local points = {}
  repeat
    local name, sec, nsec, counter, effect, reported = core.point(#points)
    if name then
      points[#points + 1] = {
        name = name,
        reading = times.at({ sec, nsec }, "reading"),
        counter = counter,
        effect = effect,
        reported = reported,
      }
    end
  until not name
  return points
end

timens.points = read_points()

local KNOWN = { [0] = false, [1] = true } -- and nil for anything else

function timens.support()
  local available, userns, route, exec_enters, clone3, errno, stage, message, hint = core.support()
  return {
    available = available == 1,
    userns = userns == 1,
    route = core.route_name(route),
    exec_enters = KNOWN[exec_enters],
    clone3 = clone3 == 1,
    errno = errno,
    stage = stage,
    message = message,
    hint = hint,
  }
end

function timens.parse(text)
  return times.parse(names.text(text, "text"))
end

function timens.format(sec, nsec)
  return core.format(names.integer(sec, "sec"), names.integer(nsec or 0, "nsec", 0, 999999999))
end

return timens
