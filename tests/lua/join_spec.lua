-- SPDX-License-Identifier: MIT
-- The caller moves into the namespace of a process that runs, each time in a Lua of its own.

local helper = require "helper"
local timens = require "timens"

local ASKED = { boottime = { 86400, 1 }, monotonic = { 172800, 2 } }

local function joined(what)
  return helper.lua(([[
    local p = assert(timens.spawn({"sleep", "60"}, {boottime = {86400, 1}, monotonic = {172800, 2}}))
    assert(timens.join(%s))
    print(helper.text_of(timens.read()))
    p:close()]]):format(what))
end

describe("join", function()
  local expected = helper.text_of(helper.add(assert(timens.read()), ASKED)) .. "\n"

  it("by_pidfd", function()
    if helper.status "Uid" ~= 0 then
      return helper.skip(pending, "it takes root to enter a namespace")
    end
    assert.equal(expected, joined "p.pidfd")
  end)

  it("by_namespace_descriptor", function()
    if helper.status "Uid" ~= 0 then
      return helper.skip(pending, "it takes root to enter a namespace")
    end
    assert.equal(expected, joined '(assert(io.open("/proc/" .. p.pid .. "/ns/time")))')
  end)

  it("wrong_descriptors", function()
    local ok, message, errno, stage = timens.join(99999)
    assert.is_nil(ok)
    assert.matches("descriptor 99999", message, 1, true)
    assert.same({ helper.errno.EBADF, "join" }, { errno, stage })
    local uts = assert(io.open "/proc/self/ns/uts")
    ok, message, errno = timens.join(uts)
    assert.is_nil(ok)
    assert.matches("/proc/PID/ns/time", message, 1, true)
    assert.equal(helper.errno.EINVAL, errno)
    uts:close()
    assert.error_matches(function()
      timens.join "1"
    end, "from: expected a descriptor or an open file, got a string")
  end)
end)
