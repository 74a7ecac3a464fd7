-- SPDX-License-Identifier: MIT
-- The recipes of docs/lua.md print what stands there.
local helper = require "helper"
local timens = require "timens"

local text = helper.slurp "../../docs/lua.md"

local function run_by(busted, folder, code)
  helper.write_file(folder .. "/recipe_spec.lua", code)
  local setting = ("package.path, package.cpath = %q, %q"):format(package.path, package.cpath)
  local start = busted and ' require "busted.runner" { standalone = false } os.exit(0)' or ' dofile "recipe_spec.lua"'
  local argv = helper.lua_argv(setting .. start)
  for _, argument in ipairs(busted and { "busted", "-o", "TAP", "recipe_spec.lua" } or {}) do
    argv[#argv + 1] = argument
  end
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
