-- SPDX-License-Identifier: MIT
-- From checked options to a running program.

local core = require "timens.core"
local misuse = require "timens.misuse"
local names = require "timens.names"
local processes = require "timens.process"
local streams = require "timens.streams"
local times = require "timens.times"

-- Options to flags of the core, which turn on what has been given.
local FLAGS = {
  start_new_session = core.SPAWN_SETSID,
  process_group = core.SPAWN_SET_PGROUP,
  foreground = core.SPAWN_FOREGROUND,
  user = core.SPAWN_SET_UID,
  group = core.SPAWN_SET_GID,
  extra_groups = core.SPAWN_SET_GROUPS,
  umask = core.SPAWN_SET_UMASK,
  cgroup = core.SPAWN_SET_CGROUP,
  no_new_privs = core.SPAWN_NO_NEW_PRIVS,
  kill_with_parent = core.SPAWN_KILL_WITH_PARENT,
  shell_scripts = core.SPAWN_SHELL,
}

local function flags_of(opts)
  local flags = opts.close_fds == false and 0 or core.SPAWN_CLOSE_FDS
  for name, flag in pairs(FLAGS) do
    if opts[name] then
      flags = flags + flag
    end
  end
  -- With foreground alone it is the terminal of this session, and nothing is taken.
  if opts.tty and opts.start_new_session then
    flags = flags + core.SPAWN_SET_TTY
  end
  if opts.restore_signals == false then
    flags = flags + core.SPAWN_KEEP_SIGPIPE
  end
  if opts.sigmask then
    flags = flags + (opts.sigmask == "inherit" and core.SPAWN_KEEP_SIGMASK or core.SPAWN_SET_SIGMASK)
  end
  return flags
end

-- Options that are called otherwise in struct timens_spawn_args.
local MEMBERS = { user = "uid", group = "gid", extra_groups = "groups", process_group = "pgroup" }

-- By the names of its members; the core takes no notice of others, such as stdin.
local function args_of(argv, opts, offsets, fds, cgroup)
  local args = {}
  for name, value in pairs(opts) do
    args[MEMBERS[name] or name] = value
  end
  args.argv, args.offsets, args.fds, args.cgroup = argv, offsets, fds, cgroup
  args.flags = flags_of(opts)
  args.tty = streams.fileno(opts.tty)
  if opts.sigmask == "inherit" then
    args.sigmask = nil
  end
  return args
end

-- What has been opened for this is a Lua file too, and the second result: to be closed after the start.
local function open_cgroup(cgroup)
  if type(cgroup) ~= "string" then
    return cgroup
  end
  local folder, message, errno = core.open_folder(cgroup)
  if not folder then
    return nil, ("cgroup '%s': %s"):format(cgroup, message), errno
  end
  return folder, folder
end

-- The core knows a limit by its number, and a folder by its descriptor.
local function in_our_words(message, stage, opts)
  if stage == "rlimits" then
    return (message:gsub("resource (%d+)", function(number)
      return names.of_limit(tonumber(number))
    end, 1))
  elseif stage == "cgroup" and type(opts.cgroup) == "string" then
    return (message:gsub("descriptor %d+", function()
      return "'" .. opts.cgroup .. "'"
    end, 1))
  end
  return message
end

local function start_connected(argv, opts, offsets, wiring)
  local cgroup, opened, errno
  if opts.cgroup then
    cgroup, opened, errno = open_cgroup(opts.cgroup)
    if not cgroup then
      return nil, opened, errno, "cgroup"
    end
  end
  local args, process = args_of(argv, opts, offsets, wiring.fds, streams.fileno(cgroup)), processes.new(wiring.ours)
  local ok, message, stage
  ok, message, errno, stage = core.spawn(args, process)
  if opened then
    opened:close()
  end
  if not ok then
    return nil, in_our_words(message, stage, opts), errno, stage
  end
  return processes.started(process)
end

local function start(argv, opts, offsets)
  local wiring, message, errno, stage = streams.connect(opts)
  if not wiring then
    return nil, message, errno, stage
  end
  local process
  process, message, errno, stage = start_connected(argv, opts, offsets, wiring)
  wiring:release(process ~= nil)
  if stage == "args" then
    -- Options that contradict each other.
    misuse("%s", (message:gsub("^bad argument: ", "")))
  end
  return process, message, errno, stage
end

---@param argv string[] checked
---@param opts table checked
---@return timens.Process? process, string? message, integer? errno, string? stage
return function(argv, opts)
  if opts.boottime == nil and opts.monotonic == nil and opts.uptime == nil then
    return start(argv, opts)
  end
  local offsets, message, errno, stage = times.pack_offsets(opts)
  if not offsets then
    return nil, message, errno, stage
  end
  return start(argv, opts, offsets)
end
