-- SPDX-License-Identifier: MIT
-- For scripts/coverage.py, which sets LUA_INIT to it: the lines of lua/timens that were run, by this
-- interpreter or one that it starts, appended to the file that LUA_COVERAGE names. Debian has no
-- luacov.
local hits = {}
local root = debug.getinfo(1, "S").source:match("^@(.*)tests/lua/") .. "lua/timens/"
local names = {}

local function name_of(source)
  local name = names[source]
  if name == nil then
    name = source:sub(1, 1) == "@" and source:find("lua/timens/", 1, true)
      and root .. source:match("([^/]*)$") or false
    names[source] = name
  end
  return name
end

local function on_line(_, line)
  local name = name_of(debug.getinfo(2, "S").source)
  if name then
    hits[name .. ":" .. line] = true
  end
end

debug.sethook(on_line, "l")

-- Each coroutine has a hook of its own.
local create, wrap = coroutine.create, coroutine.wrap
coroutine.create = function(f)
  local co = create(f)
  debug.sethook(co, on_line, "l")
  return co
end
coroutine.wrap = function(f)
  local co = coroutine.create(f)
  return wrap(function(...)
    local results = table.pack(coroutine.resume(co, ...))
    while coroutine.status(co) ~= "dead" do
      results = table.pack(coroutine.resume(co, coroutine.yield(table.unpack(results, 2))))
    end
    if not results[1] then
      error(results[2], 0)
    end
    return table.unpack(results, 2)
  end)
end

local function write()
  local lines = {}
  for line in pairs(hits) do
    lines[#lines + 1] = line .. "\n"
  end
  hits = {}
  local file = assert(io.open(os.getenv("LUA_COVERAGE"), "a"))
  file:write(table.concat(lines))
  file:close()
end

-- The interpreter ends by either way.
local exit = os.exit
os.exit = function(...)
  write()
  exit(...)
end
debug.getregistry().timens_coverage = setmetatable({}, {__gc = write})
