-- SPDX-License-Identifier: MIT
local helper = require "helper"
local timens = require "timens"

-- Before Lua 5.3 more than 2^53 seconds are no exact number, and refused.
local function is_exact(sec)
  return helper.has_integers or math.abs(sec) < 2 ^ 53
end

describe("duration", function()
  local vectors = helper.vectors "durations"

  it("vectors", function()
    assert.is_true(#vectors.ok > 0 and #vectors.bad > 0)
    for _, case in ipairs(vectors.ok) do
      if is_exact(case.sec) then
        assert.same({ case.sec, case.nsec, false }, { timens.parse(case.text) }, case.text)
      else
        assert.same({ helper.errno.ERANGE, "parse" }, { select(3, timens.parse(case.text)) }, case.text)
      end
    end
    assert.is_true(#vectors.readings > 0)
    for _, case in ipairs(vectors.readings) do
      assert.same({ case.sec, case.nsec, true }, { timens.parse(case.text) }, case.text)
    end
    for _, case in ipairs(vectors.bad) do
      local sec, message, errno, stage = timens.parse(case.text)
      assert.is_nil(sec, case.text)
      assert.equal(assert(helper.errno[case.errno], case.errno), errno, message)
      assert.equal("parse", stage)
      assert.matches(("column %d: "):format(case.column) .. (case.says or ""), message, 1, true)
    end
  end)

  it("format_reads_back", function()
    assert.is_true(#vectors.format > 0)
    for _, case in ipairs(vectors.format) do
      if is_exact(case.sec) then
        assert.equal(case.text, timens.format(case.sec, case.nsec))
        assert.same({ case.sec, case.nsec, false }, { timens.parse(case.text) })
      else
        assert.has_error(function()
          timens.format(case.sec, case.nsec)
        end)
      end
    end
    assert.equal("-1s", timens.format(-1))
    local text, message, errno = require("timens.core").format(0, 1000000000)
    assert.is_nil(text)
    assert.matches("999999999", message, 1, true)
    assert.equal(helper.errno.EINVAL, errno)
  end)
end)
