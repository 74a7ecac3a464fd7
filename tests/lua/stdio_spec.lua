-- SPDX-License-Identifier: MIT
local core = require "timens.core"
local helper = require "helper"
local timens = require "timens"

-- Any target, also 0, 1 and 2, for which timens.spawn has options of their own.
local function start_with(argv, map, flags)
  local fds = {}
  for target, source in pairs(map) do
    table.insert(fds, core.pack("44", target, source))
  end
  local process = {}
  assert(core.spawn({ argv = argv, fds = table.concat(fds), flags = flags }, process))
  assert.equal(0, helper.core_status(process))
end

-- What a program prints with a descriptor map of our own, as a list of lines.
local function lines_with(argv, map, flags)
  local reader, writer = assert(core.pipe())
  map[1] = core.fileno(writer)
  start_with(argv, map, flags)
  writer:close()
  local lines = {}
  for line in reader:lines() do
    table.insert(lines, line)
  end
  reader:close()
  return lines
end

local function descriptor_link(fd)
  return "/proc/self/fd/" .. fd
end

describe("stdio", function()
  after_each(helper.close_kept)

  it("inherited", function()
    local out, result = helper.lua(
      [[
      io.write "before "
      assert(timens.run {"sh", "-c", "read line; echo $line; echo error >&2"})
      print "after"]],
      nil,
      { input = "line\n" }
    )
    assert.equal("before line\nafter\n", out)
    assert.equal("error\n", result.stderr)
  end)

  it("null", function()
    local argv = { "readlink", descriptor_link(0), descriptor_link(1), descriptor_link(2) }
    local out = helper.output(argv, { stdin = timens.DEVNULL, stderr = timens.DEVNULL })
    assert.matches("^/dev/null\npipe:%[%d+%]\n/dev/null\n$", out)
  end)

  it("descriptor", function()
    helper.with_folder(function(folder)
      local file = assert(io.open(folder .. "/out", "w+"))
      file:write "ours "
      assert.is_true(timens.run({ "echo", "a file" }, { stdout = file }).ok)
      assert.is_true(timens.run({ "echo", "a number" }, { stdout = core.fileno(file) }).ok)
      file:close()
      assert.equal("ours a file\na number\n", helper.slurp(folder .. "/out"))
    end)
  end)

  it("crossed", function()
    local out, result = helper.lua [[
      assert(timens.run({"sh", "-c", "echo out; echo err >&2"}, {stdout = 2, stderr = 1}))]]
    assert.equal("err\n", out)
    assert.equal("out\n", result.stderr)
  end)

  it("cycle_of_three", function()
    helper.with_folder(function(folder)
      local files, fds = {}, {}
      for i = 1, 3 do
        files[i] = assert(io.open(folder .. "/" .. i, "w"))
        fds[i] = core.fileno(files[i])
      end
      local map = { [fds[1]] = fds[2], [fds[2]] = fds[3], [fds[3]] = fds[1] }
      local argv = { "readlink", descriptor_link(fds[1]), descriptor_link(fds[2]), descriptor_link(fds[3]) }
      local lines = lines_with(argv, map, core.SPAWN_CLOSE_FDS)
      assert.same({ folder .. "/2", folder .. "/3", folder .. "/1" }, lines)
      for _, file in ipairs(files) do
        file:close()
      end
    end)
  end)

  it("same_source_and_target", function()
    local reader, writer = assert(core.pipe())
    local fd = core.fileno(writer)
    assert.is_true(helper.descriptors()[fd], "close-on-exec is not set")
    start_with({ "sh", "-c", "echo hello >" .. descriptor_link(fd) }, { [fd] = fd }, core.SPAWN_CLOSE_FDS)
    assert.is_true(helper.descriptors()[fd])
    writer:close()
    assert.equal("hello\n", reader:read "*a")
    reader:close()
  end)

  it("bad_source", function()
    local full = helper.keep(assert(io.open("/dev/full", "w")))
    helper.assert_leaves_nothing(function()
      full:write "x"
      local process, message, errno, stage = timens.spawn({ "true" }, { stdin = timens.PIPE, stdout = full })
      assert.is_nil(process)
      assert.matches("stdout: No space left on device", message, 1, true)
      assert.same({ helper.errno.ENOSPC, "fds" }, { errno, stage })
    end)
    local process, message, errno, stage = timens.spawn({ "true" }, { boottime = 1, stdout = 999 })
    assert.is_nil(process)
    assert.matches("descriptor 1 (from 999)", message, 1, true)
    assert.equal(helper.errno.EBADF, errno)
    assert.equal("fds", stage)
  end)

  -- The descriptors a program is started with.
  local function descriptors(opts)
    local found = {}
    for line in helper.output({ helper.program "descriptors" }, opts):gmatch "%d+" do
      found[tonumber(line)] = true
    end
    return found
  end

  -- Lua's own files are not close-on-exec.
  local function with_open_file(use)
    use(core.fileno(helper.keep(assert(io.open "/dev/null"))))
  end

  it("close_fds", function()
    with_open_file(function(fd)
      assert.is_true(descriptors({ close_fds = false })[fd])
      assert.same({ [0] = true, true, true }, descriptors())
      assert.same({ [0] = true, true, true }, descriptors { boottime = 1 })
    end)
  end)

  it("close_fds_keeps_targets", function()
    with_open_file(function(fd)
      local map = { [0] = -1, [2] = -1, [fd] = fd, [fd + 100] = -1 }
      local lines = lines_with({ helper.program "descriptors" }, map, core.SPAWN_CLOSE_FDS)
      assert.same({ "0", "1", "2", tostring(fd), tostring(fd + 100) }, lines)
    end)
  end)

  it("close_fds_after_cwd", function()
    local folder = assert(io.open "/usr")
    local opts = { boottime = 1, cwd = descriptor_link(core.fileno(folder)) }
    assert.equal("/usr\n", helper.output({ "/bin/pwd" }, opts))
    folder:close()
  end)

  it("library_descriptors_do_not_leak", function()
    local inherited = { [0] = true, true, true }
    for fd, closes in pairs(helper.descriptors()) do
      inherited[fd] = not closes or fd < 3 or nil
    end
    for _, route in ipairs(helper.routes()) do
      assert.same({ [0] = true, true, true }, descriptors { boottime = 1, route = route })
      assert.same(inherited, descriptors { boottime = 1, route = route, close_fds = false })
    end
  end)
end)
