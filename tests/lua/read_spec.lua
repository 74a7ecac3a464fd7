-- SPDX-License-Identifier: MIT
local helper = require "helper"
local timens = require "timens"

local ASKED = { boottime = { 86400, 5 }, monotonic = { -1, 6 } }

describe("read", function()
  after_each(helper.close_kept)

  it("own_process", function()
    local text = helper.slurp "/proc/self/timens_offsets"
    local mono_sec, mono_nsec = text:match "monotonic +(-?%d+) +(%d+)"
    local boot_sec, boot_nsec = text:match "boottime +(-?%d+) +(%d+)"
    local expected = ("%d.%09d %d.%09d"):format(boot_sec, boot_nsec, mono_sec, mono_nsec)
    assert.equal(expected, helper.text_of(assert(timens.read())))
    assert.equal(expected, helper.text_of(assert(timens.read(0))))
    local pid = helper.status "Pid"
    assert.equal(expected, helper.text_of(assert(timens.read(pid))))
  end)

  it("child_equals_own_plus_asked", function()
    local expected = helper.add(assert(timens.read()), ASKED)
    local p = helper.keep(assert(timens.spawn({ "sleep", "1000" }, ASKED)))
    assert.same(expected, timens.read(p.pid))
    assert.equal(
      helper.text_of(expected) .. "\n",
      helper.lua("print(helper.text_of(timens.read()))", nil, ASKED)
    )
  end)

  it("no_such_process", function()
    -- One more than the highest pid of any Linux.
    local offsets, message, errno, stage = timens.read(4194305)
    assert.is_nil(offsets)
    assert.matches("process 4194305", message, 1, true)
    assert.equal(helper.errno.ESRCH, errno)
    assert.equal("read", stage)
  end)
end)
