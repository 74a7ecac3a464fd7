-- SPDX-License-Identifier: MIT
-- Misuse: errors that name what was wrong, at the caller's line.
local compat = require "timens.compat"
local core = require "timens.core"
local helper = require "helper"
local timens = require "timens"

local HERE = "lua_options_spec%.lua:"

-- The error of a call is `message`, with a position in this file in front of it.
local function assert_misuse(message, call, ...)
  local arguments = compat.pack(...)
  local ok, err = pcall(function()
    local result = call(compat.unpack(arguments, 1, arguments.n))
    return result
  end)
  assert.is_false(ok)
  local start, stop = err:find(HERE .. "%d+: ")
  assert.is_truthy(start, err)
  assert.equal(message, err:sub(stop + 1))
end

describe("lua_options", function()
  after_each(helper.close_kept)

  it("position_is_the_callers_line", function()
    local line = debug.getinfo(1, "l").currentline
    local _, err = pcall(function()
      timens.spawn({ "true" }, { nonsense = 1 })
    end)
    assert.matches(HERE .. (line + 2) .. ": ", err)
  end)

  it("unknown_options_get_a_suggestion", function()
    for wrong, right in pairs {
      boottme = "boottime",
      Boottime = "boottime",
      monotone = "monotonic",
      std_out = "stdout",
      user_ns = "userns",
      closefds = "close_fds",
      mono = "monotonic",
      UID = "user",
      pass_fds = "fds",
    } do
      local message = ("unknown option '%s'; did you mean '%s'?"):format(wrong, right)
      assert_misuse(message, timens.spawn, { "true" }, { [wrong] = 1 })
    end
    assert_misuse("unknown option 'time_out'; did you mean 'timeout'?", timens.run, { "true" }, { time_out = 1 })
    for wrong, advice in pairs {
      shell = 'start one: {"sh", "-c", command}',
      args = "the program and its arguments are the first argument, a table",
      stdio = "there are stdin, stdout and stderr",
      check = "see ok of the result",
      encoding = "strings of Lua are bytes",
    } do
      assert_misuse(("unknown option '%s'; %s"):format(wrong, advice), timens.run, { "true" }, { [wrong] = 1 })
    end
    assert_misuse("unknown option 'dir'; did you mean 'cwd'?", timens.run, { "true" }, { dir = "/" })
    assert_misuse("unknown option 'timeout'; timens.run has it", timens.enter, { timeout = 3 })
    assert_misuse("unknown option 'capture'; timens.run has it", timens.spawn, { "true" }, { capture = true })
    assert_misuse("unknown option 'cwd'; timens.spawn has it", timens.enter, { cwd = "/" })
    local all = "unknown option 'colour'; there are boottime, monotonic, uptime, userns"
    assert_misuse(all, timens.enter, { colour = 1 })
  end)

  it("argv", function()
    local spawn = timens.spawn
    assert_misuse('argv: expected a table such as {"uptime", "-p"}, got a string', spawn, "uptime")
    assert_misuse('argv: expected a table such as {"uptime", "-p"}, got nil', spawn, nil)
    assert_misuse("argv: is empty; it needs a program name", spawn, {})
    assert_misuse("argv[2]: expected a string, got a boolean", spawn, { "true", true })
    assert_misuse("argv[2]: has a zero byte inside, which no program can be given", spawn, { "true", "a\0b" })
    assert_misuse("argv: has 'boottime'; options go into the second argument", spawn, { "uptime", boottime = "49d17h" })
    for _, gap in ipairs { { "true", nil, "x" }, { "true", [4] = "x" } } do
      assert.error_matches(function()
        spawn(gap) -- whose length is that before the gap or after it
      end, "argv[:%[]")
    end
    assert.equal("1 -2.5\n", assert(timens.run({ "echo", 1, -2.5 }, { capture = true })).stdout)
  end)

  it("env", function()
    local function spawn(env)
      return timens.spawn({ "true" }, { env = env })
    end
    assert_misuse("env: expected a table {NAME = value}, got a string", spawn, "A=1")
    assert_misuse("env: '1' is no name of a variable; give {NAME = value}", spawn, { "A=1" })
    assert_misuse("env: 'A=' is no name of a variable; give {NAME = value}", spawn, { ["A="] = "1" })
    assert_misuse("env.A: expected a string, got a table", spawn, { A = {} })
  end)

  -- {root = true} would be a list of nothing: no groups at all.
  it("sets_are_no_lists", function()
    local function spawn(name, value)
      return timens.spawn({ "true" }, { [name] = value })
    end
    assert_misuse("extra_groups: has 'root'; it is a list of groups", spawn, "extra_groups", { root = true })
    assert_misuse("sigmask: has 'INT'; it is a list, such as {'INT'}", spawn, "sigmask", { INT = true })
    assert_misuse("sigignore: has '2'; it is a list, without gaps", spawn, "sigignore", { [2] = "INT" })
    local map = { inside = 0, outside = 0, count = 1 }
    assert.error_matches(function()
      spawn("uid_maps", map)
    end, "uid_maps: has '%l+'; it is a list of maps")
  end)

  it("arg_of_lua_is_a_list", function()
    assert.is_true(timens.run({ [-1] = "lua5.4", [0] = "script", "true" }).ok)
  end)

  it("what_contradicts", function()
    local function spawn(opts)
      return timens.spawn({ "true" }, opts)
    end
    local both = { process_group = 0, start_new_session = true }
    assert_misuse("process_group: start_new_session gives it one of its own; give one of them", spawn, both)
    assert_misuse("sigignore: SIGKILL and SIGSTOP cannot be ignored", spawn, { sigignore = { "KILL" } })
    both = { sigignore = { "INT" }, sigdefault = { "INT" } }
    helper.assert_leaves_nothing(function()
      both.stdin = timens.PIPE
      assert_misuse("a signal is in sigdefault and sigignore", spawn, both)
    end)
    assert_misuse("userns 'never' contradicts id maps", spawn, { userns = "never", uid_maps = { { 0, 0, 1 } } })
  end)

  it("failures_name_what_was_given", function()
    local _, message = timens.spawn({ "true" }, { rlimits = { CORE = { 100, 50 } } })
    assert.matches("limit of CORE: ", message, 1, true)
    helper.with_folder(function(folder)
      _, message = timens.spawn({ "true" }, { cgroup = folder })
      assert.matches(("cgroup of '%s': "):format(folder), message, 1, true)
    end)
  end)

  it("types", function()
    local function spawn(name, value)
      return timens.spawn({ "true" }, { [name] = value })
    end
    assert_misuse("options: expected a table, got a boolean", timens.run, { "true" }, false)
    assert_misuse("cwd: expected a string, got a number", spawn, "cwd", 5)
    assert_misuse("boottime: has 'days'; a table is {seconds, nanoseconds}", spawn, "boottime", { days = 49 })
    assert_misuse("umask: expected an integer from 0 to 511, got a string", spawn, "umask", "088")
    assert.equal("0022\n", helper.output({ "sh", "-c", "umask" }, { umask = "022" }))
    assert_misuse("options: expected a table, got a string", timens.spawn, { "true" }, "boottime")
    assert_misuse("cwd: expected a string, got a table", spawn, "cwd", {})
    assert_misuse("close_fds: expected true or false, got a number", spawn, "close_fds", 1)
    assert_misuse("userns: 'maybe' is none of always, auto, never", spawn, "userns", "maybe")
    assert_misuse("route: '3' is none of auto, clone3, fork, vfork", spawn, "route", 3)
    assert_misuse("stdout: timens.STDOUT is for stderr", spawn, "stdout", timens.STDOUT)
    local wanted = ": expected timens.PIPE, timens.DEVNULL, a file or a descriptor, got "
    local advice = "; io.open opens files, input of timens.run is a text"
    assert_misuse("stdin" .. wanted .. "a string" .. advice, spawn, "stdin", "/dev/null")
    assert_misuse("stdin" .. wanted .. "-1", spawn, "stdin", -1)
    assert_misuse(
      "executable and file are the same; give one of them",
      timens.spawn,
      { "true" },
      { executable = "x", file = "x" }
    )
    assert_misuse("cwd: expected a string, got timens.reading", spawn, "cwd", timens.at(1))
    local limit = "rlimits.NOFILE: expected an integer from 0 up, or math.huge for no limit, got a string"
    assert_misuse(limit, spawn, "rlimits", { NOFILE = "64" })
    local file = io.tmpfile()
    file:close()
    assert_misuse("stderr: the file is closed", spawn, "stderr", file)
  end)

  it("users_and_groups_by_name", function()
    local mine = helper.output({ "id", "-un" }):match "%S+"
    assert.equal(mine .. "\n", helper.output({ "id", "-un" }, { user = mine }))
    if helper.status "Uid" == 0 then
      local opts = { user = "daemon", group = "tty", extra_groups = { "daemon", 4711 } }
      local shown = helper.output({ "sh", "-c", "id -un; id -gn; id -G" }, opts)
      assert.matches("^daemon\ntty\n%d+ %d+ 4711\n$", shown)
    end
    local function spawn(name, value)
      return timens.spawn({ "true" }, { [name] = value })
    end
    assert_misuse("user: user 'no such': there is none here", spawn, "user", "no such")
    assert_misuse("group: group 'no such': there is none here", spawn, "group", "no such")
    local advice = "; an id is a number, without quotes"
    assert_misuse("user: user '987': there is none here" .. advice, spawn, "user", "987")
    assert_misuse("user: has a zero byte inside, which no program can be given", spawn, "user", "root\0zzz")
    assert.error_matches(function()
      core.user_id "root\0zzz"
    end, "name: has a zero byte inside")
    assert_misuse("extra_groups[2]: group '': there is none here", spawn, "extra_groups", { 0, "" })
  end)

  it("names_that_cannot_be_looked_up", function()
    -- No descriptor is left to read the list of users with.
    local out = helper.lua(
      [[
      local held = {}
      repeat
        local file = io.open "/dev/null"
        held[#held + 1] = file
      until not file
      for _, opts in ipairs {{user = "root"}, {group = "root"}, {extra_groups = {"root"}}} do
        local p, message, errno, stage = timens.spawn({"true"}, opts)
        print(p, errno, stage)
        assert(message:find "root", message)
        assert(select(4, timens.run({"true"}, opts)) == stage)
      end]],
      nil,
      { rlimits = { NOFILE = 32 } }
    )
    assert.equal(("nil\t24\tcredentials\n"):rep(3), out) -- EMFILE
  end)

  it("further_descriptors", function()
    helper.with_folder(function(folder)
      local file = helper.keep(assert(io.open(folder .. "/out", "w")))
      local map = { [7] = file, [9] = core.fileno(file), [11] = timens.DEVNULL }
      local out = helper.output({ helper.program "descriptors" }, { fds = map, boottime = 1 })
      assert.equal("0\n1\n2\n7\n9\n11\n", out)
      file:write "ours "
      helper.output({ "sh", "-c", "echo theirs >&7; echo too >&9; echo lost >/dev/fd/11" }, { fds = map })
      assert.equal("ours theirs\ntoo\n", helper.slurp(folder .. "/out"))
    end)
    for value, message in pairs {
      [{ [2] = 1 }] = "fds: '2' is no descriptor from 3 up",
      [{ x = 1 }] = "fds: 'x' is no descriptor",
      [{ [3] = "x" }] = "fds%[3%]: expected a descriptor, an open file or timens.DEVNULL, got a string",
      [{ [3] = timens.PIPE }] = "fds%[3%]: pipes are for stdin, stdout and stderr; give a file, a descriptor",
      [1] = "fds: expected a table {%[target%] = source}, got a number",
    } do
      assert.error_matches(function()
        timens.spawn({ "true" }, { fds = value })
      end, message)
    end
    local process, message, errno, stage = timens.spawn({ "true" }, { fds = { [3] = 999 } })
    assert.is_nil(process)
    assert.matches("descriptor 3 (from 999)", message, 1, true)
    assert.same({ helper.errno.EBADF, "fds" }, { errno, stage })
  end)

  it("whole_floats_are_integers", function()
    local file = helper.keep(assert(io.open("/dev/null", "w")))
    local opts = { umask = 18.0, nice = 0.0, rlimits = { NOFILE = 64.0 }, fds = { [7] = core.fileno(file) + 0.0 } }
    local script = "echo $(umask) $(ulimit -n); echo >&7"
    assert.equal("0022 64\n", helper.output({ "sh", "-c", script }, opts))
    assert.equal("-1s", timens.format(-1.0, 0.0))
    local p = helper.keep(assert(timens.spawn { "sleep", "1000" }))
    assert.is_true(p:kill(15.0))
    assert.same({ nil, "signal", 15 }, { p:wait() })
  end)

  it("run", function()
    local function run(opts)
      return timens.run({ "true" }, opts)
    end
    assert_misuse(
      "stdout: nobody could use the pipe; give timens.run input or capture, or use timens.spawn",
      run,
      { stdout = timens.PIPE }
    )
    assert_misuse("input: goes to stdin, and stdin is given too", run, { input = "x", stdin = timens.DEVNULL })
    assert_misuse("input: expected a string, got a number", run, { input = 1 })
  end)

  it("timeout", function()
    local p = helper.keep(assert(timens.spawn { "sleep", "1000" }))
    local function wait(timeout)
      return p:wait(timeout)
    end
    local negative = "timeout: is negative; 0 does not wait, nil waits without limit"
    for _, timeout in ipairs { "-1s", { -1, 5 } } do
      assert_misuse(negative, wait, timeout)
    end
    -- What is left of a deadline.
    for _, timeout in ipairs { -1, -0.5, -1e-9, -1e300, helper.min_integer, -math.huge } do
      assert.same({ nil, "timeout" }, { wait(timeout) })
    end
    local nanoseconds = "timeout: nanoseconds: expected an integer from 0 to 999999999, got "
    assert_misuse(nanoseconds .. "-5", wait, { 1, -5 })
    assert_misuse(nanoseconds .. "5000000000", wait, { 1, 5000000000 })
    assert_misuse("timeout: " .. tostring(0 / 0) .. " is no time", wait, 0 / 0)
    local ok, err = pcall(wait, "soon")
    assert.is_false(ok)
    assert.matches("timeout: time 'soon', column 1", err, 1, true)
  end)

  it("other_functions", function()
    local int = ": expected an integer from 0 to 2147483647, got "
    assert_misuse("pid" .. int .. "a string", timens.read, "1")
    assert_misuse("pid" .. int .. ("%.0f"):format(2 ^ 40), timens.read, 1099511627776)
    assert_misuse("pid" .. int .. "-1", timens.read, -1)
    local from = "from: expected a descriptor or an open file, got "
    assert_misuse(from .. "nil", timens.join)
    assert_misuse(from .. "a string", timens.join, "self")
    assert_misuse(from .. "-1", timens.join, -1)
    local file = io.tmpfile()
    file:close()
    assert_misuse(from .. "a closed one", timens.join, file)
    -- Nor does the core make anything of it.
    assert.error_matches(function()
      core.read(1099511627776)
    end, "does not fit into 32 bits")
    assert.error_matches(function()
      core.pack("4", -2147483649)
    end, "does not fit into 32 bits")
    assert.error_matches(function()
      core.spawn({ argv = { "true", "a\0b" } }, {})
    end, "argv: has a zero byte inside")
    assert_misuse("text: expected a string, got a number", timens.parse, 1)
    assert_misuse("text: expected a string, got nil", timens.parse)
    assert_misuse("sec: expected an integer, got 1.5", timens.format, 1.5)
    assert_misuse("sec: expected an integer, got nil", timens.format)
    local p = helper.keep(assert(timens.spawn { "true" }))
    assert_misuse(from .. "timens.process", timens.join, p)
    for _, number in ipairs { 99, -5 } do
      assert_misuse("signal: expected an integer from 0 to 64, got " .. number, p.kill, p, number)
    end
    assert_misuse("signal: expected a number or a name such as 'TERM', got '9'", p.kill, p, "9")
    assert_misuse("nsec: expected an integer from 0 to 999999999, got -1", timens.format, 5, -1)
    for _, name in ipairs { "wait", "poll", "kill", "communicate", "close" } do
      assert_misuse(name .. ": expected a process, got a number; call it with a colon", p[name], 5)
    end
  end)
end)
