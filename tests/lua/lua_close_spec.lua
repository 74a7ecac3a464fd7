-- SPDX-License-Identifier: MIT
-- Scopes that close what they hold: Lua 5.4 alone has them, and its syntax is no one else's.
local helper = require "helper"
local timens = require "timens"

local PIPES = { boottime = 1, stdin = timens.PIPE, stdout = timens.PIPE, stderr = timens.PIPE }

local function start(...)
  return assert(timens.spawn({ ... }, PIPES))
end

describe("lua_close", function()
  it("end_of_scope_kills_and_reaps", function()
    local pid
    helper.assert_leaves_nothing(function()
      local p <close> = start("sleep", "1000")
      pid = p.pid
      assert.is_false(helper.is_gone(pid))
    end)
    assert.is_true(helper.is_gone(pid))
  end)

  it("error_kills_and_reaps", function()
    helper.assert_leaves_nothing(function()
      local ok, message = pcall(function()
        local _ <close> = start("sleep", "1000")
        error "on the way"
      end)
      assert.is_false(ok)
      assert.matches("on the way", message, 1, true)
    end)
  end)

  it("works_in_coroutines", function()
    local function reader(name)
      return coroutine.wrap(function()
        local p <close> = start("sh", "-c", "echo " .. name .. "; echo end")
        coroutine.yield(p.stdout:read "*l")
        coroutine.yield(p.stdout:read "*l")
        coroutine.yield((p:wait()))
      end)
    end
    helper.assert_leaves_nothing(function()
      local a, b = reader "a", reader "b"
      assert.same({ "a", "b", "end", "end", true, true }, { a(), b(), a(), b(), a(), b() })
      a()
      b()
    end)
    local abandoned = coroutine.create(function()
      local p <close> = start("sleep", "1000")
      coroutine.yield(p.pid)
    end)
    local _, pid = coroutine.resume(abandoned)
    assert.is_true(coroutine.close(abandoned))
    assert.is_true(helper.is_gone(pid))
  end)

  it("errors_in_closing_and_after", function()
    helper.assert_leaves_nothing(function()
      local order = {}
      local function closing(name)
        return setmetatable({}, {
          __close = function(_, err)
            table.insert(order, name)
            error(name .. " after " .. tostring(err), 0)
          end,
        })
      end
      local ok, message = pcall(function()
        local first <close> = start("sleep", "1000")
        local _ <close> = closing "a"
        local second <close> = start("sleep", "1000")
        local _ <close> = closing "b"
        assert(first.pid ~= second.pid)
        error("body", 0)
      end)
      assert.is_false(ok)
      assert.equal("a after b after body", message)
      assert.same({ "b", "a" }, order)
    end)
  end)

  it("every_way_out_of_a_scope", function()
    helper.assert_leaves_nothing(function()
      for i = 1, 2 do
        local p <close> = start("sleep", "1000")
        if i == 2 then
          break
        end
        assert(p.pid)
      end
      local function leaves()
        local p <close> = start("sleep", "1000")
        return p.pid
      end
      assert.is_true(helper.is_gone(leaves()))
      do
        local p <close> = start("sleep", "1000")
        if p then
          goto out
        end
      end
      ::out::
      -- A failed start is nil, which may be closed too.
      local none <close> = timens.spawn { "/no/such/program" }
      assert.is_nil(none)
      assert.equal("line", start("sh", "-c", "echo line; exec sleep 1000").stdout:lines()())
      collectgarbage()
      collectgarbage()
    end)
  end)
end)
