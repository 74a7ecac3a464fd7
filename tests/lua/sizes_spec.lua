-- SPDX-License-Identifier: MIT
-- Structs versioned by their size. Of those only the offsets pass through Lua, as a string.

local core = require "timens.core"
local helper = require "helper"

local GOOD = core.pack("8888", 86400, 1, 172800, 2)
local PAGE = 4096

local function content(row)
  local size = ({ known = #GOOD, ver0 = 32, page = PAGE, zero = 0 })[row.base] + row.add
  local data = GOOD:sub(1, size) .. ("\0"):rep(size - #GOOD)
  local dirty = row.dirty and ({ first = #GOOD, middle = math.floor((#GOOD + size) / 2), last = size - 1 })[row.dirty]
  return dirty and data:sub(1, dirty) .. "\1" .. data:sub(dirty + 2) or data
end

describe("sizes", function()
  it("matrix", function()
    local rows, tried = helper.vectors("sizes").cases, 0
    for _, row in ipairs(rows) do
      -- No string is that long.
      if row.base ~= "max" then
        local process = {}
        local ok, _, errno, stage = core.spawn({ argv = { "true" }, offsets = content(row) }, process)
        if row.errno then
          assert.is_nil(ok, row.name)
          assert.same({ helper.errno[row.errno], "args" }, { errno, stage }, row.name)
        else
          assert.is_true(ok, row.name)
          assert.equal(0, helper.core_status(process))
        end
        tried = tried + 1
      end
    end
    assert.is_true(tried > 10)
  end)
end)
