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
end)
