-- SPDX-License-Identifier: MIT
-- Programs in a loop of luv, one coroutine each: none waits for another, and no signal handler, thread
-- or polling is there for it. The loop watches the pidfd.
local timens = require "timens"
local uv = require "luv"

-- To be called in a coroutine, as all here.
local function ended(process)
  local thread, poll = coroutine.running(), uv.new_poll(process.pidfd)
  poll:start("r", function()
    -- Before wait, which closes the pidfd.
    poll:close(function()
      assert(coroutine.resume(thread))
    end)
  end)
  coroutine.yield()
  return process:wait()
end

-- All that a program writes, until it closes its output; and how it ended.
local function output(argv, opts)
  local ends = assert(uv.pipe())
  opts.stdout = ends.write
  local process = assert(timens.spawn(argv, opts))
  uv.fs_close(ends.write)
  local thread, pipe, chunks = coroutine.running(), uv.new_pipe(), {}
  pipe:open(ends.read)
  pipe:read_start(function(message, chunk)
    assert(not message, message)
    if chunk then
      chunks[#chunks + 1] = chunk
    else
      pipe:close()
      assert(coroutine.resume(thread))
    end
  end)
  coroutine.yield()
  return table.concat(chunks), ended(process)
end

for i, days in ipairs { 2, 49, 365 } do
  coroutine.wrap(function()
    local script = ("sleep 0.%d; uptime -p"):format(3 - i)
    local text, ok = output({ "sh", "-c", script }, { uptime = days .. "d1h30s" })
    print(ok, text:match "^[^\n]*")
  end)()
end
uv.run()
