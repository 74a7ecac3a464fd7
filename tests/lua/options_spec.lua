-- SPDX-License-Identifier: MIT
-- Group, credentials, limits and life, by the names that Python's subprocess has.

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
  it("process_group", function()
    local function group(process)
      return tonumber(helper.slurp(("/proc/%d/stat"):format(process.pid)):match "%) %a %d+ (%d+)")
    end
    for _, route in ipairs(helper.routes()) do
      local leader <close> = assert(start({ "sleep", "60" }, { process_group = 0, route = route }))
      local member <close> = assert(start({ "sleep", "60" }, { process_group = leader.pid, route = route }))
      assert.same({ leader.pid, leader.pid }, { group(leader), group(member) })
      local process, message, errno, stage = start({ "true" }, { process_group = 1, route = route })
      assert.is_nil(process)
      assert.matches("process group 1", message)
      assert.same({ helper.errno.EPERM, "pgroup" }, { errno, stage })
    end
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
    local out = helper.lua(
      [[
      -- The second one in a user namespace, which has no such id.
      for _, boottime in ipairs({false, 1}) do
        local process, message, errno, stage =
          timens.spawn({"true"}, {user = 1, boottime = boottime or nil})
        print(process, errno, stage)
        assert(message:find("CAP_SETUID", 1, true), message)
      end]],
      helper.nobody()
    )
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

  it("niceness", function()
    local own = tonumber((helper.output { "nice" }))
    for _, route in ipairs(helper.routes()) do
      assert.equal(own + 3, tonumber(output({ "nice" }, { nice = 3, route = route })))
    end
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

  it("ids_that_cannot_be", function()
    for _, name in ipairs { "user", "group", "process_group", "umask", "nice" } do
      for _, value in ipairs { 1 << 40, -(1 << 40), 0.5, "root" } do
        assert.error_matches(function()
          timens.spawn({ "true" }, { [name] = value })
        end, name .. ": expected an integer")
      end
    end
    assert.error_matches(function()
      timens.spawn({ "true" }, { extra_groups = { 1, "x" } })
    end, "extra_groups%[2%]: expected an integer")
  end)
end)
