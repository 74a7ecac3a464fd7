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

local compat = require "timens.compat"
local core = require "timens.core"
local misuse = require "timens.misuse"
local options = require "timens.options"
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

---@class timens.SpawnOptions
---@field boottime timens.Time? added to CLOCK_BOOTTIME, which uptime(1) and /proc/uptime show
---@field monotonic timens.Time? added to CLOCK_MONOTONIC; without both, the program gets no namespace
---@field uptime timens.Time? what both clocks are to read at the start, with or without an @
---@field executable string? the program, if it is not argv[1]; `file` is another name for it
---@field cwd string? where it starts; a relative program is searched from there
---@field env table<string, string|number>? its whole environment; nil: this one's
---@field stdin timens.Stream? nil: this one's; so for stdout and stderr
---@field stdout timens.Stream?
---@field stderr timens.Stream? also timens.STDOUT
---@field fds table<integer, file*|integer|table>? from 3 up: what further descriptors of it are: a
---  file, a descriptor or timens.DEVNULL of this process
---@field close_fds boolean? true (as without it): the program gets 0, 1, 2 and those in fds only
---@field start_new_session boolean? setsid(2)
---@field process_group integer? the group to join; 0: one of its own
---@field tty (file*|integer)? its controlling terminal; with start_new_session
---@field foreground boolean? its group is the foreground one of `tty`
---@field user integer? its user id, real, effective and saved
---@field group integer? its group id
---@field extra_groups integer[]? all its supplementary groups
---@field umask integer? of the files it makes
---@field nice integer? added to the niceness
---@field rlimits table<string, integer|number[]>? limits of setrlimit(2): {NOFILE = 64} is both the
---  soft and the hard one, {NOFILE = {64, 1024}} each; math.huge: no limit
---@field cgroup (string|file*|integer)? a folder of cgroup v2 to start in, or a descriptor of it
---@field restore_signals boolean? true (as without it): SIGPIPE is not ignored in it
---@field sigmask (timens.Signal[]|"inherit")? the signals it has blocked; nil: none
---@field sigignore timens.Signal[]? the signals it ignores
---@field sigdefault timens.Signal[]? those it does not, though this process does
---@field shell_scripts boolean? a script without #! goes to /bin/sh, as execvp(3) does it
---@field no_new_privs boolean? it cannot gain privileges by exec
---@field kill_with_parent boolean? it is killed when this thread ends
---@field userns "auto"|"never"|"always"|nil "auto": a user namespace if privileges are missing
---@field uid_maps integer[][]? ids of its user namespace, {{inside, outside, count}, …}
---@field gid_maps integer[][]?
---@field route "auto"|"clone3"|"vfork"|"fork"|nil how the program gets in; "auto": the fastest

---Starts a program. It is running its own code when this returns.
---@param argv string[] e.g. {"uptime", "-p"}; without a slash it is searched in PATH; no shell
---@param opts timens.SpawnOptions?
---@return timens.Process? process
---@return string? message, integer? errno, string? stage
function timens.spawn(argv, opts)
  return start(options.argv(argv), options.spawn(opts))
end

---@class timens.RunOptions: timens.SpawnOptions
---@field capture boolean? collect stdout and stderr, as far as they are not sent elsewhere
---@field input string? what the program reads from its stdin
---@field timeout timens.Time? when it is over, the program is killed

-- Whatever happens, such as the error by which lua(1) answers ctrl-C: nothing goes on running.
local function close(process, ok, ...)
  process:close()
  if not ok then
    error((...), 0)
  end
  return ...
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
  local process, message, errno, stage = start(args, taken)
  if not process then
    return nil, message, errno, stage
  end
  return close(process, pcall(process.finish, process, taken.input, deadline))
end

local function integer(value, name)
  if compat.math_type(value) ~= "integer" then
    misuse("%s: expected an integer, got a %s", name, compat.math_type(value) or type(value))
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

---The offset with which a clock shows a reading now: what turns "let it read 49 days" into an offset,
---and a saved reading into one that goes on from there.
---@param clock "boottime"|"monotonic"
---@param reading timens.Time with or without an @
---@return integer? sec, integer|string nsec, integer? errno, string? stage
function timens.offset_to(clock, reading)
  return times.offset_to(clock, reading)
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
  return times.parse(text)
end

---Writes a span of time as text that timens.parse reads back to the same value.
---@param sec integer
---@param nsec integer? 0 to 999999999, also with negative seconds
---@return string? text, string? message, integer? errno, string? stage
function timens.format(sec, nsec)
  return core.format(integer(sec, "sec"), integer(nsec or 0, "nsec"))
end

return timens
