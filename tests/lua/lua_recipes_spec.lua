-- SPDX-License-Identifier: MIT
-- The recipes of docs/lua.md print what stands there.
local helper = require "helper"
local timens = require "timens"

local text = helper.slurp "../../docs/lua.md"

local function run_by(busted, folder, code)
  helper.write_file(folder .. "/recipe_spec.lua", code)
  if busted then
    return helper.busted(folder, "recipe_spec.lua", { "-o", "TAP" })
  end
  local setting = ("package.path, package.cpath = %q, %q "):format(package.path, package.cpath)
  local argv = { helper.lua_program, "-e", setting .. 'dofile "recipe_spec.lua"' }
  return assert(timens.run(argv, { cwd = folder, capture = true, timeout = 100 }))
end

describe("lua_recipes", function()
  local count = 0
  for title, kind, code, expected in text:gmatch "\n## (%d+%.[^\n]*)\n.-\n```lua ?(%a*)\n(.-)```\n```text\n(.-)```\n" do
    count = count + 1
    it(title, function()
      helper.with_folder(function(folder)
        local result = run_by(kind == "busted", folder, code)
        assert.equal("", result.stderr)
        assert.equal(expected, result.stdout)
        assert.is_true(result.ok)
      end)
    end)
  end

  it("there_are_ten", function()
    assert.equal(10, count)
    assert.equal(10, select(2, text:gsub("\n## %d+%.", "")))
  end)
end)
