---@meta timens
-- SPDX-License-Identifier: MIT
-- For the Lua language server: what `require "timens"` gives. A spec holds it against the package.

---Start programs whose uptime clocks read what you say, by Linux time namespaces. The wall clock and
---the speed of time stay as they are.
---
---    local timens = require "timens"
---    local p <close> = assert(timens.spawn({"uptime", "-p"}, {boottime = "49d17h", stdout = timens.PIPE}))
---    print(p.stdout:read "l")
---
---What the system refuses is answered as nil, message, errno, stage; the stage is the step that failed
---("exec", "unshare", …). So is a text of a time that cannot be read, and a time that no clock can have.
---Any other wrong argument raises an error.
---@class timens
---@field VERSION string
---@field _VERSION string the same
---@field PIPE timens.Word a pipe of its own: the other end is a Lua file in the process object
---@field DEVNULL timens.Word nothing to read, and nobody reads
---@field STDOUT timens.Word for stderr: where stdout goes
---@field points timens.Point[] the readings at which counters roll over, in their order
local timens = {}

---@class timens.Word

-- -- Times --

---A number of seconds (an integer is exact up to 64 bits; a float is the shortest decimal number that
---reads back as it, so 0.1 is 100 ms and no bit less), a text such as "49d17h" or "-1000s 42ns", or a
---table {seconds, nanoseconds}. A text with an @ in front is what the clock is to read at the start:
---"@49d17h", "@u32-ms-5s".
---@alias timens.Time integer|number|string|timens.Timespec|timens.Reading

---Seconds and nanoseconds. Nanoseconds are 0 to 999999999 also when the seconds are negative: minus
---half a second is {-1, 500000000}.
---@class timens.Timespec
---@field sec integer also as [1]
---@field nsec integer? also as [2]; 0 if it is missing

---What a clock is to read, and not by how much it is moved. timens.at makes them.
---@class timens.Reading
---@field sec integer
---@field nsec integer

---@class timens.Point
---@field name string
---@field reading timens.Reading from here on the counter is wrong
---@field counter string what counts
---@field effect string what happens to it
---@field reported string failures with project and number

---Reads a span of time: "49d17h2m47.296s", "-1000s 42ns", "1.5h", "12" (seconds); or with an @ in
---front what a clock is to read: "@49d17h", "@u32-ms", "@u32-ms-5s".
---@param text string
---@return integer? sec, integer|string nsec, boolean|integer reading_or_errno, string? stage
function timens.parse(text) end

---Writes a span of time as text that timens.parse reads back to the same value.
---@param sec integer
---@param nsec integer? 0 to 999999999, also with negative seconds
---@return string? text, string? message, integer? errno, string? stage
function timens.format(sec, nsec) end

---A reading of a clock, for boottime, monotonic and uptime: timens.at("49d17h") is what the text
---"@49d17h" is.
---@param time timens.Time
---@return timens.Reading? reading, string? message, integer? errno, string? stage
function timens.at(time) end

---The offset with which a clock shows a reading now: what turns "let it read 49 days" into an offset,
---and a saved reading into one that goes on from there. Ask just before the start: time goes on.
---@param clock "boottime"|"monotonic"
---@param reading timens.Time with or without an @
---@return integer? sec, integer|string nsec, integer? errno, string? stage
function timens.offset_to(clock, reading) end

-- -- Start a program --

---@alias timens.Stream file*|integer|timens.Word a Lua file, a descriptor, PIPE, DEVNULL, STDOUT

---@alias timens.Source file*|integer|timens.Word a Lua file, a descriptor, or DEVNULL

---@alias timens.Signal integer|string a number, or a name such as "INT" or "SIGINT" in any case

---@class timens.SpawnOptions
---@field boottime timens.Time? added to CLOCK_BOOTTIME, which uptime(1) and /proc/uptime show
---@field monotonic timens.Time? added to CLOCK_MONOTONIC; without both, the program gets no namespace
---@field uptime timens.Time? what both clocks are to read at the start, with or without an @
---@field executable string? the program, if it is not argv[1]
---@field file string? another name for `executable`
---@field cwd string? where it starts; a relative program is searched from there
---@field env table<string, string|number>? its whole environment; nil: this one's
---@field stdin timens.Stream? nil: this one's; so for stdout and stderr
---@field stdout timens.Stream?
---@field stderr timens.Stream? also timens.STDOUT
---@field fds table<integer, timens.Source>? {[target] = source}: further descriptors of it, from 3 up
---@field close_fds boolean? true (as without it): the program gets 0, 1, 2 and those in fds only
---@field start_new_session boolean? setsid(2)
---@field process_group integer? the group to join; 0: one of its own, which a new session has anyway
---@field tty (file*|integer)? its controlling terminal, with start_new_session
---@field foreground boolean? its process group is the foreground one of `tty`
---@field user (integer|string)? its user, by id or name: real, effective and saved
---@field group (integer|string)? its group
---@field extra_groups (integer|string)[]? all its supplementary groups
---@field umask (integer|string)? of the files it makes: 18 or "022", a text being octal
---@field nice integer? added to the niceness
---@field rlimits table<string, number|number[]>? setrlimit(2): {NOFILE = 64} is the soft and the hard limit,
---  {NOFILE = {64, 1024}} one each; math.huge is none
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
function timens.spawn(argv, opts) end

---@class timens.RunOptions: timens.SpawnOptions
---@field capture boolean? collect stdout and stderr, as far as they are not sent elsewhere
---@field input string? what the program reads from its stdin
---@field timeout timens.Time? when it is over, the program is killed; a number below 0 is 0

---@class timens.Result
---@field ok true? the exit status was 0, and it was in time
---@field how "exit"|"signal"
---@field code integer exit status or signal number
---@field stdout string? if it was captured
---@field stderr string? if it was captured
---@field duration number seconds from the start until its end was seen
---@field timed_out boolean it was killed, or left a pipe open to others, when the time was over

---Runs a program and waits for its end.
---
---    local r = assert(timens.run({"make", "check"}, {boottime = "49d17h", capture = true, timeout = 60}))
---    if not r.ok then io.stderr:write(r.stderr) end
---
---@param argv string[]
---@param opts timens.RunOptions?
---@return timens.Result? result
---@return string? message, integer? errno, string? stage
function timens.run(argv, opts) end

---A started program. It goes away with its object: when that is closed (also by `local p <close>`) or
---collected, as at the end of the interpreter, the program is killed if it still runs, reaped, and its
---pipes are closed. `os.exit(code)` ends this process and not the interpreter, and collects nothing: call
---os.exit(code, true), or start programs with kill_with_parent.
---@class timens.Process
---@field pid integer
---@field pidfd integer? until the program has been waited for; readable when it has ended
---@field route "clone3"|"vfork"|"fork" how it got into its namespace
---@field userns boolean whether it is in a user namespace of its own
---@field stdin file*? the writing end, if stdin was timens.PIPE
---@field stdout file*? the reading end, if stdout was timens.PIPE
---@field stderr file*? the reading end, if stderr was timens.PIPE
local Process = {}

---Waits until the program has ended. Answers as os.execute does, and each time the same; or nil,
---"timeout"; or, if somebody else has reaped it, nil, message, errno, stage. Nothing else of this Lua runs
---meanwhile, no coroutine either.
---@param timeout timens.Time? nil: as long as it takes; a number below 0 is 0
---@return true? ok for an exit status of 0
---@return "exit"|"signal"|"timeout"|string how
---@return integer? code exit status, signal number, or errno
---@return string? stage
function Process:wait(timeout) end

---As wait, but does not wait: nil, "running" for a program that has not ended.
---@return true? ok
---@return "exit"|"signal"|"running"|string how
---@return integer? code
---@return string? stage
function Process:poll() end

---Sends a signal, by the pidfd: never to another program that got the same pid.
---@param signal timens.Signal? nil: "TERM"
---@return true? ok, string? message, integer? errno, string? stage
function Process:kill(signal) end

---Writes all input, after what has been written to stdin before, and collects all output, without a
---deadlock on full pipes, until the program has ended and its pipes too. After nil, "timeout" it goes
---on running; another call goes on too, and nothing is lost. What has been read from the files of the
---object before is not in the result.
---@param input string? for stdin, which is closed after it
---@param timeout timens.Time? nil: as long as it takes
---@return timens.Result? result, string? message, integer? errno, string? stage
function Process:communicate(input, timeout) end

---Kills the program if it still runs, reaps it and closes its pipes. Answers as wait does; or, if it
---may not be killed because it runs as somebody else, nil, message, errno, stage: then it goes on.
---@return true? ok, string how, integer? code, string? stage
function Process:close() end

-- -- Move in, look at --

---The offsets of a process, as the kernel keeps them: relative to the initial namespace.
---@param pid integer? nil: this process
---@return {boottime: timens.Timespec, monotonic: timens.Timespec}? offsets
---@return string? message, integer? errno, string? stage
function timens.read(pid) end

---Moves this process itself into a new time namespace. It must have one thread. After an error at
---stage "map", "write" or "enter" it may be half way there: end it.
---@param opts {boottime: timens.Time?, monotonic: timens.Time?, uptime: timens.Time?, userns: string?}
---@return true? ok, string? message, integer? errno, string? stage
function timens.enter(opts) end

---Moves this process into the time namespace that a descriptor stands for: a pidfd (such as
---process.pidfd), or a file of /proc/PID/ns/time. It must have one thread.
---@param from integer|file*
---@return true? ok, string? message, integer? errno, string? stage
function timens.join(from) end

---@class timens.Support
---@field available boolean a start with boottime or monotonic works
---@field userns boolean by means of a user namespace
---@field route string the one that "auto" takes
---@field exec_enters boolean? Linux 6.2: exec moves into the namespace; nil: not known
---@field clone3 boolean clone3 is there; false: refused by a filter
---@field errno integer? why it is not available
---@field stage string?
---@field message string?
---@field hint string? what to do about it; may be empty

---What this machine can do for this process, found by doing it.
---@return timens.Support
function timens.support() end

return timens
