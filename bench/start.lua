-- SPDX-License-Identifier: MIT
-- Start and wait from Lua, interleaved: with and without a namespace, and os.execute.
-- Prints "NAME MEDIAN-MICROSECONDS" lines.
--
--   start.lua PROGRAM [ROUNDS]
local timens = require "timens"

local program, rounds = arg[1], tonumber(arg[2] or 1000)
local argv = {program, "nothing"}

-- Lua has no fine clock of its own; the kernel's, to 10 ms, would not do.
local now = require "timens.core".monotonic

local cases = {
  {"os.execute", function() os.execute(program .. " nothing") end},
  {"timens plain", function() assert(timens.spawn(argv)):wait() end},
  {"timens", function() assert(timens.spawn(argv, {boottime = 1000000})):wait() end},
}
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
  print(string.format("%s\t%.1f", case[1], samples[i][(rounds + 1) // 2] / 1e3))
end
