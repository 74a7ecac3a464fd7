-- SPDX-License-Identifier: MIT
-- Start and wait from Lua, interleaved: os.execute; luv and luaposix where they are, none of which sets
-- clocks; timens with and without a namespace. Prints "NAME MEDIAN-MICROSECONDS" lines.
--
--   start.lua PROGRAM [ROUNDS]
local timens = require "timens"

local program, rounds = arg[1], tonumber(arg[2] or 1000)
local argv = { program, "nothing" }

-- Lua has no fine clock of its own; the kernel's, to 10 ms, would not do.
local now = require("timens.core").monotonic

local cases = {
  {
    "os.execute",
    function()
      os.execute(program .. " nothing")
    end,
  },
}

local has_luv, uv = pcall(require, "luv")
if has_luv then
  table.insert(cases, {
    "luv: uv.spawn",
    function()
      local handle
      handle = uv.spawn(program, { args = { "nothing" } }, function()
        handle:close()
      end)
      uv.run()
    end,
  })
end

local has_posix, unistd = pcall(require, "posix.unistd")
if has_posix then
  local wait = require("posix.sys.wait").wait
  table.insert(cases, {
    "luaposix: fork, execp",
    function()
      local pid = unistd.fork()
      if pid == 0 then
        unistd.execp(program, { "nothing" })
        unistd._exit(127)
      end
      wait(pid)
    end,
  })
end

table.insert(cases, {
  "timens plain",
  function()
    assert(timens.spawn(argv)):wait()
  end,
})
table.insert(cases, {
  "timens",
  function()
    assert(timens.spawn(argv, { boottime = 1000000 })):wait()
  end,
})

local samples = {}
for i, case in ipairs(cases) do
  samples[i] = {}
  case[2]()
end
for round = 1, rounds do
  for k = 0, #cases - 1 do
    local i = (round + k) % #cases + 1
    local begin = now()
    cases[i][2]()
    samples[i][round] = now() - begin
  end
end
for i, case in ipairs(cases) do
  table.sort(samples[i])
  print(("%s\t%.1f"):format(case[1], samples[i][math.ceil(rounds / 2)] / 1e3))
end
