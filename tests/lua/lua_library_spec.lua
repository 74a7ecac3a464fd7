-- SPDX-License-Identifier: MIT
-- The definition files for editors hold what the package does: no name more, and no name less.
local checks = require "timens.checks"
local helper = require "helper"
local timens = require "timens"

local LIBRARY = "../../library/timens.lua"
local BUSTED = "../../library/timens/busted.lua"

local function sorted(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- The names of the fields of a class.
local function fields_of(file, class)
  local text = "\n" .. helper.slurp(file)
  local block = text:match("\n%-%-%-@class timens" .. class:gsub("%.", "%%.") .. "[^\n]*\n(.-)\n[^-]")
  local found = {}
  for name in (block or ""):gmatch "%-%-%-@field ([%w_]+)" do
    found[name] = true
  end
  assert.is_truthy(next(found), class)
  return found
end

local function functions_of(file, owner)
  local found = {}
  for name in helper.slurp(file):gmatch("\nfunction " .. owner .. "([%w_]+)%(") do
    found[name] = true
  end
  assert.is_truthy(next(found), owner)
  return found
end

-- Keys, of functions or of all the others.
local function keys(of, is_function)
  local found = {}
  for name, value in pairs(of) do
    if (type(value) == "function") == is_function then
      found[name] = true
    end
  end
  return found
end

-- The inner functions of an object say so.
local function private_functions()
  local found = {}
  for name in helper.slurp("../../lua/timens/process.lua"):gmatch "%-%-%-@private\nfunction Process:([%w_]+)" do
    found[name] = true
  end
  return found
end

-- The options of a function of timens.busted, by its own account.
local function options_of(name)
  local helper_of_busted = require "timens.busted"
  local time = name == "at" and "1d" or nil
  local _, message = pcall(helper_of_busted[name], time, "x", function() end, { ["?"] = 1 })
  return message:match "there are (.*)$"
end

describe("lua_library", function()
  it("is_lua", function()
    assert.is_function(loadfile(LIBRARY))
    assert.is_function(loadfile(BUSTED))
  end)

  it("functions", function()
    assert.same(sorted(keys(timens, true)), sorted(functions_of(LIBRARY, "timens.")))
    assert.same(sorted(keys(timens, false)), sorted(fields_of(LIBRARY, "")))
    assert.same(sorted(keys(require "timens.busted", true)), sorted(functions_of(BUSTED, "helper.")))
  end)

  it("every_flag_of_the_core_is_an_option", function()
    local start, count = helper.slurp "../../lua/timens/start.lua", 0
    for name in helper.slurp("../../core/include/timens.h"):gmatch "#define TIMENS_(SPAWN_[%u_]+)%s+UINT64_C" do
      count = count + 1
      assert.is_truthy(start:find("core." .. name .. "%f[^%u_]"), name)
      assert.is_number(require("timens.core")[name], name)
    end
    assert.is_true(count > 15)
  end)

  it("processes", function()
    local process = assert(timens.spawn({ "true" }, { boottime = 1 }))
    local methods = keys(getmetatable(process).__index, true)
    for name in pairs(private_functions()) do
      assert.is_true(methods[name], name)
      methods[name] = nil
    end
    for name in pairs(methods) do
      methods[name] = not name:find "^__" or nil
    end
    assert.same(sorted(methods), sorted(functions_of(LIBRARY, "Process:")))
    local public = fields_of(LIBRARY, ".Process")
    for _, name in ipairs { "pid", "pidfd", "route", "userns" } do
      assert.is_true(public[name] and process[name] ~= nil, name)
    end
    process:close()
  end)

  it("options", function()
    local spawn = fields_of(LIBRARY, ".SpawnOptions")
    assert.same(sorted(checks.spawn), sorted(spawn))
    local run = fields_of(LIBRARY, ".RunOptions")
    for name in pairs(spawn) do
      run[name] = true
    end
    assert.same(sorted(checks.run), sorted(run))
    local test, points = fields_of(BUSTED, ".TestOptions"), fields_of(BUSTED, ".PointOptions")
    assert.equal(table.concat(sorted(test), ", "), options_of "at")
    for name in pairs(test) do
      points[name] = true
    end
    assert.equal(table.concat(sorted(points), ", "), options_of "at_points")
  end)

  it("results", function()
    local result = assert(timens.run({ "true" }, { capture = true }))
    assert.same(sorted(result), sorted(fields_of(LIBRARY, ".Result")))
    assert.same(sorted(timens.points[1]), sorted(fields_of(LIBRARY, ".Point")))
    local support = fields_of(LIBRARY, ".Support")
    for name in pairs(timens.support()) do
      assert.is_true(support[name], name)
    end
  end)
end)
