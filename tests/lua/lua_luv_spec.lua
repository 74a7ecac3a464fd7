-- SPDX-License-Identifier: MIT
-- In a loop of luv, by way of the pidfd.
local helper = require "helper"
local timens = require "timens"
local uv = require "luv"

local EXAMPLE = "../../examples/luv/programs.lua"

-- Calls back with what wait answers.
local function when_ended(process, callback)
  local poll = uv.new_poll(process.pidfd)
  poll:start("r", function()
    poll:close(function()
      callback(process:wait(0))
    end)
  end)
end

describe("lua_luv", function()
  it("each_is_told_when_it_ends", function()
    helper.assert_leaves_nothing(function()
      local order = {}
      for _, seconds in ipairs { 0.3, 0.1, 0.2 } do
        coroutine.wrap(function()
          local thread = coroutine.running()
          local script = { "sh", "-c", ("sleep %.1f; exit %d"):format(seconds, seconds * 10) }
          when_ended(assert(timens.spawn(script, { boottime = 1 })), function(...)
            assert(coroutine.resume(thread, ...))
          end)
          table.insert(order, { coroutine.yield() })
        end)()
      end
      uv.run()
      assert.same({ { nil, "exit", 1 }, { nil, "exit", 2 }, { nil, "exit", 3 } }, order)
    end)
  end)

  it("a_timer_of_the_loop_ends_a_program", function()
    local process, how = assert(timens.spawn({ "sleep", "1000" }, { boottime = 1 })), nil
    when_ended(process, function(...)
      how = { ... }
    end)
    local timer = uv.new_timer()
    timer:start(100, 0, function()
      assert(process:kill())
      timer:close()
    end)
    uv.run()
    assert.same({ nil, "signal", 15 }, how)
  end)

  it("no_signal_handler_and_no_thread", function()
    local out = helper.lua [[
      local function own()
        local threads = 0
        for _ in require("lfs").dir "/proc/self/task" do threads = threads + 1 end
        return helper.status "SigCgt" .. " " .. helper.status "SigBlk" .. " " .. threads
      end
      local before = own()
      for _, route in ipairs(helper.routes()) do
        local opts = {boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE, route = route}
        local p = assert(timens.spawn({"cat"}, opts))
        assert(p:communicate("x", 100).stdout == "x")
      end
      assert(timens.support().available)
      print(before == own(), before)]]
    assert.matches("^true\t", out)
  end)

  it("the_example", function()
    if not uv.pipe then
      return -- a luv before 1.41
    end
    local argv = helper.lua_argv(("dofile %q"):format(EXAMPLE))
    local lines = { "up 1 year, 1 hour, 0 minutes", "up 7 weeks, 1 hour, 0 minutes", "up 2 days, 1 hour, 0 minutes" }
    assert.equal("true\t" .. table.concat(lines, "\ntrue\t") .. "\n", (helper.output(argv)))
  end)
end)
