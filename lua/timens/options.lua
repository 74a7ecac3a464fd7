-- SPDX-License-Identifier: MIT
-- What a call may be given, all of it together; `checks` has the single options.

local checks = require "timens.checks"
local misuse = require "timens.misuse"
local names = require "timens.names"
local streams = require "timens.streams"

local options = { argv = checks.argv }

-- -- Misspelt names --

-- How many letters to change, add or leave out to come from one word to the other (Levenshtein).
local function distance(from, to)
  local row = {}
  for j = 0, #to do
    row[j] = j
  end
  for i = 1, #from do
    local diagonal = row[0]
    row[0] = i
    for j = 1, #to do
      local cost = from:byte(i) == to:byte(j) and 0 or 1
      diagonal, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
    end
  end
  return row[#to]
end

-- What others call it: subprocess, luv, setsid(1).
local ELSEWHERE = {
  capture_output = "capture",
  pass_fds = "fds",
  uid = "user",
  gid = "group",
  groups = "extra_groups",
  pgid = "process_group",
  setsid = "start_new_session",
  detached = "start_new_session",
  detach = "start_new_session",
  dir = "cwd",
}

local ARGV = "the program and its arguments are the first argument, a table"
local BYTES = "strings of Lua are bytes"

-- What others have, and what there is in its place.
local INSTEAD = {
  shell = 'start one: {"sh", "-c", command}',
  cmd = ARGV,
  args = ARGV,
  stdio = "there are stdin, stdout and stderr",
  check = "see ok of the result",
  text = BYTES,
  encoding = BYTES,
}

-- The option that was meant: some letters beside the word, or it goes on where the word ends.
local function nearest(word, known)
  word = word:lower()
  if known[ELSEWHERE[word]] then
    return ELSEWHERE[word]
  end
  local best, best_distance = nil, math.floor((#word + 1) / 3) + 1
  for _, name in ipairs(names.sorted(known)) do
    local d = #word > 2 and name:sub(1, #word) == word and 1 or distance(word, name)
    if d < best_distance then
      best, best_distance = name, d
    end
  end
  return best
end

local function unknown(name, known)
  local word = tostring(name)
  if checks.run[name] then
    misuse("unknown option '%s'; %s has it", word, checks.spawn[name] and "timens.spawn" or "timens.run")
  elseif INSTEAD[name] and known.stdin then
    misuse("unknown option '%s'; %s", word, INSTEAD[name])
  end
  local best = nearest(word, known)
  if best then
    misuse("unknown option '%s'; did you mean '%s'?", word, best)
  end
  misuse("unknown option '%s'; there are %s", word, table.concat(names.sorted(known), ", "))
end

-- -- All of them --

local function check_together(taken)
  if taken.uptime ~= nil and (taken.boottime ~= nil or taken.monotonic ~= nil) then
    misuse "uptime is for both clocks: it excludes boottime and monotonic"
  elseif taken.executable and taken.file then
    misuse "executable and file are the same; give one of them"
  elseif taken.foreground and not taken.tty then
    misuse "foreground: needs the terminal, as tty"
  elseif taken.tty and not taken.foreground and not taken.start_new_session then
    misuse "tty: only the leader of a session takes a terminal; give start_new_session, or foreground"
  elseif taken.process_group and taken.start_new_session then
    misuse "process_group: start_new_session gives it one of its own; give one of them"
  end
end

---What the system does not let us look up is answered as nil, message, errno, stage.
---@param opts table?
---@param known table<string, fun(value: any, name: string): any> a check for each option
---@return table? opts a copy, as the checks answer it
---@return string? message, integer? errno, string? stage
function options.check(opts, known)
  if opts == nil then
    return {}
  elseif type(opts) ~= "table" then
    misuse("options: expected a table, got %s", names.kind(opts))
  end
  local taken = {}
  for name, value in pairs(opts) do
    if not known[name] then
      unknown(name, known)
    end
    local message, errno, stage
    taken[name], message, errno, stage = known[name](value, name)
    if message then
      return nil, message, errno, stage
    end
  end
  check_together(taken)
  taken.file = taken.executable or taken.file
  return taken
end

---@param opts timens.SpawnOptions?
---@return table? opts a copy, as the core needs it
---@return string? message, integer? errno, string? stage
function options.spawn(opts)
  return options.check(opts, checks.spawn)
end

---@param opts table?
---@return table opts a copy, as the core needs it
function options.enter(opts)
  return options.check(opts, checks.enter) --[[@as table]]
end

---@param opts timens.RunOptions?
---@return table? opts a copy, as the core needs it, with the pipes that it takes
---@return string? message, integer? errno, string? stage
function options.run(opts)
  local taken, message, errno, stage = options.check(opts, checks.run)
  if not taken then
    return nil, message, errno, stage
  end
  for _, name in ipairs(streams.NAMES) do
    if taken[name] == streams.PIPE then
      misuse("%s: nobody could use the pipe; give timens.run input or capture, or use timens.spawn", name)
    end
  end
  if taken.input and taken.stdin then
    misuse "input: goes to stdin, and stdin is given too"
  end
  taken.stdin = taken.input and streams.PIPE or taken.stdin
  taken.stdout = taken.stdout or taken.capture and streams.PIPE or nil
  taken.stderr = taken.stderr or taken.capture and streams.PIPE or nil
  return taken
end

return options
