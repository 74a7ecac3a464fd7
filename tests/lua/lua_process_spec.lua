-- SPDX-License-Identifier: MIT
-- Processes as Lua objects.
local helper = require "helper"
local timens = require "timens"

local PIPES = { boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE, stderr = timens.PIPE }

local function start(...)
  return assert(timens.spawn({ ... }, PIPES))
end

-- Calls a function again and again, with an error raised at its first instruction, its second, and so on
-- to its end, as lua(1) answers ctrl-C at whichever comes next.
local function interrupt_everywhere(act)
  local hook, mask, every = debug.gethook()
  local count, ok = 0
  repeat
    count = count + 1
    ok = pcall(function()
      debug.sethook(function()
        debug.sethook()
        error("interrupted", 0)
      end, "", count)
      act()
      debug.sethook()
    end)
    debug.sethook(hook, mask, every)
  until ok
  return count
end

describe("lua_process", function()
  after_each(helper.close_kept)

  it("garbage_leaves_no_zombie", function()
    local pid = start("sleep", "1000").pid
    helper.assert_leaves_nothing(function()
      start("sleep", "1000")
      start("true")
      collectgarbage()
      collectgarbage()
    end)
    assert.is_true(helper.is_gone(pid))
  end)

  it("end_of_lua_leaves_no_process", function()
    local pid = helper.lua [[
      local quiet = {boottime = 1, stdin = timens.PIPE, stdout = timens.DEVNULL, stderr = timens.DEVNULL}
      print(timens.spawn({"sleep", "1000"}, quiet).pid)]]
    assert.is_true(helper.is_gone(tonumber(pid)))
  end)

  it("interrupt_ends_a_wait_and_the_process", function()
    local text = [[
      local quiet = {boottime = 1, stdout = timens.DEVNULL, stderr = timens.DEVNULL}
      local p = timens.spawn({"sleep", "1000"}, quiet)
      print(p.pid)
      io.stdout:flush()
      p:wait()
      print "not reached"]]
    local opts = { stdout = timens.PIPE, stderr = timens.PIPE }
    local outer = helper.keep(assert(timens.spawn(helper.lua_argv(text), opts)))
    local pid = outer.stdout:read "*n"
    assert.is_true(outer:kill "INT")
    assert.same({ nil, "exit", 1 }, { outer:wait(100) })
    assert.matches("interrupted!", outer.stderr:read "*a", 1, true)
    assert.equal("\n", outer.stdout:read "*a")
    assert.is_true(helper.is_gone(pid))
  end)

  it("error_at_any_instruction_leaves_nothing", function()
    local argv = { helper.program "clocks", "nothing" }
    local opts = { boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE }
    for _, act in ipairs {
      function()
        timens.spawn({ "sleep", "1000" }, opts)
      end,
      function()
        timens.spawn(argv, { cgroup = "/" }) -- which is none
      end,
      function()
        timens.run(argv, { boottime = 1, capture = true, input = "x" })
      end,
      function()
        assert(timens.spawn(argv, opts)):close()
      end,
    } do
      helper.assert_leaves_nothing(function()
        assert.is_true(interrupt_everywhere(act) > 100)
        collectgarbage()
        collectgarbage()
      end)
    end
  end)

  it("error_at_any_instruction_loses_no_status", function()
    local p
    interrupt_everywhere(function()
      p = p or start("sh", "-c", "exit 3")
      p:wait()
    end)
    assert.same({ nil, "exit", 3 }, { p:wait() })
    interrupt_everywhere(function()
      assert.same({ nil, "exit", 3 }, { start("sh", "-c", "exit 3"):wait() })
    end)
    collectgarbage()
    collectgarbage()
  end)

  it("signals_do_not_end_a_wait", function()
    local out = helper.lua [[
      require("kernel").interrupt_often()
      local script = {"sh", "-c", "sleep 0.2; echo done; exit 3"}
      for _, timeout in ipairs {false, 1000, math.huge} do
        print(assert(timens.spawn(script)):wait(timeout or nil))
      end
      print(assert(timens.spawn({"sleep", "1000"}, {stdout = timens.DEVNULL, stderr = timens.DEVNULL})):wait(0.1))
      local result = assert(timens.run(script, {capture = true}))
      print(result.stdout, result.code)]]
    assert.equal(("done\nnil\texit\t3\n"):rep(3) .. "nil\ttimeout\ndone\n\t3\n", out)
  end)

  it("closed_in_every_order", function()
    local steps = {
      stdin = function(p)
        p.stdin:close()
      end,
      stdout = function(p)
        p.stdout:close()
      end,
      process = function(p)
        p:close()
      end,
    }
    local orders = {
      { "stdin", "stdout", "process" },
      { "stdout", "stdin", "process" },
      { "stdin", "process" },
      { "stdout", "process" },
      { "process" },
      { "process", "process" },
    }
    for _, order in ipairs(orders) do
      helper.assert_leaves_nothing(function()
        local p = start "cat"
        for _, name in ipairs(order) do
          steps[name](p)
        end
        assert.equal("closed file", io.type(p.stdin))
        assert.equal("closed file", io.type(p.stdout))
        assert.equal("closed file", io.type(p.stderr))
      end)
    end
  end)

  it("close_answers_as_wait", function()
    local p = start("sleep", "1000")
    assert.same({ nil, "signal", 9 }, { p:close() })
    p = start("sh", "-c", "exit 3")
    p:wait()
    assert.same({ nil, "exit", 3 }, { p:close() })
  end)

  it("rest_of_a_buffer_blocks_and_kills_nobody", function()
    if not helper.has_buffers then
      return
    end
    -- A full pipe (64 KiB), a byte in the buffer, and nobody reads.
    local p = start("sleep", "1000")
    assert(p.stdin:write(("x"):rep(65536)))
    assert(p.stdin:flush())
    p.stdin:write "x"
    assert.same({ nil, "signal", 9 }, { p:close() })
    -- Nor does the program that has it now.
    p = start("sh", "-c", "exec 3<&0; sleep 1000 <&3 & echo $!")
    local left = p.stdout:read "*n"
    assert(p.stdin:write(("x"):rep(65536)))
    assert(p.stdin:flush())
    p.stdin:write "x"
    p:close()
    assert.is_true(timens.run({ "kill", tostring(left) }).ok)
    -- Nobody is there.
    p = start "true"
    p.stdin:write "x"
    assert.is_true(p:wait())
    local ok, message = p.stdin:close()
    assert.is_nil(ok)
    assert.matches("Broken pipe", message, 1, true)
    p:close()
  end)

  it("pipes_are_files", function()
    local p = helper.keep(start("sh", "-c", "cat; echo error >&2"))
    assert.equal("file", io.type(p.stdin))
    p.stdin:write("12.5 one\n", "two\n", "three\n")
    p.stdin:close()
    assert.equal(12.5, p.stdout:read "*n")
    assert.equal(" one", p.stdout:read "*l")
    local rest = {}
    for line in p.stdout:lines() do
      table.insert(rest, line)
    end
    assert.same({ "two", "three" }, rest)
    assert.equal("error\n", p.stderr:read "*a")
    assert.is_nil((p.stdout:seek "cur"))
    assert.is_true(p:wait())
  end)

  it("a_pipe_holds_its_process", function()
    local out = start("sh", "-c", "read line; echo $line").stdout
    collectgarbage()
    collectgarbage()
    local p = helper.held_by(out)
    p.stdin:write "still here\n"
    p.stdin:close()
    assert.equal("still here", out:read "*l")
    -- close would kill a shell that has not got to its end yet.
    assert.is_true(p:wait())
    p:close()
  end)

  it("stderr_goes_where_stdout_goes", function()
    local script = { "sh", "-c", "echo out; echo err >&2" }
    local p = helper.keep(assert(timens.spawn(script, { stdout = timens.PIPE, stderr = timens.STDOUT })))
    assert.equal("out\nerr\n", p.stdout:read "*a")
    assert.is_nil(p.stderr)
  end)

  it("tostring_tells_the_state", function()
    local p = start "cat"
    assert.equal(("timens.process (pid %d, running)"):format(p.pid), tostring(p))
    p.stdin:close()
    p.stdout:read "*a"
    local ended = ("timens.process (pid %d, ended)"):format(p.pid)
    for _ = 1, 1000 do
      if tostring(p) == ended then
        break
      end
      timens.run { "sleep", "0.01" }
    end
    assert.equal(ended, tostring(p))
    assert.is_number(p.pidfd)
    p:wait()
    assert.equal(("timens.process (pid %d, exit 0)"):format(p.pid), tostring(p))
    p:close()
  end)
end)
