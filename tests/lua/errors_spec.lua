-- SPDX-License-Identifier: MIT
local core = require "timens.core"
local helper = require "helper"
local timens = require "timens"

local errno = helper.errno

-- nil, message, errno, stage; and the message has all the parts.
local function assert_failure(result, number, stage, ...)
  assert.is_nil(result[1])
  local message = result[2]
  assert.equal(number, result[3], message)
  assert.equal(stage, result[4], message)
  for _, part in ipairs { ... } do
    assert.is_truthy(message:find(part, 1, true), ("'%s' is not in: %s"):format(part, message))
  end
end

local function spawn(argv, opts)
  opts = opts or {}
  opts.boottime = opts.boottime or 1
  return { timens.spawn(argv, opts) }
end

describe("errors", function()
  it("program_not_found", function()
    -- A PATH of our own: one with a folder that is closed to us would make it EACCES.
    local result = spawn({ "no-such-program-anywhere" }, { env = { PATH = "/usr/bin:/bin" } })
    assert_failure(result, errno.ENOENT, "exec", "exec of 'no-such-program-anywhere'", "PATH")
  end)

  local function assert_file_fails(content, mode, ...)
    local expected = { ... }
    helper.with_folder(function(folder)
      local path = folder .. "/file"
      helper.write_file(path, content, mode)
      assert_failure(spawn({ "name" }, { file = path }), expected[1], "exec", path, expected[2])
    end)
  end

  it("not_executable", function()
    assert_file_fails("#!/bin/sh\n", "644", errno.EACCES, "not an executable file")
  end)

  it("not_a_program", function()
    assert_file_fails("echo this has no first line\n", "755", errno.ENOEXEC, "#!")
  end)

  it("bad_cwd", function()
    assert_failure(spawn({ "true" }, { cwd = "/no/such/folder" }), errno.ENOENT, "cwd", "'/no/such/folder'")
    assert_failure(spawn({ "true" }, { cwd = "/dev/null" }), errno.ENOTDIR, "cwd", "'/dev/null'")
  end)

  -- Past the checks of the Lua layer.
  local function spawn_packed(...)
    return { core.spawn({ argv = { "true" }, offsets = core.pack("8888", ...) }, {}) }
  end

  it("nanoseconds_of_a_billion", function()
    local result = spawn_packed(0, 1000000000, 0, 0)
    assert_failure(result, errno.EINVAL, "offsets", "boottime", "1000000000", "0 to 999999999")
    assert_failure(spawn_packed(0, 0, 0, 1000000000), errno.EINVAL, "offsets", "monotonic")
    assert.error_matches(function()
      spawn({ "true" }, { boottime = { 0, 1000000000 } })
    end, "boottime: nanoseconds: expected an integer from 0 to 999999999, got 1000000000")
  end)

  it("negative_nanoseconds", function()
    assert_failure(spawn_packed(0, 0, 1, -1), errno.EINVAL, "offsets", "monotonic", "-1", "0 to 999999999")
    assert.error_matches(function()
      timens.at { 1, -5 }
    end, "time: nanoseconds: expected an integer from 0 to 999999999, got %-5")
  end)

  -- The text names the clock, what was asked, what the clock reads now, and the offset from there to
  -- the limit.
  local function assert_out_of_range(clock, offset, limit, edge)
    local _, before = helper.clocks()
    local result = spawn({ "true" }, { [clock] = offset })
    local _, after = helper.clocks()
    assert_failure(result, errno.ERANGE, "offsets", clock, timens.format(offset), edge)
    local reads, possible = result[2]:match "it reads ([%w.]+)%); the %l+ offset possible now is ([-%w.]+)"
    assert.is_string(reads, result[2])
    local reading, left = { timens.parse(reads) }, { timens.parse(possible) }
    assert.is_true(helper.difference(before[clock], reading) > 0)
    assert.is_true(helper.difference(reading, after[clock]) > 0)
    assert.equal(limit, helper.add({ boottime = reading }, { boottime = left }).boottime.sec)
  end

  it("clock_would_be_negative", function()
    local _, readings = helper.clocks()
    assert_out_of_range("boottime", -readings.boottime.sec - 60, 0, "make the clock negative")
    assert_out_of_range("monotonic", -readings.monotonic.sec - 60, 0, "lowest offset")
  end)

  it("clock_past_its_limit", function()
    assert_out_of_range("boottime", 4611686018, 4611686018, "146 years")
    assert_out_of_range("monotonic", 4611686018, 4611686018, "highest offset")
  end)

  it("ten_to_the_20_seconds", function()
    assert_failure(spawn({ "true" }, { boottime = 1e20 }), errno.ERANGE, "offsets", "boottime", "too large")
    assert_failure(spawn({ "true" }, { monotonic = "100000000000000000000s" }), errno.ERANGE, "parse", "monotonic")
    assert_failure(spawn({ "true" }, { boottime = helper.max_integer }), errno.ERANGE, "offsets", "146 years")
    assert_failure(spawn({ "true" }, { boottime = helper.min_integer }), errno.ERANGE, "offsets", "negative")
  end)

  -- -- The bytes of struct timens_offsets --

  local OFFSETS = core.pack("8888", 86400, 5, 86400, 6)

  local function spawn_bytes(bytes, process)
    return core.spawn({ argv = { "true" }, offsets = bytes, flags = core.SPAWN_CLOSE_FDS }, process or {})
  end

  it("offsets_too_short", function()
    assert_failure({ spawn_bytes(OFFSETS:sub(1, 31)) }, errno.EINVAL, "args", "offsets", "31 bytes")
  end)

  it("offsets_long_with_zero_tail", function()
    local process = {}
    assert(spawn_bytes(OFFSETS .. ("\0"):rep(4096 - #OFFSETS), process))
    assert.equal(0, helper.core_status(process))
  end)

  it("offsets_long_with_dirty_tail", function()
    assert_failure({ spawn_bytes(OFFSETS .. "\0\1") }, errno.E2BIG, "args", "offsets", "newer than this library")
  end)

  it("offsets_over_a_page", function()
    assert_failure({ spawn_bytes(OFFSETS .. ("\0"):rep(4097 - #OFFSETS)) }, errno.E2BIG, "args", "4097", "page")
  end)

  it("unknown_flags", function()
    local result = { core.spawn({ argv = { "true" }, flags = -2 ^ 63 }, {}) }
    assert_failure(result, errno.EINVAL, "args", "flags 0x8000000000000000")
  end)

  it("empty_argv", function()
    local result = { core.spawn({ argv = {} }, {}) }
    assert_failure(result, errno.EINVAL, "args", "argv is empty")
    assert.has_error(function()
      timens.spawn({}, { file = "/bin/true" })
    end, "argv: is empty; it needs a program name")
  end)

  it("stage_names", function()
    local vectors = helper.vectors "stages"
    assert.is_true(#vectors.stages > 0)
    for _, stage in ipairs(vectors.stages) do
      assert.equal(stage.name, core.stage_name(stage.number))
    end
    assert.equal("?", core.stage_name(#vectors.stages + 1))
    for _, route in ipairs(vectors.routes) do
      assert.equal(route.name, core.route_name(route.number))
    end
  end)

  it("failed_start_leaves_nothing", function()
    for _, route in ipairs(helper.routes()) do
      helper.assert_leaves_nothing(function()
        local opts = { route = route, stdin = timens.PIPE, stdout = timens.PIPE, stderr = timens.PIPE }
        assert_failure(spawn({ "/no/such/program" }, opts), errno.ENOENT, "exec")
      end)
    end
    -- A blocked SIGCHLD stays pending, so one that came can be seen.
    local out = helper.lua(
      [[
      local function seen() return helper.has_signal(helper.status "ShdPnd", "CHLD") end
      for _, route in ipairs(helper.routes()) do
        assert(not timens.spawn({"/no/such/program"}, {boottime = 1, route = route}))
        print(seen())
      end
      assert(timens.spawn {"true"}):wait()
      print(seen())]],
      { "env", "--block-signal=CHLD" }
    )
    assert.equal(("false\n"):rep(#helper.routes()) .. "true\n", out)
  end)
end)
