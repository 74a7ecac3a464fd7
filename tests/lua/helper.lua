-- SPDX-License-Identifier: MIT
-- What the specs share; also with the Lua programs that they start, so without anything of busted's.

local compat = require "timens.compat"
local core = require "timens.core"
local lfs = require "lfs"
local timens = require "timens"

local helper = {}

local NS = 1000000000
local O_CLOEXEC = 0x80000
local HERE = debug.getinfo(1, "S").source:match "^@(.*)helper%.lua$"

local programs = os.getenv "TIMENS_TEST_PROGRAMS"
if not programs then
  error("TIMENS_TEST_PROGRAMS must name the folder with the test programs (of the build)", 0)
end

---The errnos that specs expect; the numbers are those of every architecture the core is for.
helper.errno = {
  EPERM = 1,
  ENOENT = 2,
  ESRCH = 3,
  E2BIG = 7,
  ENOEXEC = 8,
  EBADF = 9,
  ECHILD = 10,
  EACCES = 13,
  EBUSY = 16,
  ENOTDIR = 20,
  EINVAL = 22,
  ENOSPC = 28,
  ERANGE = 34,
}

---Before Lua 5.3 all numbers are doubles.
helper.has_integers = math.type ~= nil
helper.max_integer = math.maxinteger or 2 ^ 53
helper.min_integer = math.mininteger or -2 ^ 63

---LuaJIT closes the files it has by itself, and so the pipes of a program have no buffers.
helper.has_buffers = not jit

---The interpreter that runs this.
helper.lua_program = lfs.symlinkattributes("/proc/self/exe", "target")

function helper.program(name)
  return programs .. "/" .. name
end

---The spec ends here, since this machine cannot do it; with TIMENS_REQUIRE=1 that is a failure.
---@param pending function busted's, which it gives to specs only
function helper.skip(pending, reason)
  if os.getenv "TIMENS_REQUIRE" == "1" then
    error("skipped, which TIMENS_REQUIRE=1 forbids: " .. reason, 0)
  end
  pending(reason)
end

-- -- Files --

function helper.slurp(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local kept = {}

---For objects with a close, which close_kept closes after the case, whatever happens.
function helper.keep(object)
  table.insert(kept, object)
  return object
end

---For after_each.
function helper.close_kept()
  for i = #kept, 1, -1 do
    table.remove(kept, i):close()
  end
end

---A test vector of all languages.
function helper.vectors(name)
  local text = helper.slurp(HERE .. "../vectors/" .. name .. ".json")
  return assert(require("dkjson").decode(text))
end

---Calls a function with the path of an empty folder, which is gone afterwards.
function helper.with_folder(use)
  local folder = os.tmpname()
  assert(os.remove(folder))
  assert(lfs.mkdir(folder))
  local ok, message = xpcall(function()
    use(folder)
  end, function(err)
    return type(err) == "string" and debug.traceback(err) or err
  end)
  assert(timens.run({ "rm", "-r", folder }).ok)
  if not ok then
    error(message, 0)
  end
end

---@param mode string? as chmod(1) takes it
function helper.write_file(path, content, mode)
  local file = assert(io.open(path, "w"))
  assert(file:write(content))
  assert(file:close())
  assert(timens.run({ "chmod", mode or "644", path }).ok)
end

-- -- Processes and descriptors --

---The standard output of a program that must succeed.
function helper.output(argv, opts)
  local all = { capture = true, timeout = 120 }
  for name, value in pairs(opts or {}) do
    all[name] = value
  end
  local result = assert(timens.run(argv, all))
  if not result.ok or result.timed_out then
    local how = result.timed_out and "timeout, " .. result.how or result.how
    error(("%s: %s %d\n%s"):format(argv[1], how, result.code, result.stderr or ""), 2)
  end
  return result.stdout, result
end

local PRELUDE = 'package.path, package.cpath = %q, %q local timens, helper = require "timens", require "helper" '

---The argv of a Lua of its own that runs a text, with `timens` and `helper` there as locals.
---@param prefix string[]? a program that starts it
function helper.lua_argv(text, prefix)
  local argv = { compat.unpack(prefix or {}) }
  table.insert(argv, helper.lua_program)
  table.insert(argv, "-e")
  table.insert(argv, PRELUDE:format(package.path, package.cpath) .. text)
  return argv
end

---What a Lua of its own prints.
function helper.lua(text, prefix, opts)
  return helper.output(helper.lua_argv(text, prefix), opts)
end

---Runs a spec file of a folder by a busted of its own.
---@param options string[] busted's
---@param prefix string[]? a program that starts it
function helper.busted(folder, file, options, prefix)
  local setting = "package.path, package.cpath = %q, %q\n"
  local main = setting:format(package.path, package.cpath) .. 'require "busted.runner" { standalone = false }\n'
  helper.write_file(folder .. "/run.lua", main)
  local argv = { compat.unpack(prefix or {}) }
  for _, part in ipairs { helper.lua_program, "run.lua", compat.unpack(options) } do
    argv[#argv + 1] = part
  end
  argv[#argv + 1] = file
  local result = assert(timens.run(argv, { cwd = folder, capture = true, timeout = 100 }))
  assert(not result.timed_out, "something of it goes on")
  return result
end

---What a Lua of its own (helper.lua) prints as a user without privileges, and the ids of that user:
---ours, if we have none. It becomes that user when it has read the modules, which may be below /root.
function helper.lua_as_nobody(text)
  if helper.status "Uid" ~= 0 then
    return helper.lua(text)
  end
  return helper.lua('assert(require("kernel").become_nobody()) ' .. text)
end

function helper.ids_of_nobody()
  if helper.status "Uid" ~= 0 then
    return helper.status "Uid", helper.status "Gid"
  end
  return 65534, 65534
end

---A number from /proc/self/status, or from the text of another process's; a set of signals as its
---16 digits.
function helper.status(name, text)
  local value = (text or helper.slurp "/proc/self/status"):match("\n" .. name .. ":%s*(%x+)")
  assert(value, name .. " is not in the status file")
  return #value == 16 and value or tonumber(value)
end

helper.NO_SIGNALS = ("0"):rep(16)

function helper.has_signal(set, name)
  local bit = core.signals()[name] - 1
  local digit = tonumber(set:sub(-1 - math.floor(bit / 4)):sub(1, 1), 16)
  return math.floor(digit / 2 ^ (bit % 4)) % 2 == 1
end

---The open descriptors of this process: number to whether exec closes it.
function helper.descriptors()
  local found = {}
  for name in lfs.dir "/proc/self/fd" do
    local info = io.open("/proc/self/fdinfo/" .. name)
    if tonumber(name) and info then
      local flags = tonumber(info:read("*a"):match "flags:%s*(%d+)", 8)
      found[tonumber(name)] = math.floor(flags / O_CLOEXEC) % 2 == 1
    end
    if info then
      info:close()
    end
  end
  return found
end

---The status, as waitpid(2) gives it, of what core.spawn or core.fork has started.
---@param process table that they have filled in
function helper.core_status(process)
  assert(core.wait(process.pid, process.pidfd, 1000, 0, process))
  return process.status
end

---Whether a process has ended and been reaped; for one that is no child of ours.
function helper.is_gone(pid)
  return timens.read(pid) == nil and io.open("/proc/" .. pid .. "/stat") == nil
end

---The process that one of its pipes keeps alive.
---@param file file*
helper.held_by = debug.getuservalue or function(file)
  return debug.getfenv(file).owner
end

---How many descriptors are open, and the pids of the children, zombies too.
local function holdings()
  local count, children = 0, {}
  for _ in lfs.dir "/proc/self/fd" do
    count = count + 1
  end
  for task in lfs.dir "/proc/self/task" do
    if tonumber(task) then
      table.insert(children, helper.slurp("/proc/self/task/" .. task .. "/children"))
    end
  end
  return ("%d descriptors; children: %s"):format(count, table.concat(children))
end

---Fails if something leaves a descriptor or a child behind, also if the garbage collector would
---still get it.
function helper.assert_leaves_nothing(act)
  collectgarbage()
  collectgarbage() -- what a finalizer let go
  collectgarbage "stop"
  local before = holdings()
  local ok, message = pcall(act)
  local after = holdings()
  collectgarbage "restart"
  if not ok then
    error(message, 0)
  elseif before ~= after then
    error(("before: %s\nafter: %s"):format(before, after), 2)
  end
end

---The number by which the kernel knows this process's time namespace.
function helper.namespace()
  return assert(lfs.symlinkattributes("/proc/self/ns/time", "target"))
end

---Whether exec moves into a pending namespace: what the routes clone3 and vfork are for.
function helper.routes()
  local support = timens.support()
  if not support.exec_enters then
    return { "fork" }
  end
  return support.clone3 and { "clone3", "vfork", "fork" } or { "vfork", "fork" }
end

---What starts a program that may make and enter namespaces by hand, or nothing for root.
function helper.with_capabilities()
  return helper.status "Uid" == 0 and {} or { "unshare", "-Ur" }
end

-- -- Offsets and clocks --

local function parts(time)
  return time.sec or time[1], time.nsec or time[2] or 0
end

-- In two numbers, since all nanoseconds in one would be over 2^53.
local function sum_of(one, other)
  local sec, nsec = parts(one)
  local more_sec, more_nsec = parts(other)
  local carry = nsec + more_nsec >= NS and 1 or 0
  return { sec = sec + more_sec + carry, nsec = nsec + more_nsec - carry * NS }
end

---The sum of two pairs of offsets; a clock that is missing stands for zero.
function helper.add(one, other)
  local sum = {}
  for _, clock in ipairs { "boottime", "monotonic" } do
    sum[clock] = sum_of(one[clock] or { 0 }, other[clock] or { 0 })
  end
  return sum
end

---Offsets and readings, in what the program `clocks` prints.
function helper.parse_clocks(text)
  local offsets, readings = {}, {}
  for word, clock, sec, nsec in text:gmatch "(%l-) ?(%l+) +(-?%d+) +(%d+)\n" do
    local into = word == "reading" and readings or offsets
    into[clock] = { sec = tonumber(sec), nsec = tonumber(nsec) }
  end
  assert(offsets.boottime and offsets.monotonic and readings.boottime and readings.monotonic, text)
  return offsets, readings
end

---Offsets and readings of a program started with these options; and its output and result.
function helper.clocks(opts)
  local text, result = helper.output({ helper.program "clocks" }, opts)
  local offsets, readings = helper.parse_clocks(text)
  return offsets, readings, result
end

---Runs `clocks` through timens.spawn: its offsets, and the process.
function helper.spawn_clocks(opts)
  local all = { stdout = timens.PIPE }
  for name, value in pairs(opts) do
    all[name] = value
  end
  local process = assert(timens.spawn({ helper.program "clocks" }, all))
  local offsets, readings = helper.parse_clocks(process.stdout:read "*a")
  assert(process:wait())
  return offsets, process, readings
end

---An offsets table on one line, to be compared between processes.
function helper.text_of(offsets)
  local boot, mono = offsets.boottime, offsets.monotonic
  return ("%d.%09d %d.%09d"):format(boot.sec, boot.nsec, mono.sec, mono.nsec)
end

---What this process has, with these offsets on top, on a line.
function helper.expected(...)
  local sum = assert(timens.read())
  for _, offsets in ipairs { ... } do
    sum = helper.add(sum, offsets)
  end
  return helper.text_of(sum) .. "\n"
end

---Fails unless a program started with these offsets shows them, on top of what this process has.
function helper.assert_shown(asked, own)
  local offsets = helper.clocks(asked)
  local expected = helper.text_of(helper.add(own or assert(timens.read()), asked))
  local shown = helper.text_of(offsets)
  if shown ~= expected then
    error(("the program shows %s in place of %s"):format(shown, expected), 2)
  end
end

---Nanoseconds from a reading to another.
function helper.difference(from, to)
  local sec, nsec = parts(from)
  local to_sec, to_nsec = parts(to)
  return (to_sec - sec) * NS + to_nsec - nsec
end

---Makes a namespace that only children would be in, and gives it offsets (relative to the initial
---one).
function helper.leave_pending(offsets)
  assert(require("kernel").unshare_time())
  local file = assert(io.open("/proc/self/timens_offsets", "w"))
  local boot, mono = offsets.boottime, offsets.monotonic
  assert(file:write(("monotonic %d %d\nboottime %d %d\n"):format(mono[1], mono[2], boot[1], boot[2])))
  assert(file:close())
end

return helper
