-- SPDX-License-Identifier: MIT
-- Group, credentials, limits and life, by the names that Python's subprocess has.

local core = require "timens.core"
local helper = require "helper"
local timens = require "timens"

local function output(argv, opts)
  opts.boottime = { 86400, 1 }
  return (helper.output(argv, opts))
end

local function start(argv, opts)
  opts.boottime = { 86400, 1 }
  return timens.spawn(argv, opts)
end

local function need_root()
  if helper.status "Uid" ~= 0 then
    helper.skip(pending, "it takes root")
  end
end

describe("options", function()
  after_each(helper.close_kept)

  it("process_group", function()
    local function group(process)
      return tonumber(helper.slurp(("/proc/%d/stat"):format(process.pid)):match "%) %a %d+ (%d+)")
    end
    -- Nobody joins a group of another session.
    local other = helper.keep(assert(start({ "sleep", "60" }, { start_new_session = true })))
    for _, route in ipairs(helper.routes()) do
      local leader = helper.keep(assert(start({ "sleep", "60" }, { process_group = 0, route = route })))
      local member = helper.keep(assert(start({ "sleep", "60" }, { process_group = leader.pid, route = route })))
      assert.same({ leader.pid, leader.pid }, { group(leader), group(member) })
      local process, message, errno, stage = start({ "true" }, { process_group = other.pid, route = route })
      assert.is_nil(process)
      assert.matches("process group " .. other.pid, message)
      assert.same({ helper.errno.EPERM, "pgroup" }, { errno, stage })
    end
  end)

  it("controlling_terminal", function()
    for _, route in ipairs(helper.routes()) do
      local master, slave = assert(require("kernel").open_terminal())
      local script = { "sh", "-c", "echo seen >/dev/tty" }
      local process = assert(start(script, { start_new_session = true, tty = slave, route = route }))
      assert.is_true(process:wait())
      assert.matches("seen", core.read_some(master))
      core.close { pidfd = slave }
      core.close { pidfd = master }
    end
    local null = helper.keep(assert(io.open "/dev/null"))
    local process, message, errno, stage = start({ "true" }, { start_new_session = true, tty = null })
    assert.is_nil(process)
    assert.matches("terminal", message)
    assert.same({ 25, "tty" }, { errno, stage }) -- ENOTTY
    assert.error_matches(function()
      start({ "true" }, { tty = null })
    end, "tty: only the leader of a session takes a terminal")
  end)

  -- The foreground group of a terminal, as a Lua sees it that has started a program there. The terminal
  -- is one that script(1) makes; to take it back in the background would stop that Lua.
  local function foreground_by(route)
    local text = [[
      local p = assert(timens.spawn({"sleep", "60"}, {boottime = 1, tty = 0, foreground = true, route = %q}))
      local stat = helper.slurp("/proc/" .. p.pid .. "/stat"):match "%%) (.*)"
      local group, foreground = stat:match "^%%a %%d+ (%%d+) %%d+ %%d+ (%%d+)"
      p:close()
      local file = io.open("result", "w")
      file:write(tostring(tonumber(group) == p.pid and group == foreground))
      file:close()]]
    local prelude = "package.path, package.cpath = %q, %q local timens, helper = require 'timens', require 'helper'\n"
    local result
    helper.with_folder(function(folder)
      helper.write_file(folder .. "/main.lua", prelude:format(package.path, package.cpath) .. text:format(route))
      local command = helper.lua_program .. " main.lua"
      helper.output({ "script", "-qec", command, "/dev/null" }, { stdin = timens.DEVNULL, cwd = folder })
      result = helper.slurp(folder .. "/result")
    end)
    return result
  end

  it("foreground", function()
    for _, route in ipairs(helper.routes()) do
      assert.equal("true", foreground_by(route))
    end
    assert.error_matches(function()
      start({ "true" }, { foreground = true })
    end, "foreground: needs the terminal, as tty")
  end)

  it("uid_gid_and_groups", function()
    need_root()
    local opts = { user = 1234, group = 2345, extra_groups = { 7, 4711 } }
    assert.equal("1234\n2345\n2345 7 4711\n", output({ "sh", "-c", "id -u; id -g; id -G" }, opts))
    for _, route in ipairs(helper.routes()) do
      if route ~= "fork" then
        local process, message, errno, stage = start({ "true" }, { user = 1234, route = route })
        assert.is_nil(process)
        assert.matches("use route auto or fork", message, 1, true)
        assert.same({ helper.errno.EINVAL, "route" }, { errno, stage })
      end
    end
  end)

  it("groups_alone", function()
    need_root()
    for _, route in ipairs(helper.routes()) do
      assert.equal("0\n", output({ "id", "-G" }, { extra_groups = {}, route = route }))
      assert.equal("0 7 4711\n", output({ "id", "-G" }, { extra_groups = { 7, 4711 }, route = route }))
    end
  end)

  it("credentials_refused", function()
    local out = helper.lua_as_nobody [[
      -- The second one in a user namespace, which has no such id.
      for _, boottime in ipairs({false, 1}) do
        local process, message, errno, stage =
          timens.spawn({"true"}, {user = 1, boottime = boottime or nil})
        print(process, errno, stage)
        assert(message:find("CAP_SETUID", 1, true), message)
      end]]
    assert.equal((("nil\t%d\tcredentials\n"):format(helper.errno.EPERM)):rep(2), out)
  end)

  it("no_new_privs", function()
    for _, route in ipairs(helper.routes()) do
      local status = output({ "cat", "/proc/self/status" }, { no_new_privs = true, route = route })
      assert.matches("NoNewPrivs:\t1", status)
    end
    assert.equal(0, helper.status "NoNewPrivs")
  end)

  it("file_mode_mask", function()
    for _, route in ipairs(helper.routes()) do
      assert.equal("0027\n", output({ "sh", "-c", "umask" }, { umask = 23, route = route }))
      assert.equal("0000\n", output({ "sh", "-c", "umask" }, { umask = 0, route = route }))
    end
  end)

  it("resource_limits", function()
    local own = helper.output { "sh", "-c", "ulimit -Sn" }
    for _, route in ipairs(helper.routes()) do
      local script = { "sh", "-c", "ulimit -Sn; ulimit -Hn; ulimit -c; test -c /proc/self/fd/30" }
      local limits = { NOFILE = { 20, 37 }, RLIMIT_CORE = 0 }
      -- A descriptor past the limit, which therefore must come after it.
      assert.equal(
        "20\n37\n0\n",
        output(script, { rlimits = limits, fds = { [30] = timens.DEVNULL }, route = route })
      )
    end
    if helper.status "Uid" == 0 then
      local script = { "sh", "-c", "ulimit -Sc; ulimit -Hc" }
      assert.equal("unlimited\nunlimited\n", output(script, { rlimits = { CORE = math.huge } }))
    end
    assert.equal(own, (helper.output { "sh", "-c", "ulimit -Sn" }))
    for value, message in pairs {
      [{ NOFILES = 1 }] = "rlimits: 'NOFILES' is no limit of setrlimit",
      [{ 5 }] = "rlimits: '1' is no limit",
      [{ NOFILE = -1 }] = "rlimits.NOFILE: expected an integer from 0 up, or math.huge",
      [{ NOFILE = { 1 } }] = "rlimits.NOFILE: expected an integer from 0 up",
      [5] = "rlimits: expected a table such as",
    } do
      assert.error_matches(function()
        start({ "true" }, { rlimits = value })
      end, message)
    end
  end)

  it("niceness", function()
    local own = tonumber((helper.output { "nice" }))
    for _, route in ipairs(helper.routes()) do
      assert.equal(own + 3, tonumber(output({ "nice" }, { nice = 3, route = route })))
    end
  end)

  it("signal_mask_and_ignored_set", function()
    for _, route in ipairs(helper.routes()) do
      local status = output({ "cat", "/proc/self/status" }, {
        sigmask = { "SIGUSR1", 64 },
        sigignore = { "USR2", "PIPE" },
        route = route,
      })
      local blocked, ignored = helper.status("SigBlk", status), helper.status("SigIgn", status)
      assert.equal("8000000000000200", blocked)
      assert.same({ true, true }, { helper.has_signal(ignored, "USR2"), helper.has_signal(ignored, "PIPE") })
    end
    local inside = [[
      local status = helper.output({"cat", "/proc/self/status"}, %s)
      print(helper.has_signal(helper.status("SigBlk", status), "USR1"))
      print(helper.has_signal(helper.status("SigIgn", status), "PIPE"))
      print(helper.has_signal(helper.status("SigIgn", status), "USR2"))]]
    local prefix = { "env", "--block-signal=USR1", "--ignore-signal=PIPE", "--ignore-signal=USR2" }
    local asked = '{boottime = 1, sigmask = "inherit", restore_signals = false, sigdefault = {"USR2"}}'
    assert.equal("true\ntrue\nfalse\n", helper.lua(inside:format(asked), prefix))
    assert.equal("false\nfalse\ntrue\n", helper.lua(inside:format "{boottime = 1}", prefix))
    assert.error_matches(function()
      start({ "true" }, { sigmask = { "NOSUCH" } })
    end, "sigmask%[1%]: expected a number or a name such as 'TERM', got 'NOSUCH'")
    assert.error_matches(function()
      start({ "true" }, { sigignore = { 65 } })
    end, "sigignore%[1%]: expected an integer from 1 to 64, got 65")
  end)

  it("cgroup_by_descriptor", function()
    need_root()
    -- Where version 2 is mounted is anybody's guess; a mount of our own is not.
    local script = [[
      folder=$(mktemp -d) && mount -t cgroup2 none $folder && mkdir $folder/timens-test-$$ || exit 77
      CGROUP=$folder/timens-test-$$ "$@"
      status=$?
      for _ in 1 2 3 4 5 6 7 8 9; do rmdir $folder/timens-test-$$ 2>/dev/null && break; sleep 0.1; done
      umount $folder && rmdir $folder
      exit $status]]
    local argv = helper.lua_argv([[
      local core = require "timens.core"
      for _, route in ipairs(helper.routes()) do
        local path = os.getenv "CGROUP"
        local folder = assert(core.open_folder(path))
        for _, cgroup in ipairs {path, folder, core.fileno(folder)} do
          io.write((helper.output({"cat", "/proc/self/cgroup"}, {boottime = 1, cgroup = cgroup, route = route})))
        end
        folder:close()
      end]], { "unshare", "-m", "sh", "-c", script, "sh" })
    local result = assert(timens.run(argv, { capture = true }))
    if result.code == 77 then
      return helper.skip(pending, "this kernel has no cgroup of version 2")
    end
    local _, count = result.stdout:gsub("timens%-test%-%d+", "")
    assert.equal(3 * #helper.routes(), count, result.stderr)
    helper.with_folder(function(folder)
      helper.assert_leaves_nothing(function()
        local process, message, errno, stage = start({ "true" }, { cgroup = folder })
        assert.is_nil(process)
        assert.matches("cgroup v2", message, 1, true)
        assert.same({ helper.errno.EBADF, "cgroup" }, { errno, stage })
        assert.equal(helper.errno.ENOTDIR, select(3, start({ "true" }, { cgroup = "/dev/null" })))
        process, message, errno, stage = start({ "true" }, { cgroup = folder .. "/none", stdout = timens.PIPE })
        assert.is_nil(process)
        assert.is_truthy(message:find(folder .. "/none", 1, true))
        assert.same({ helper.errno.ENOENT, "cgroup" }, { errno, stage })
      end)
    end)
  end)

  it("kill_with_parent", function()
    -- The one in the middle ends; what it started holds our pipe, if it lives on.
    local result = assert(timens.run(
      helper.lua_argv [[
        timens.spawn({"sleep", "60"}, {boottime = 1, kill_with_parent = true})
        io.stdout:write("started") io.stdout:flush()
        os.exit(0, false)]],
      { capture = true, timeout = 20 }
    ))
    assert.same({ "started", true, false }, { result.stdout, result.ok, result.timed_out })
  end)

  it("shell_for_scripts", function()
    helper.with_folder(function(folder)
      local path = folder .. "/script"
      helper.write_file(path, 'echo "$0 $1 $2"\n', "755")
      for _, route in ipairs(helper.routes()) do
        local opts = { executable = path, shell_scripts = true, route = route }
        assert.equal(path .. " one two\n", output({ "name", "one", "two" }, opts))
        local process, _, errno = start({ "name" }, { executable = path, route = route })
        assert.is_nil(process)
        assert.equal(helper.errno.ENOEXEC, errno)
      end
    end)
  end)

  it("own_id_maps", function()
    need_root()
    for _, route in ipairs(helper.routes()) do
      local text = output({ "cat", "/proc/self/uid_map", "/proc/self/gid_map" }, {
        uid_maps = { { 0, 0, 1 }, { 10, 1000, 20 } },
        gid_maps = { { 0, 0, 5 } },
        route = route,
      })
      assert.matches("^%s+0%s+0%s+1\n%s+10%s+1000%s+20\n%s+0%s+0%s+5\n$", text)
    end
    assert.error_matches(function()
      start({ "true" }, { uid_maps = { { 0, 0 } } })
    end, "uid_maps%[1%]: expected {inside, outside, count}")
    assert.error_matches(function()
      start({ "true" }, { gid_maps = { { 0, 0, 0 } } })
    end, "gid_maps%[1%]: count: expected an integer from 1")
  end)

  it("map_to_root_without_privilege", function()
    local uid, gid = helper.ids_of_nobody()
    local text = [[
      for _, route in ipairs(helper.routes()) do
        local opts = {boottime = 1, uid_maps = {{0, %d, 1}}, gid_maps = {{0, %d, 1}}, route = route}
        io.write((helper.output({"id", "-u"}, opts)))
        opts.uid_maps[1][2] = opts.uid_maps[1][2] + 1
        print(select(4, timens.spawn({"true"}, opts)))
      end]]
    assert.equal(("0\nmap\n"):rep(#helper.routes()), helper.lua_as_nobody(text:format(uid, gid)))
  end)

  it("ids_that_cannot_be", function()
    for _, name in ipairs { "user", "group", "process_group", "umask", "nice" } do
      for _, value in ipairs { 1099511627776, -1099511627776, 0.5, {} } do
        assert.error_matches(function()
          timens.spawn({ "true" }, { [name] = value })
        end, name .. ": expected an integer")
      end
    end
    assert.error_matches(function()
      timens.spawn({ "true" }, { extra_groups = { 1, true } })
    end, "extra_groups%[2%]: expected an integer")
  end)
end)
