-- SPDX-License-Identifier: MIT
local helper = require "helper"
local lfs = require "lfs"
local timens = require "timens"

local SHOW_STATUS = { "cat", "/proc/self/status" }
local TIMES = { boottime = 86400, monotonic = 86400 }

-- In a namespace, as everything here: the steps before exec are not those of a plain start.
local function output(argv, opts)
  opts.boottime, opts.monotonic = TIMES.boottime, TIMES.monotonic
  return (helper.output(argv, opts))
end

-- A folder with programs that print their name, in folders of their own: {a = "755", b = "644"}.
local function with_programs(modes, use)
  helper.with_folder(function(folder)
    for name, mode in pairs(modes) do
      assert(lfs.mkdir(folder .. "/" .. name))
      helper.write_file(folder .. "/" .. name .. "/program", "#!/bin/sh\necho from " .. name .. "\n", mode)
    end
    use(folder)
  end)
end

describe("exec", function()
  it("cwd", function()
    local before = lfs.currentdir()
    assert.equal("/usr\n", output({ "/bin/pwd" }, { cwd = "/usr", env = {} }))
    assert.equal(before, lfs.currentdir())
  end)

  it("env", function()
    assert.equal("A=1\nB=two words\n", output({ "/usr/bin/env" }, { env = { A = 1, B = "two words" } }))
    assert.equal("", output({ "/usr/bin/env" }, { env = {} }))
  end)

  it("path_of_the_child", function()
    with_programs({ a = "755" }, function(folder)
      assert.equal("from a\n", output({ "program" }, { env = { PATH = folder .. "/a" } }))
      -- A PATH of our own: one with a folder that is closed to us would make it EACCES.
      local process, message, errno = timens.spawn({ "program" }, { boottime = 1, env = { PATH = "/usr/bin:/bin" } })
      assert.is_nil(process)
      assert.equal(helper.errno.ENOENT, errno, message)
    end)
  end)

  it("path_relative_to_cwd", function()
    with_programs({ a = "755" }, function(folder)
      assert.equal("from a\n", output({ "program" }, { env = { PATH = "a" }, cwd = folder }))
      assert.equal("from a\n", output({ "./program" }, { cwd = folder .. "/a" }))
    end)
  end)

  it("empty_path_element", function()
    with_programs({ a = "755" }, function(folder)
      for _, path in ipairs { "", ":/no/such", "/no/such:", "/no/such::/none" } do
        assert.equal("from a\n", output({ "program" }, { env = { PATH = path }, cwd = folder .. "/a" }))
      end
    end)
  end)

  it("eacces_remembered", function()
    with_programs({ a = "644", b = "755" }, function(folder)
      local path = folder .. "/a:/no/such"
      local process, message, errno, stage = timens.spawn({ "program" }, { boottime = 1, env = { PATH = path } })
      assert.is_nil(process)
      assert.equal(helper.errno.EACCES, errno, message)
      assert.equal("exec", stage)
      path = folder .. "/a:" .. folder .. "/b"
      assert.equal("from b\n", output({ "program" }, { env = { PATH = path } }))
    end)
  end)

  it("argv0_differs_from_file", function()
    assert.equal("a name\n", output({ "a name", "-c", "echo $0" }, { file = "/bin/sh" }))
  end)

  -- The signal set of a program started by a Lua that was itself started by env(1) with `option`; the
  -- first line tells whether that Lua has the signal in it.
  local function signal_sets(option, set, name)
    local text = [[
      print(helper.has_signal(helper.status %q, %q))
      for _, route in ipairs(helper.routes()) do
        local text = helper.output({"cat", "/proc/self/status"}, {boottime = 1, route = route})
        print(helper.has_signal(helper.status(%q, text), %q))
      end]]
    return helper.lua(text:format(set, name, set, name), { "env", option })
  end

  it("sigpipe_is_default", function()
    local out = signal_sets("--ignore-signal=PIPE", "SigIgn", "PIPE")
    assert.equal("true\n" .. ("false\n"):rep(#helper.routes()), out)
  end)

  it("signal_mask_is_empty", function()
    local out = signal_sets("--block-signal=USR1", "SigBlk", "USR1")
    assert.equal("true\n" .. ("false\n"):rep(#helper.routes()), out)
  end)

  it("ignored_signals_stay_ignored", function()
    local out = signal_sets("--ignore-signal=USR1", "SigIgn", "USR1")
    assert.equal("true\n" .. ("true\n"):rep(#helper.routes()), out)
  end)

  it("handlers_are_default", function()
    -- lua(1) has one for ctrl-C.
    local out = signal_sets("A=1", "SigCgt", "INT")
    assert.equal("true\n" .. ("false\n"):rep(#helper.routes()), out)
    assert.equal(helper.NO_SIGNALS, helper.status("SigCgt", output(SHOW_STATUS, {})))
  end)

  it("argv_too_large", function()
    local process, message, errno, stage = timens.spawn({ "true", ("x"):rep(2 ^ 22) }, { boottime = 1 })
    assert.is_nil(process)
    assert.matches("ulimit -s", message, 1, true)
    assert.same({ helper.errno.E2BIG, "exec" }, { errno, stage })
  end)

  it("no_path_in_the_environment", function()
    assert.equal("found\n", output({ "echo", "found" }, { boottime = 1, env = { A = "1" } }))
  end)

  it("new_session", function()
    local function session(opts)
      local pid, fields = output({ "cat", "/proc/self/stat" }, opts):match "^(%d+) %(.*%) %a (.*)"
      return pid, fields:match "^%d+ %d+ (%d+)"
    end
    local pid, sid = session { start_new_session = true }
    assert.equal(pid, sid)
    pid, sid = session { start_new_session = false }
    assert.not_equal(pid, sid)
  end)
end)
