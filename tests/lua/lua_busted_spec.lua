-- SPDX-License-Identifier: MIT
-- timens.busted, seen from outside: suites of its own, written for the purpose, and what busted says.
local helper = require "helper"

local HEAD = [[
local at, at_points = require("timens.busted").at, require("timens.busted").at_points
local timens = require "timens"
local function uptime()
  local file = io.open "/proc/uptime"
  local seconds = file:read "*n"
  file:close()
  return seconds
end
]]

-- The result of busted with these options on a file with this text, which begins in line 9.
local function busted(text, options, prefix)
  local result
  helper.with_folder(function(folder)
    assert(os.execute("chmod 755 " .. folder))
    helper.write_file(folder .. "/busted_spec.lua", HEAD .. text)
    result = helper.busted(folder, "busted_spec.lua", options or { "-o", "TAP" }, prefix)
  end)
  return result.stdout, result
end

local function assert_contains(part, text)
  assert.is_truthy(text:find(part, 1, true), ("'%s' is not in:\n%s"):format(part, text))
end

-- Whether a process has ended; init may take its time to reap it.
local function is_over(pid)
  local file = io.open("/proc/" .. pid .. "/stat")
  local state = file and file:read("*a"):match "%) (%a)" or "Z"
  if file then
    file:close()
  end
  return state == "Z"
end

describe("lua_busted", function()
  it("both_clocks_read_it", function()
    local out = busted [[
      at("49d17h", "reads", function()
        assert.is_true(uptime() >= 4294800 and uptime() < 4294860)
        local monotonic = require("timens.core").monotonic() / 1e9
        assert.is_true(monotonic >= 4294800 and monotonic < 4294860)
      end)
      it("is_not_moved_outside", function() assert.is_true(uptime() < 4000000) end)]]
    assert.equal("ok 1 - reads\nok 2 - is_not_moved_outside\n1..2\n", out)
  end)

  it("at_points_once_each", function()
    local out = busted [[
      at_points({"u32-ms", "i32-ms"}, "near", function(point)
        local sec = point.reading.sec
        assert.is_true(uptime() >= sec - 3 and uptime() < sec + 60)
        print(point.name)
      end, {lead = "2s"})
      at_points(nil, "all", function() end)]]
    assert_contains("u32-ms\nok 1 - near u32-ms-2s\ni32-ms\nok 2 - near i32-ms-2s\n", out)
    assert_contains("- all u32-ms-5s\n", out)
    assert.is_nil(out:find "not ok")
  end)

  it("block_sees_the_suite_and_changes_a_copy", function()
    local out = busted [[
      local count = 0
      describe("outer", function()
        before_each(function() count = count + 1 end)
        at("1d", "first", function() assert.equal(1, count) count = 100 end)
        at("1d", "second", function() assert.equal(2, count) end)
      end)]]
    assert.equal("ok 1 - outer first\nok 2 - outer second\n1..2\n", out)
  end)

  it("failures_as_if_local", function()
    -- The same failures inside and outside: the reports must not differ but in the name and the line.
    local function report(call, first)
      local out = busted(
        ([[
        %s
        %s "one", function() local function deep() assert.equal(1, 2) end deep() end)
        %s "two", function() local x x.y = 1 end)
        %s "three", function() error({code = 3}) end)
        %s "four", function() pending "later" end)]]):format(first, call, call, call, call),
        { "-v", "-o", "plainTerminal" }
      )
      return (out:gsub("%d+%.%d+ seconds", ""))
    end
    -- The second time as busted 2.2 does it: in the trace is the text of the error.
    local text_in_trace = [[
      local _, b = debug.getupvalue(getmetatable(require "busted").__index, 1)
      local get = b.getTrace
      b.getTrace = function(element, level, err)
        local trace = get(element, (level or 3) + 1, tostring(err))
        return trace
      end]]
    for line, first in pairs { [10] = "", [15] = text_in_trace } do
      local apart = report('at("1d",', first)
      assert_contains("0 successes / 1 failure / 2 errors / 1 pending", apart)
      assert_contains(("busted_spec.lua:%d: Expected objects to be equal"):format(line), apart)
      assert.equal(report("it(", first), apart)
    end
  end)

  it("finally_and_output", function()
    local out = busted [[
      at("1d", "passes", function() finally(function() print "cleared" end) io.write "kept " end)
      at("1d", "fails", function() finally(function() error "at the end" end) end)]]
    assert_contains("kept cleared\nok 1 - passes\n", out)
    assert_contains("not ok 2 - fails\n", out)
    assert_contains("at the end", out)
    -- What is in a buffer is written once, and in its place.
    out = busted [[
      local path = os.tmpname()
      local file = io.open(path, "w")
      file:write "before "
      at("1d", "writes", function() file:write "inside " end)
      it("reads", function()
        file:write "after"
        file:close()
        assert.equal("before inside after", io.open(path):read "*a")
        os.remove(path)
      end)]]
    assert.equal("ok 1 - writes\nok 2 - reads\n1..2\n", out)
  end)

  it("a_process_that_ends_or_stays", function()
    local out = busted [[
      at("1d", "exits", function() os.exit(3) end)
      at("1d", "is_killed", function() timens.run {"sh", "-c", "kill -9 $PPID"} end)
      at("1d", "stays", function()
        local p = timens.spawn {"sleep", "1000"}
        print("stays " .. p.pid) io.stdout:flush() p:wait() end, {timeout = 1})
      at("1d", "leaves_programs", function() P = timens.spawn({"sleep", "1000"}) print("pid " .. P.pid) end)]]
    assert_contains("busted_spec.lua:9: its process ended on the way: exit 3", out)
    assert_contains("busted_spec.lua:10: its process ended on the way: signal 9", out)
    assert_contains("busted_spec.lua:11: was not done after 1, and was killed", out)
    assert.is_true(is_over(out:match "stays (%d+)"))
    assert_contains("ok 4 - leaves_programs", out)
    assert.is_true(helper.is_gone(tonumber(out:match "pid (%d+)")))
  end)

  it("with_options_of_busted", function()
    local text = [[
      insulate("one", function() at("1d", "first #slow", function() X = 1 end) end)
      insulate("two", function() at("1d", "second #quick", function() assert.is_nil(X) end) end)
      describe("three", function() at("1d", "third", function() assert.equal(1, 2) end) end)]]
    assert.equal("ok 1 - two second #quick\n1..1\n", (busted(text, { "--tags=quick", "-o", "TAP" })))
    assert_contains("2 successes / 1 failure", busted(text, { "--shuffle", "-o", "plainTerminal" }))
    local junit = busted(text, { "-o", "junit" })
    assert_contains("name='one first #slow'", junit)
    assert_contains("<failure>busted_spec.lua:11: Expected objects", junit)
    helper.with_folder(function(folder)
      helper.write_file(folder .. "/other.lua", 'print "another helper"')
      local out = busted(text, { "--helper=" .. folder .. "/other.lua", "-o", "TAP" })
      assert_contains("another helper\n", out)
      assert_contains("ok 1 - one first", out)
    end)
  end)

  local NO_NAMESPACES = "echo 0 >/proc/sys/user/max_user_namespaces && "
    .. 'exec setpriv --bounding-set=-all --inh-caps=-all "$@"'

  it("pending_where_it_is_not_possible", function()
    local text, prefix = 'at("1d", "sample", function() end)', { "unshare", "-Ur", "sh", "-c", NO_NAMESPACES, "sh" }
    table.insert(prefix, 1, "TIMENS_REQUIRE=0")
    table.insert(prefix, 1, "env")
    local out = busted(text, nil, prefix)
    assert_contains("ok 1 - # SKIP busted_spec.lua:9: ", out)
    assert_contains("sysctl", out)
    for _, value in ipairs { "1", "yes" } do
      prefix[2] = "TIMENS_REQUIRE=" .. value
      out = busted(text, nil, prefix)
      assert_contains("not ok 1 - sample", out)
      assert_contains("which TIMENS_REQUIRE forbids", out)
    end
  end)

  it("misuse_is_told_where_it_is_written", function()
    for text, message in pairs {
      ['at("1 fortnight", "x", function() end)'] = "time: time '1 fortnight', column 3",
      ['at("1d", function() end)'] = "name: expected a string, got a function",
      ['at("1d", "x")'] = "block: expected a function, got nil",
      ['at("1d", "x", function() end, {lead = 1})'] = "unknown option 'lead'; there are timeout, userns",
      ['at("1d", "x", function() end, {timeout = "-1s"})'] = "timeout: is negative",
      ['at_points("u32-ms", "x", function() end)'] = "points: expected a table of names",
      ['at_points({}, "x", function() end)'] = "points: is empty; nil is for all",
      ['at_points({["u32-ms"] = true}, "x", function() end)'] = "points: has 'u32-ms'; it is a list of names",
      ['at_points({"u33-ms"}, "x", function() end)'] = "points: 'u33-ms' is none",
      ['at_points({"u32-ms"}, "x", function() end, {lead = "-1s"})'] = "lead: -1s would start after the point",
      ['at_points({"u32-ms"}, "x", function() end, {lead = "1y"})'] = "lead: ",
    } do
      assert_contains("busted_spec.lua:9: " .. message, (busted(text)))
    end
    local out = busted 'at("147y", "x", function() end)'
    assert_contains("not ok 1 - x", out)
    assert_contains("146 years", out)
  end)

  it("outside_of_busted", function()
    local out = helper.lua [[print(select(2, pcall(require, "timens.busted")))]]
    assert_contains("run this with busted", out)
  end)

  it("assert_succeeds", function()
    local out = busted [[
      it("passes", function() assert.succeeds(timens.run {"true"}) end)
      it("exit", function() assert.succeeds(timens.run({"sh", "-c", "echo why >&2; exit 3"}, {capture = true})) end)
      it("error", function() assert.succeeds(timens.run {"/no/such"}) end)
      it("not", function() assert.is_not.succeeds(timens.run {"true"}) end)]]
    assert_contains("ok 1 - passes\nnot ok 2 - exit\n", out)
    assert_contains("# exit 3\n# stderr:\n# why\n", out)
    assert_contains("# exec of '/no/such'", out)
    assert_contains("Expected the program to fail, but it did not:\n# exit 0", out)
  end)
end)
