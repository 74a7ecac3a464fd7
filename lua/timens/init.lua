-- SPDX-License-Identifier: MIT
---Start programs whose uptime clocks read what you say, by Linux time namespaces. The wall clock and
---the speed of time stay as they are.
---
---    local timens = require "timens"
---    local p <close> = assert(timens.spawn({"uptime", "-p"}, {boottime = "49d17h", stdout = timens.PIPE}))
---    print(p.stdout:read("l"))
---
---What the system refuses is answered as nil, message, errno, stage; the stage is the step that failed
---("exec", "unshare", …). A wrong argument raises an error.

local core = require "timens.core"
local new_conversation = require "timens.conversation"
local new_process = require "timens.process"
local misuse = require "timens.misuse"
local options = require "timens.options"
local streams = require "timens.streams"
local times = require "timens.times"

local timens = {
  _VERSION = core.VERSION,
  VERSION = core.VERSION,
  PIPE = streams.PIPE,
  DEVNULL = streams.DEVNULL,
  STDOUT = streams.STDOUT,
}

---@class timens.SpawnOptions
---@field boottime timens.Time? added to CLOCK_BOOTTIME, which uptime(1) and /proc/uptime show
---@field monotonic timens.Time? added to CLOCK_MONOTONIC; without both, the program gets no namespace
---@field uptime timens.Time? what both clocks are to read at the start, with or without an @
---@field file string? the program, if it is not argv[1]
---@field cwd string? where it starts; a relative program is searched from there
---@field env table<string, string|number>? its whole environment; nil: this one's
---@field stdin timens.Stream? nil: this one's; so for stdout and stderr
---@field stdout timens.Stream?
---@field stderr timens.Stream? also timens.STDOUT
---@field close_fds boolean? true (as without it): the program gets 0, 1 and 2 only
---@field start_new_session boolean? setsid(2)
---@field process_group integer? the group to join; 0: one of its own
---@field user integer? its user id, real, effective and saved
---@field group integer? its group id
---@field extra_groups integer[]? all its supplementary groups
---@field umask integer? of the files it makes
---@field nice integer? added to the niceness
---@field no_new_privs boolean? it cannot gain privileges by exec
---@field kill_with_parent boolean? it is killed when this thread ends
---@field userns "auto"|"never"|"always"|nil "auto": a user namespace if privileges are missing
---@field route "auto"|"clone3"|"vfork"|"fork"|nil how the program gets in; "auto": the fastest

-- Options to flags of the core.
local FLAGS = {
  start_new_session = core.SPAWN_SETSID,
  process_group = core.SPAWN_SET_PGROUP,
  user = core.SPAWN_SET_UID,
  group = core.SPAWN_SET_GID,
  extra_groups = core.SPAWN_SET_GROUPS,
  umask = core.SPAWN_SET_UMASK,
  no_new_privs = core.SPAWN_NO_NEW_PRIVS,
  kill_with_parent = core.SPAWN_KILL_WITH_PARENT,
}

local function flags_of(opts)
  local flags = opts.close_fds == false and 0 or core.SPAWN_CLOSE_FDS
  for name, flag in pairs(FLAGS) do
    if opts[name] then
      flags = flags | flag
    end
  end
  return flags
end

-- struct bind_numbers
local function pack_numbers(opts)
  return string.pack(
    "=I8I8I8I8 I4I4I4I4I4 i4i4i4i4",
    flags_of(opts),
    0,
    0,
    0,
    opts.userns or core.USERNS_AUTO,
    opts.route or core.ROUTE_AUTO,
    opts.user or 0,
    opts.group or 0,
    opts.umask or 0,
    opts.process_group or 0,
    0,
    0,
    opts.nice or 0
  )
end

local function start(argv, opts, offsets)
  local wiring, message, errno, stage = streams.connect(opts)
  if not wiring then
    return nil, message, errno, stage
  end
  local pid, pidfd, route, userns = core.spawn(
    opts.file,
    argv,
    opts.env,
    opts.cwd,
    offsets,
    wiring.fds,
    opts.extra_groups,
    nil,
    pack_numbers(opts)
  )
  wiring:release(pid ~= nil)
  if not pid then
    return nil, pidfd, route, userns -- message, errno, stage
  end
  return new_process(pid, pidfd, route, userns, wiring.ours)
end

-- With arguments that have been checked.
local function spawn(argv, opts)
  if opts.boottime == nil and opts.monotonic == nil and opts.uptime == nil then
    return start(argv, opts)
  end
  local offsets, message, errno, stage = times.pack_offsets(opts)
  if not offsets then
    return nil, message, errno, stage
  end
  return start(argv, opts, offsets)
end

---Starts a program. It is running its own code when this returns.
---@param argv string[] e.g. {"uptime", "-p"}; without a slash it is searched in PATH; no shell
---@param opts timens.SpawnOptions?
---@return timens.Process? process
---@return string? message, integer? errno, string? stage
function timens.spawn(argv, opts)
  return spawn(options.argv(argv), options.spawn(opts))
end

---@class timens.RunOptions: timens.SpawnOptions
---@field capture boolean? collect stdout and stderr, as far as they are not sent elsewhere
---@field input string? what the program reads from its stdin
---@field timeout timens.Time? when it is over, the program is killed

---@class timens.Result
---@field ok true? the exit status was 0
---@field how "exit"|"signal"
---@field code integer exit status or signal number
---@field stdout string? with capture
---@field stderr string? with capture
---@field timed_out boolean it was killed, or left a pipe open to others, when the time was over

-- To the end of the program and of its output, whatever comes last.
local function converse(process, conversation, deadline)
  local ok, message, errno, stage = conversation:go_on(deadline)
  if not ok then
    return nil, message, errno, stage
  end
  local _, how, code
  _, how, code, stage = process:await(deadline)
  if stage then
    return nil, how, code, stage
  end
  local timed_out = how == "timeout" or next(conversation.files) ~= nil
  if timed_out then
    process:kill "KILL"
    conversation:go_on(core.monotonic())
  end
  return { timed_out = timed_out }
end

---Runs a program and waits for its end.
---
---    local r = assert(timens.run({"make", "check"}, {boottime = "49d17h", capture = true, timeout = 60}))
---    if not r.ok then io.stderr:write(r.stderr) end
---
---@param argv string[]
---@param opts timens.RunOptions?
---@return timens.Result? result
---@return string? message, integer? errno, string? stage
function timens.run(argv, opts)
  local args, taken = options.argv(argv), options.run(opts)
  local deadline = times.deadline(taken.timeout)
  local process <close>, message, errno, stage = spawn(args, taken)
  if not process then
    return nil, message, errno, stage
  end
  local conversation = new_conversation(process, taken.input)
  local result
  result, message, errno, stage = converse(process, conversation, deadline)
  if not result then
    return nil, message, errno, stage
  end
  result.ok, result.how, result.code, stage = process:close()
  if stage then
    return nil, result.how, result.code, stage
  end
  result.stdout, result.stderr = conversation:text "stdout", conversation:text "stderr"
  return result
end

local function integer(value, name)
  if math.type(value) ~= "integer" then
    misuse("%s: expected an integer, got a %s", name, math.type(value) or type(value))
  end
  return value
end

---The offsets of a process, as the kernel keeps them: relative to the initial namespace.
---@param pid integer? nil: this process
---@return {boottime: timens.Timespec, monotonic: timens.Timespec}? offsets
---@return string? message, integer? errno, string? stage
function timens.read(pid)
  local boot_sec, boot_nsec, mono_sec, mono_nsec = core.read(integer(pid or 0, "pid"))
  if not boot_sec then
    return nil, boot_nsec, mono_sec, mono_nsec -- message, errno, stage
  end
  return {
    boottime = { sec = boot_sec, nsec = boot_nsec },
    monotonic = { sec = mono_sec, nsec = mono_nsec },
  }
end

---@class timens.Support
---@field available boolean a start with boottime or monotonic works
---@field userns boolean by means of a user namespace
---@field route string the one that "auto" takes
---@field exec_enters boolean? Linux 6.2: exec moves into the namespace; nil: not known
---@field clone3 boolean clone3 is usable
---@field errno integer? why it is not available
---@field stage string?
---@field message string?
---@field hint string? what to do about it; may be empty

local KNOWN = { [0] = false, [1] = true } -- and nil for anything else

---A reading of a clock, for boottime, monotonic and uptime: timens.at("49d17h") is what the text
---"@49d17h" is.
---@param time timens.Time
---@return timens.Reading
function timens.at(time)
  return times.at(time, "time")
end

---Moves this process itself into a new time namespace. It must have one thread. After an error at
---stage "map", "write" or "enter" it may be half way there: end it.
---@param opts {boottime: timens.Time?, monotonic: timens.Time?, uptime: timens.Time?, userns: string?}
---@return true? ok, string? message, integer? errno, string? stage
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

---Moves this process into the time namespace that a descriptor stands for: a pidfd (such as
---process.pidfd), or a file of /proc/PID/ns/time. It must have one thread.
---@param from integer|file*
---@return true? ok, string? message, integer? errno, string? stage
function timens.join(from)
  return core.join(io.type(from) == "file" and core.fileno(from) or integer(from, "from"))
end

---@class timens.Point
---@field name string
---@field reading timens.Reading from here on the counter is wrong
---@field counter string what counts
---@field effect string what happens to it
---@field reported string failures with project and number

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

---The readings at which counters roll over, in their order.
---@type timens.Point[]
timens.points = read_points()

---What this machine can do for this process, found by doing it.
---@return timens.Support
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

---Reads a span of time: "49d17h2m47.296s", "-1000s 42ns", "1.5h", "12" (seconds); or with an @ in
---front what a clock is to read: "@49d17h", "@u32-ms", "@u32-ms-5s".
---@param text string
---@return integer? sec, integer|string nsec, boolean|integer reading_or_errno, string? stage
function timens.parse(text)
  if type(text) ~= "string" then
    misuse("text: expected a string, got a %s", type(text))
  end
  local sec, nsec, reading, stage = core.parse(text)
  if not sec then
    return nil, nsec, reading, stage -- message, errno, stage
  end
  return sec, nsec, reading == 1
end

---Writes a span of time as text that timens.parse reads back to the same value.
---@param sec integer
---@param nsec integer? 0 to 999999999, also with negative seconds
---@return string? text, string? message, integer? errno, string? stage
function timens.format(sec, nsec)
  return core.format(integer(sec, "sec"), integer(nsec or 0, "nsec"))
end

return timens
