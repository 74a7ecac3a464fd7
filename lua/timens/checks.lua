-- SPDX-License-Identifier: MIT
-- A check for each option of each function: answers a value as the core needs it, or raises an error.
-- A new option is one more line in `checks`.

local compat = require "timens.compat"
local core = require "timens.core"
local misuse = require "timens.misuse"
local names = require "timens.names"
local streams = require "timens.streams"

local a = names.kind

-- As the program gets it: with a zero at its end, so with none inside.
local function c_string(value, name)
  if type(value) == "number" then
    value = tostring(value)
  elseif type(value) ~= "string" then
    misuse("%s: expected a string, got %s", name, a(value))
  end
  if value:find("\0", 1, true) then
    misuse("%s: has a zero byte inside, which no program can be given", name)
  end
  return value
end

local function bytes(value, name)
  if type(value) ~= "string" then
    misuse("%s: expected a string, got %s", name, a(value))
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
  if type(value) ~= "table" then
    misuse("%s: expected a table {NAME = value}, got %s", name, a(value))
  end
  local list = {}
  for key, content in pairs(value) do
    if type(key) ~= "string" or key == "" or key:find("=", 1, true) or key:find("\0", 1, true) then
      misuse("%s: '%s' is no name of a variable; give {NAME = value}", name, tostring(key))
    end
    list[#list + 1] = key .. "=" .. c_string(content, name .. "." .. key)
  end
  table.sort(list)
  return list
end

local function integer_in(low, high)
  return function(value, name)
    local integer = compat.tointeger(value)
    if not integer or integer < low or integer > high then
      local got = type(value) == "number" and tostring(value) or a(value)
      misuse("%s: expected an integer from %d to %d, got %s", name, low, high, got)
    end
    return integer
  end
end

-- The highest number stands for "no id" in the kernel.
local id = integer_in(0, 0xfffffffe)

-- A number, or a name.
local function id_of(what, find)
  return function(value, name)
    if type(value) ~= "string" then
      return id(value, name)
    end
    local number, message, errno = find(value)
    if not number then
      local why = errno == core.ENOENT and "there is none here" or message
      misuse("%s: %s '%s': %s", name, what, value, why)
    end
    return number
  end
end

local user, group = id_of("user", core.user_id), id_of("group", core.group_id)

-- A list of anything, as the bytes of its elements one after the other.
local function list_of(element, what)
  return function(value, name)
    if type(value) ~= "table" then
      misuse("%s: expected a table of %s, got %s", name, what, a(value))
    end
    local packed = {}
    for i = 1, #value do
      packed[i] = element(value[i], ("%s[%d]"):format(name, i))
    end
    return table.concat(packed)
  end
end

local function pack_group(value, name)
  return core.pack("4", group(value, name))
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
  if value == math.huge then
    return value
  end
  local number = compat.tointeger(value)
  if not number or number < 0 or not compat.is_exact(number) then
    local got = type(value) == "number" and value or a(value)
    misuse("%s: expected an integer from 0 up, or math.huge for no limit, got %s", name, got)
  end
  return number
end

-- struct timens_rlimit
local function rlimits(value, name)
  if type(value) ~= "table" then
    misuse("%s: expected a table such as {NOFILE = 64}, got %s", name, a(value))
  end
  local packed = {}
  for key, both in pairs(value) do
    local number, where = names.limit(key, name), name .. "." .. tostring(key)
    local pair = type(both) == "table" and both or { both, both }
    packed[#packed + 1] = core.pack("4488", number, 0, limit(pair[1], where), limit(pair[2], where))
  end
  return table.concat(packed)
end

local function signals(value, name)
  if type(value) ~= "table" then
    misuse("%s: expected a table such as {'INT'}, got %s", name, a(value))
  end
  local numbers = {}
  for i = 1, #value do
    local where = ("%s[%d]"):format(name, i)
    numbers[i] = integer_in(1, 64)(names.signal(value[i], where), where)
  end
  return core.pack_signals(numbers)
end

local function signal_mask(value, name)
  return value == "inherit" and value or signals(value, name)
end

local function descriptor(value, name)
  if io.type(value) ~= "file" and not streams.is_descriptor(value) then
    misuse("%s: expected a file or a descriptor, got %s", name, io.type(value) or a(value))
  end
  return value
end

local function folder(value, name)
  return type(value) == "string" and c_string(value, name) or descriptor(value, name)
end

local function fds(value, name)
  if type(value) ~= "table" then
    misuse("%s: expected a table {[target] = source}, got %s", name, a(value))
  end
  for target, source in pairs(value) do
    if not streams.is_descriptor(target) or target < 3 then
      misuse("%s: '%s' is no descriptor from 3 up; those before are stdin, stdout and stderr", name, tostring(target))
    elseif source ~= streams.DEVNULL then
      descriptor(source, ("%s[%d]"):format(name, target))
    end
  end
  return value
end

---@param argv string[]
---@return string[] argv a copy, all of it strings
local function check_argv(argv)
  if type(argv) ~= "table" then
    misuse('argv: expected a table such as {"uptime", "-p"}, got %s', a(argv))
  elseif #argv == 0 then
    misuse "argv: is empty; it needs a program name"
  end
  local copy = {}
  for i = 1, #argv do
    copy[i] = c_string(argv[i], ("argv[%d]"):format(i))
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
  umask = integer_in(0, 511), -- 0777
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
local run_checks = { capture = boolean, input = bytes, timeout = any }
for name, check in pairs(checks) do
  run_checks[name] = check
end

local enter_checks = {}
for _, name in ipairs { "boottime", "monotonic", "uptime", "userns" } do
  enter_checks[name] = checks[name]
end

-- As timens.enter is given it afterwards, so by its name and not by its number.
local function userns_name(value, name)
  return checks.userns(value, name) and value
end

local test_checks = { timeout = any, userns = userns_name }
local point_checks = { timeout = any, userns = userns_name, lead = any }

return {
  argv = check_argv,
  int = integer_in(-0x80000000, 0x7fffffff),
  spawn = checks,
  run = run_checks,
  enter = enter_checks,
  test = test_checks,
  points = point_checks,
}
