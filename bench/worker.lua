-- SPDX-License-Identifier: MIT
-- The cases of Lua, by the protocol of worker.c: worker.lua PROGRAM. CALL is the same as LIFE, since most
-- of these cannot be told apart. What is not installed has no case.
local timens = require "timens"

local program = arg[1]
local argv = { program, "nothing" }
local command = program .. " nothing"

-- Lua has no fine clock of its own.
local now = require("timens.core").monotonic

local cases = {
  ["os.execute"] = function()
    os.execute(command)
  end,
  ["io.popen"] = function()
    io.popen(command):close()
  end,
  ["timens.spawn, no namespace"] = function()
    assert(timens.spawn(argv)):wait()
  end,
  ["timens.spawn"] = function()
    assert(timens.spawn(argv, { boottime = 1000000, monotonic = 1000000 })):wait()
  end,
}

local has_luv, uv = pcall(require, "luv")
if has_luv then
  cases["luv: uv.spawn"] = function()
    local handle
    handle = uv.spawn(program, { args = { "nothing" } }, function()
      handle:close()
    end)
    uv.run()
  end
end

local has_posix, unistd = pcall(require, "posix.unistd")
if has_posix then
  local wait = require("posix.sys.wait").wait
  cases["luaposix: fork, execp"] = function()
    local pid = unistd.fork()
    if pid == 0 then
      unistd.execp(program, { "nothing" })
      unistd._exit(127)
    end
    wait(pid)
  end
end

local function time_one(start)
  local begin = now()
  start()
  return ("%d"):format(now() - begin)
end

for line in io.lines() do
  local count, case = line:match "^start\t(%d+)\t(.*)$"
  local start, samples = assert(cases[case], case), {}
  time_one(start)
  for _ = 1, count do
    local ns = time_one(start)
    samples[#samples + 1] = ns
    samples[#samples + 1] = ns
  end
  print(table.concat(samples, "\t"))
  io.flush()
end
