-- SPDX-License-Identifier: MIT
local core = require "timens.core"
local helper = require "helper"
local timens = require "timens"

local SLEEP = { "sleep", "1000" }

local function shell(text)
  return assert(timens.spawn({ "sh", "-c", text }, { boottime = 1 }))
end

describe("process", function()
  after_each(helper.close_kept)

  it("exit_status", function()
    assert.same({ true, "exit", 0 }, { shell("exit 0"):wait() })
    assert.same({ nil, "exit", 1 }, { shell("exit 1"):wait() })
    assert.same({ nil, "exit", 255 }, { shell("exit 255"):wait() })
  end)

  it("killed_by_signal", function()
    assert.same({ nil, "signal", 15 }, { shell("kill -TERM $$"):wait() })
    assert.same({ nil, "signal", 9 }, { shell("kill -KILL $$"):wait() })
  end)

  it("wait_times_out", function()
    local p = helper.keep(assert(timens.spawn(SLEEP, { boottime = 1 })))
    for _, timeout in ipairs { 0, 0.01, "10ms", { 0, 10000000 } } do
      assert.same({ nil, "timeout" }, { p:wait(timeout) })
    end
    local began = core.monotonic()
    p:wait(0.05)
    assert.is_true(core.monotonic() - began >= 50000000)
    assert.same({ nil, "running" }, { p:poll() })
    assert.is_true(p.pidfd > 2)
  end)

  it("wait_after_timeout", function()
    local p = helper.keep(assert(timens.spawn({ "cat" }, { boottime = 1, stdin = timens.PIPE })))
    assert.same({ nil, "timeout" }, { p:wait(0.01) })
    p.stdin:close()
    assert.same({ true, "exit", 0 }, { p:wait(1000) })
  end)

  it("wait_twice", function()
    local p = shell "exit 3"
    local first = { p:wait() }
    assert.same({ nil, "exit", 3 }, first)
    assert.same(first, { p:wait() })
    assert.same(first, { p:wait(0) })
    assert.same(first, { p:poll() })
    assert.same(first, { p:close() })
    assert.is_nil(p.pidfd)
  end)

  it("kill", function()
    for signal, number in pairs { INT = 2, SIGUSR1 = 10, [9] = 9 } do
      local p = helper.keep(assert(timens.spawn(SLEEP, { boottime = 1 })))
      assert.is_true(p:kill(signal))
      assert.same({ nil, "signal", number }, { p:wait() })
    end
    local p = helper.keep(assert(timens.spawn(SLEEP, { boottime = 1 })))
    assert.is_true(p:kill(0))
    assert.same({ nil, "running" }, { p:poll() })
    assert.is_true(p:kill())
    assert.same({ nil, "signal", 15 }, { p:wait() })
  end)

  it("kill_after_wait", function()
    local p = shell "exit 0"
    assert.is_true(p:wait())
    local ok, message, errno, stage = p:kill "KILL"
    assert.is_nil(ok)
    assert.matches("it was waited for before", message, 1, true)
    assert.equal(helper.errno.EBADF, errno)
    assert.equal("kill", stage)
  end)

  it("kill_bad_signal", function()
    local p = helper.keep(assert(timens.spawn(SLEEP, { boottime = 1 })))
    assert.error_matches(function()
      p:kill(999)
    end, "signal: expected an integer from 0 to 64, got 999")
    local ok, message, errno, stage = require("timens.core").kill(p.pid, p.pidfd, 999)
    assert.is_nil(ok)
    assert.matches("Invalid argument", message, 1, true)
    assert.equal(helper.errno.EINVAL, errno)
    assert.equal("kill", stage)
    assert.error_matches(function()
      p:kill "NOSUCH"
    end, "signal: expected a number or a name such as 'TERM', got 'NOSUCH'")
    assert.same({ nil, "running" }, { p:poll() })
    assert.is_true(p:kill(0))
    assert.is_true(p:kill "sigterm")
    assert.same({ nil, "signal", 15 }, { p:wait() })
    p = helper.keep(assert(timens.spawn(SLEEP)))
    assert.is_true(p:kill "RTMIN")
    assert.equal("signal", select(2, p:wait()))
  end)

  it("reaped_by_others", function()
    -- With SIGCHLD ignored the kernel reaps children itself.
    local out = helper.lua(
      [[
      local p = assert(timens.spawn({"sh", "-c", "exit 3"}, {boottime = 1}))
      local ok, message, errno, stage = p:wait()
      print(ok, errno, stage)
      print(message)
      print(p.pidfd, select(3, p:wait()), select(3, p:close()))
      helper.assert_leaves_nothing(function()
        local sleeper = assert(timens.spawn({"sleep", "1000"}, {boottime = 1}))
        print(select(3, sleeper:close()))
      end)]],
      { "env", "--ignore-signal=CHLD" }
    )
    local echild = helper.errno.ECHILD
    local first, message, rest = out:match "^(.-)\n(.-)\n(.*)$"
    assert.equal(("nil\t%d\twait"):format(echild), first)
    assert.matches("reaped by somebody else", message, 1, true)
    assert.equal(("nil\t%d\t%d\twait\n%d\twait\n"):format(echild, echild, echild), rest)
  end)
end)
