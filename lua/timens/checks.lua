-- SPDX-License-Identifier: MIT
-- A check for each option of each function: answers a value as the core needs it, or raises an error.
-- A new option is one more line in `checks`.

local compat = require "timens.compat"
local core = require "timens.core"
local misuse = require "timens.misuse"
local names = require "timens.names"
local streams = require "timens.streams"

local a = names.kind

-- As C gets it: with a zero at its end, so with none inside.
local function c_string(value, name)
  if names.text(value, name):find("\0", 1, true) then
    misuse("%s: has a zero byte inside, which no program can be given", name)
  end
  return value
end

-- Of argv and env, where a number stands for its digits.
local function argument(value, name)
  return c_string(type(value) == "number" and tostring(value) or value, name)
end

local function a_table(value, name, of)
  if type(value) ~= "table" then
    misuse("%s: expected a table %s, got %s", name, of, a(value))
  end
  return value
end

-- A table of 1 to its length and nothing else: a set such as {INT = true} would be an empty list. Lua's
-- own `arg` has more below 1, which is no part of the list.
local function sequence(value, name, of, advice)
  for key in pairs(a_table(value, name, of)) do
    local index = compat.tointeger(key)
    if not index or index > #value then
      misuse("%s: has '%s'; %s", name, tostring(key), not index and advice or "it is a list, without gaps")
    end
  end
  return value
end

local function boolean(value, name)
  if type(value) ~= "boolean" then
    misuse("%s: expected true or false, got %s", name, a(value))
  end
  return value
end

local function one_of(choices)
  return function(value, name)
    if not choices[value] then
      local known = table.concat(names.sorted(choices), ", ")
      misuse("%s: '%s' is none of %s", name, tostring(value), known)
    end
    return choices[value]
  end
end

local function environment(value, name)
  local list = {}
  for key, content in pairs(a_table(value, name, "{NAME = value}")) do
    if type(key) ~= "string" or key == "" or key:find("=", 1, true) or key:find("\0", 1, true) then
      misuse("%s: '%s' is no name of a variable; give {NAME = value}", name, tostring(key))
    end
    list[#list + 1] = key .. "=" .. argument(content, name .. "." .. key)
  end
  table.sort(list)
  return list
end

local function integer_in(low, high)
  return function(value, name)
    return names.integer(value, name, low, high)
  end
end

-- The highest number stands for "no id" in the kernel.
local id = integer_in(0, 0xfffffffe)

-- A number, or a name. That there is none of that name is a misuse; that the machine cannot look it up,
-- which takes a descriptor, is not.
local function id_of(what, find)
  return function(value, name)
    if type(value) ~= "string" then
      return id(value, name)
    end
    local number, message, errno = find(c_string(value, name))
    if number then
      return number
    elseif errno == core.ENOENT then
      local advice = value:match "^%d+$" and "; an id is a number, without quotes" or ""
      misuse("%s: %s '%s': there is none here%s", name, what, value, advice)
    end
    return nil, ("%s: %s '%s': %s"):format(name, what, value, message), errno, "credentials"
  end
end

local user, group = id_of("user", core.user_id), id_of("group", core.group_id)

-- A list of anything, as the bytes of its elements one after the other.
local function list_of(element, what)
  return function(value, name)
    sequence(value, name, "of " .. what, "it is a list of " .. what)
    local packed = {}
    for i = 1, #value do
      local message, errno, stage
      packed[i], message, errno, stage = element(value[i], ("%s[%d]"):format(name, i))
      if not packed[i] then
        return nil, message, errno, stage
      end
    end
    return table.concat(packed)
  end
end

local function pack_group(value, name)
  local number, message, errno, stage = group(value, name)
  return number and core.pack("4", number), message, errno, stage
end

local id_count = integer_in(1, 0xffffffff)

-- struct timens_id_map
local function id_map(value, name)
  if type(value) ~= "table" or #value ~= 3 then
    misuse("%s: expected {inside, outside, count}", name)
  end
  return core.pack(
    "444",
    id(value[1], name .. ": inside"),
    id(value[2], name .. ": outside"),
    id_count(value[3], name .. ": count")
  )
end

local function limit(value, name)
  return value == math.huge and value or names.integer(value, name, 0, nil, ", or math.huge for no limit")
end

-- struct timens_rlimit
local function rlimits(value, name)
  local packed = {}
  for key, both in pairs(a_table(value, name, "such as {NOFILE = 64}")) do
    local number, where = names.limit(key, name), name .. "." .. tostring(key)
    local pair = type(both) == "table" and both or { both, both }
    packed[#packed + 1] = core.pack("4488", number, 0, limit(pair[1], where), limit(pair[2], where))
  end
  return table.concat(packed)
end

local function signals(value, name)
  sequence(value, name, "such as {'INT'}", "it is a list, such as {'INT'}")
  local numbers = {}
  for i = 1, #value do
    numbers[i] = names.signal(value[i], ("%s[%d]"):format(name, i), 1)
  end
  return core.pack_signals(numbers)
end

local function signal_mask(value, name)
  return value == "inherit" and value or signals(value, name)
end

-- A number as chmod(1) writes it is a text.
local function umask(value, name)
  local digits = type(value) == "string" and value:match "^[0-7]+$"
  return names.integer(digits and tonumber(digits, 8) or value, name, 0, 511) -- 0777
end

local function descriptor(value, name, wanted)
  if io.type(value) ~= "file" and not streams.is_descriptor(value) then
    local got = io.type(value) and "a closed one" or names.got(value)
    misuse("%s: expected %s, got %s", name, wanted or "a descriptor or an open file", got)
  end
  return value
end

local function folder(value, name)
  return type(value) == "string" and c_string(value, name) or descriptor(value, name)
end

local function fds(value, name)
  for target, source in pairs(a_table(value, name, "{[target] = source}")) do
    if not streams.is_descriptor(target) or target < 3 then
      misuse("%s: '%s' is no descriptor from 3 up; those before are stdin, stdout and stderr", name, tostring(target))
    elseif source == streams.PIPE then
      misuse("%s[%d]: pipes are for stdin, stdout and stderr; give a file, a descriptor or DEVNULL", name, target)
    elseif source ~= streams.DEVNULL then
      descriptor(source, ("%s[%d]"):format(name, target), "a descriptor, an open file or timens.DEVNULL")
    end
  end
  return value
end

---@param argv string[]
---@return string[] argv a copy, all of it strings
local function check_argv(argv)
  sequence(argv, "argv", 'such as {"uptime", "-p"}', "options go into the second argument")
  if #argv == 0 then
    misuse "argv: is empty; it needs a program name"
  end
  local copy = {}
  for i = 1, #argv do
    copy[i] = argument(argv[i], ("argv[%d]"):format(i))
  end
  return copy
end

-- Times are read where they are used: a text may be wrong without being a misuse.
local function any(value)
  return value
end

local checks = {
  boottime = any,
  monotonic = any,
  uptime = any,
  executable = c_string,
  file = c_string,
  cwd = c_string,
  env = environment,
  stdin = streams.check,
  stdout = streams.check,
  stderr = streams.check,
  fds = fds,
  close_fds = boolean,
  start_new_session = boolean,
  process_group = integer_in(0, 0x7fffffff),
  tty = descriptor,
  foreground = boolean,
  user = user,
  group = group,
  extra_groups = list_of(pack_group, "groups"),
  umask = umask,
  nice = integer_in(-40, 40),
  rlimits = rlimits,
  cgroup = folder,
  restore_signals = boolean,
  sigmask = signal_mask,
  sigignore = signals,
  sigdefault = signals,
  shell_scripts = boolean,
  no_new_privs = boolean,
  kill_with_parent = boolean,
  userns = one_of { auto = core.USERNS_AUTO, never = core.USERNS_NEVER, always = core.USERNS_ALWAYS },
  uid_maps = list_of(id_map, "maps"),
  gid_maps = list_of(id_map, "maps"),
  route = one_of {
    auto = core.ROUTE_AUTO,
    clone3 = core.ROUTE_CLONE3,
    vfork = core.ROUTE_VFORK,
    fork = core.ROUTE_FORK,
  },
}

-- timens.run has some of its own.
local run_checks = { capture = boolean, input = names.text, timeout = any }
for name, check in pairs(checks) do
  run_checks[name] = check
end

local enter_checks = {}
for _, name in ipairs { "boottime", "monotonic", "uptime", "userns" } do
  enter_checks[name] = checks[name]
end

return {
  argv = check_argv,
  sequence = sequence,
  descriptor = descriptor,
  spawn = checks,
  run = run_checks,
  enter = enter_checks,
}
