-- SPDX-License-Identifier: MIT
-- The rollover points: the table of all languages.

local helper = require "helper"
local timens = require "timens"

describe("points", function()
  it("the_shared_table", function()
    local rows = helper.vectors("durations").points
    assert.is_true(#rows > 0)
    assert.equal(#rows, #timens.points)
    for i, row in ipairs(rows) do
      local point = timens.points[i]
      assert.same({ row.name, row.sec, row.nsec }, { point.name, point.reading.sec, point.reading.nsec })
    end
  end)

  it("ascending_and_described", function()
    local before = -1
    for _, point in ipairs(timens.points) do
      assert.is_true(before < point.reading.sec, point.name)
      before = point.reading.sec
      assert.is_true(#point.counter > 0 and #point.effect > 0)
    end
    assert.equal("@49d17h2m47.296s", tostring(timens.points[4].reading))
  end)
end)
