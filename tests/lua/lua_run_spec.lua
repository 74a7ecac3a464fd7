-- SPDX-License-Identifier: MIT
-- timens.run: input, capture, timeout.
local helper = require "helper"
local timens = require "timens"

local function run(script, opts)
  return assert(timens.run({ "sh", "-c", script }, opts))
end

-- A result without its duration, which is never the same.
local function outcome(result)
  assert.is_number(result.duration)
  assert.is_true(result.duration > 0 and result.duration < 1000)
  result.duration = nil
  return result
end

describe("lua_run", function()
  it("result_as_of_wait", function()
    assert.same({ ok = true, how = "exit", code = 0, timed_out = false }, outcome(run "exit 0"))
    assert.same({ how = "exit", code = 3, timed_out = false }, outcome(run "exit 3"))
    assert.same({ how = "signal", code = 15, timed_out = false }, outcome(run "kill $$"))
  end)

  it("duration_is_the_programs_life", function()
    assert.is_true(run("sleep 0.3").duration >= 0.3)
  end)

  it("failure_as_of_spawn", function()
    local result, message, errno, stage = timens.run({ "/no/such/program" }, { capture = true, input = "x" })
    assert.is_nil(result)
    assert.is_string(message)
    assert.equal(helper.errno.ENOENT, errno)
    assert.equal("exec", stage)
  end)

  it("both_streams_at_once", function()
    -- Each more than a pipe holds: read one after the other, this would stand still.
    local result = run("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero", { capture = true })
    assert.equal(("\0"):rep(300000), result.stdout)
    assert.equal(("\0"):rep(300000), result.stderr)
  end)

  it("input_and_output_at_once", function()
    local input = ("0123456789abcdef"):rep(50000)
    local result = run("cat", { capture = true, input = input })
    assert.is_true(result.stdout == input)
    assert.equal("", result.stderr)
    assert.equal("", run("cat", { capture = true, input = "" }).stdout)
  end)

  it("input_that_nobody_wants", function()
    local result = run("exec <&-; echo done", { capture = true, input = ("x"):rep(2 ^ 20) })
    assert.equal("done\n", result.stdout)
    assert.is_true(result.ok)
  end)

  it("streams_sent_elsewhere_are_not_captured", function()
    local script = "echo out; echo err >&2"
    local result = run(script, { capture = true, stderr = timens.STDOUT })
    assert.equal("out\nerr\n", result.stdout)
    assert.is_nil(result.stderr)
    result = run(script, { capture = true, stdout = timens.DEVNULL })
    assert.is_nil(result.stdout)
    assert.equal("err\n", result.stderr)
  end)

  it("what_was_printed_before_comes_first", function()
    local out = helper.lua(
      [[
      for _, stream in ipairs {"stdout", "stderr"} do
        io[stream]:setvbuf("full", 1000)
        io[stream]:write "ours "
        assert(timens.run({"sh", "-c", "echo theirs"}, {stdout = stream == "stdout" and 1 or 2}))
        io[stream]:flush()
      end]],
      nil,
      { stderr = timens.STDOUT }
    )
    assert.equal("ours theirs\nours theirs\n", out)
  end)

  it("flush_raises_no_sigpipe", function()
    if not helper.has_buffers then
      return
    end
    local out = helper.lua [[
      local reader, writer = require("timens.core").pipe()
      writer:setvbuf("full", 1000)
      writer:write "x"
      reader:close()
      print(select(3, timens.spawn({"true"}, {stdout = writer})))]]
    assert.equal("32\tfds\n", out) -- EPIPE
  end)

  it("timeout_kills", function()
    helper.assert_leaves_nothing(function()
      local result = run("echo begun; exec sleep 1000", { capture = true, timeout = 0.3 })
      assert.same({ how = "signal", code = 9, timed_out = true, stdout = "begun\n", stderr = "" }, outcome(result))
      assert.same({ how = "signal", code = 9, timed_out = true }, outcome(run("exec sleep 1000", { timeout = "10ms" })))
    end)
  end)

  it("timeout_while_others_hold_the_pipe", function()
    local result = run("sleep 1000 & echo $!", { capture = true, timeout = 0.3 })
    assert.is_true(result.timed_out)
    assert.same({ nil, "exit", 0 }, { result.ok, result.how, result.code })
    assert.is_true(run("kill " .. result.stdout).ok)
  end)

  it("timeout_not_reached", function()
    local result = run("echo done", { capture = true, timeout = 1000, boottime = 1 })
    assert.is_false(result.timed_out)
    assert.equal("done\n", result.stdout)
    assert.is_true(run("true", { timeout = math.huge }).ok)
  end)

  it("leaves_nothing", function()
    helper.assert_leaves_nothing(function()
      for _ = 1, 20 do
        run("cat >&2", { capture = true, input = "x", boottime = 1 })
      end
    end)
  end)
end)
