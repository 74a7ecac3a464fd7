-- SPDX-License-Identifier: MIT
-- Many starts, and what the collector does in between. TIMENS_STARTS in the environment: how many.
local compat = require "timens.compat"
local helper = require "helper"
local timens = require "timens"

local STARTS = tonumber(os.getenv "TIMENS_STARTS" or 1000)
local PIPES = { boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE, stderr = timens.PIPE }

local function start()
  return assert(timens.spawn({ helper.program "clocks", "nothing" }, PIPES))
end

-- In turn: what users do with a process, and what they leave undone.
local WAYS = {
  function(p)
    p:wait()
    p:close()
  end,
  function(p)
    p:close()
  end,
  function(p)
    assert(p:communicate "x")
  end,
  function(p)
    if helper.has_buffers then
      p.stdin:write "unwritten"
    end
  end,
  function() end,
}

local function memory()
  collectgarbage()
  collectgarbage()
  return helper.status "VmRSS", collectgarbage "count"
end

-- How much the kernel's and Lua's memory, in KiB, grow by that many starts.
local function growth(count)
  local rss, heap = memory()
  local ballast = {}
  collectgarbage "restart"
  for i = 1, count do
    WAYS[i % #WAYS + 1](start())
    -- The heap grows, and so the collector runs less and less often; then all of it is garbage.
    ballast[#ballast + 1] = ("x"):rep(100) .. i
    if i % 200 == 0 then
      ballast = {}
      collectgarbage()
    end
  end
  ballast = nil -- luacheck: ignore
  collectgarbage "stop"
  local rss_after, heap_after = memory()
  return rss_after - rss, heap_after - heap
end

local function sleeper()
  return assert(timens.spawn({ "sleep", "1000" }, PIPES))
end

-- What a scenario keeps in `held` dies in the order of its steps, each followed by a collection.
local function assert_dies(steps)
  local held -- luacheck: ignore
  helper.assert_leaves_nothing(function()
    local p = sleeper()
    local pid = p.pid
    held = { process = p, stdin = p.stdin, stdout = p.stdout, stderr = p.stderr }
    p = nil -- luacheck: ignore
    for i, name in ipairs(steps) do
      assert.is_false(helper.is_gone(pid), name)
      held[name] = nil
      collectgarbage()
      collectgarbage()
      if i == #steps then
        assert.is_true(helper.is_gone(pid), table.concat(steps, " "))
      end
    end
  end)
end

describe("lua_leaks", function()
  it("many_starts", function()
    helper.assert_leaves_nothing(function()
      growth(100) -- what the allocators keep for later
      local rss, heap = growth(STARTS)
      assert.is_true(heap < 64, ("Lua's heap has grown by %.0f KiB"):format(heap))
      assert.is_true(rss < 2048, ("the process has grown by %.0f KiB"):format(rss))
      collectgarbage()
      collectgarbage()
    end)
  end)

  it("many_starts_that_fail", function()
    helper.assert_leaves_nothing(function()
      for _ = 1, STARTS do
        assert.is_nil((timens.spawn({ "/no/such/program" }, PIPES)))
      end
    end)
  end)

  it("collected_in_every_order", function()
    local names = { "process", "stdin", "stdout", "stderr" }
    for first = 1, 4 do
      for second = 1, 3 do
        local rest = { compat.unpack(names) }
        local order = { table.remove(rest, first) }
        table.insert(order, table.remove(rest, second))
        table.insert(order, table.remove(rest, 1))
        table.insert(order, rest[1])
        assert_dies(order)
      end
    end
  end)

  it("collected_all_at_once", function()
    helper.assert_leaves_nothing(function()
      local pids = {}
      for i = 1, 10 do
        local p = sleeper()
        p.self, p.stdin_too = p, p.stdin -- a circle
        pids[i] = p.pid
      end
      collectgarbage()
      collectgarbage()
      for _, pid in ipairs(pids) do
        assert.is_true(helper.is_gone(pid))
      end
    end)
  end)

  it("collected_though_it_may_not_be_killed", function()
    if helper.status "Uid" ~= 0 then
      return helper.skip(pending, "it takes root")
    end
    local out = helper.lua(
      [[
      local quiet = {user = 1234, stdin = timens.PIPE, stdout = timens.DEVNULL, stderr = timens.DEVNULL}
      helper.assert_leaves_nothing(function()
        local function start()
          local p = assert(timens.spawn({"sh", "-c", "read line"}, quiet))
          print(select(3, p:close()))
        end
        start() start() start()
        collectgarbage() collectgarbage()
        repeat
          assert(timens.run {"sleep", "0.01"})
          local children = helper.slurp "/proc/thread-self/children"
        until children == ""
        -- Their numbers are others' now.
        local later = {}
        for i = 1, 6 do
          later[i] = assert(timens.spawn {"sh", "-c", "exit 7"})
        end
        for _, p in ipairs(later) do
          assert(select(3, p:wait(100)) == 7)
          assert(timens.run {"true"})
        end
      end)]],
      { "setpriv", "--bounding-set=-kill", "--inh-caps=-kill" }
    )
    assert.equal("1\tkill\n1\tkill\n1\tkill\n", out)
  end)

  it("collected_while_others_are_used", function()
    local mode = pcall(collectgarbage, "generational") and "generational" or nil
    local pause = collectgarbage("setpause", 1)
    helper.assert_leaves_nothing(function()
      collectgarbage "restart"
      for _ = 1, 100 do
        start()
        assert.equal("x", assert(timens.run({ "cat" }, { input = "x", capture = true, boottime = 1 })).stdout)
      end
      collectgarbage()
      collectgarbage()
      collectgarbage "stop"
    end)
    collectgarbage("setpause", pause)
    if mode then
      collectgarbage "incremental"
    end
  end)
end)
