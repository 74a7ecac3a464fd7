-- SPDX-License-Identifier: MIT
-- process:communicate: all input in, all output out, at the same time.
local core = require "timens.core"
local helper = require "helper"
local timens = require "timens"

local PIPES = { boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE, stderr = timens.PIPE }

local function shell(text, opts)
  return helper.keep(assert(timens.spawn({ "sh", "-c", text }, opts or PIPES)))
end

describe("lua_communicate", function()
  after_each(helper.close_kept)

  it("more_than_a_pipe_holds_each_way", function()
    local input = ("0123456789abcdef"):rep(50000)
    local result = assert(shell("tee /dev/stderr; exit 3"):communicate(input))
    assert.is_true(result.stdout == input)
    assert.is_true(result.stderr == input)
    assert.same({ "exit", 3 }, { result.how, result.code })
    assert.is_nil(result.ok)
    assert.is_false(result.timed_out)
  end)

  it("what_was_written_before_comes_first", function()
    local p = shell "cat"
    p.stdin:write "first "
    assert.equal("first second", assert(p:communicate "second").stdout)
    p = shell "cat"
    p.stdin:write "alone"
    assert.equal("alone", assert(p:communicate()).stdout)
    p = shell "exec <&-; echo ready"
    assert.equal("ready", p.stdout:read "*l")
    if helper.has_buffers then
      p.stdin:write "unwanted "
    end
    assert.equal("exit", assert(p:communicate "unwanted").how)
  end)

  it("what_was_read_ahead_is_not_lost", function()
    local p = shell "printf 'first\nsecond\n'; echo err >&2; sleep 0.1; echo third"
    assert.equal("first", p.stdout:read "*l")
    assert.equal("second\nthird\n", assert(p:communicate()).stdout)
    p = shell "head -c 100000 /dev/zero"
    assert.equal("\0", p.stdout:read(1))
    assert.equal(99999, #assert(p:communicate()).stdout)
  end)

  it("what_was_written_before_into_a_full_pipe", function()
    local p = shell "sleep 0.2; wc -c"
    assert(p.stdin:write(("x"):rep(65536)))
    assert(p.stdin:flush())
    p.stdin:write "x"
    assert.equal(65537, tonumber(assert(p:communicate()).stdout))
  end)

  it("timeout_loses_nothing", function()
    local p = shell "echo begun; read line; echo $line; read line; echo end"
    assert.same({ nil, "timeout" }, { p:communicate("first\nsecond\n", 0) })
    local result = assert(p:communicate(nil, 1000))
    assert.equal("begun\nfirst\nend\n", result.stdout)
    assert.is_true(result.ok)
    p = shell "echo begun; exec sleep 1000"
    assert.same({ nil, "timeout" }, { p:communicate("x", 1) })
    assert.same({ nil, "running" }, { p:poll() })
    assert.is_true(p:kill())
    result = assert(p:communicate())
    assert.same({ "begun\n", "signal", 15 }, { result.stdout, result.how, result.code })
  end)

  it("answers_again", function()
    local p = shell "echo done"
    local first = assert(p:communicate())
    assert.same(first, p:communicate())
    assert.same({ true, "exit", 0 }, { p:wait() })
  end)

  it("without_pipes", function()
    local result = assert(shell("exit 5", { stdout = timens.DEVNULL }):communicate())
    assert.same({ "exit", 5 }, { result.how, result.code })
    assert.is_nil(result.stdout)
    assert.is_nil(result.stderr)
  end)

  it("files_that_are_closed", function()
    local p = shell "echo err >&2; read line"
    p.stdout:close()
    p.stdin:close()
    local result = assert(p:communicate())
    assert.equal("err\n", result.stderr)
    assert.is_nil(result.stdout)
    p = shell "echo begun; sleep 0.3; echo more; exit 3"
    assert.same({ nil, "timeout" }, { p:communicate(nil, 0.1) })
    p.stdout:close()
    assert.is_string(assert(p:communicate()).stdout)
    p = shell "cat"
    p.stdin:close()
    assert.error_matches(function()
      p:communicate "x"
    end, "input: stdin is closed")
  end)

  it("input_that_nobody_wants", function()
    local result = assert(shell("exec <&-; echo done"):communicate(("x"):rep(2 ^ 20)))
    assert.equal("done\n", result.stdout)
  end)

  it("wrong_input", function()
    local p = shell "cat"
    assert.error_matches(function()
      p:communicate(5)
    end, "input: expected a string, got a number")
    assert.error_matches(function()
      shell("true", { stdout = timens.PIPE }):communicate "x"
    end, "input: stdin is no pipe; start the program with stdin = timens.PIPE")
    assert.error_matches(function()
      p:communicate("x", "-1s")
    end, "timeout: is negative")
    assert.same({ nil, "timeout" }, { p:communicate("x", 0) })
    assert.error_matches(function()
      p:communicate "y"
    end, "input: the first communicate has it all; go on with nil")
  end)

  it("reaped_by_others", function()
    local out = helper.lua(
      [[
      local p = assert(timens.spawn({"true"}, {boottime = 1, stdout = timens.PIPE}))
      local result, message, errno, stage = p:communicate()
      print(result, errno, stage)]],
      { "env", "--ignore-signal=CHLD" }
    )
    assert.equal(("nil\t%d\twait\n"):format(helper.errno.ECHILD), out)
  end)

  it("a_forked_copy_ends_nothing", function()
    local p = shell "cat"
    local copy = {}
    local pid, message = core.fork(false, copy)
    if pid == 0 then
      local ok, _, errno = p:close()
      collectgarbage()
      core.leave(ok == nil and errno == helper.errno.ECHILD and p.pidfd == nil and 7 or 1)
    end
    assert(pid, message)
    assert.equal(7 * 256, helper.core_status(copy))
    assert.same({ nil, "running" }, { p:poll() })
    assert.equal("still here", assert(p:communicate "still here").stdout)
  end)
end)
