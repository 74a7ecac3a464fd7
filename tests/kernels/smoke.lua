-- SPDX-License-Identifier: MIT
-- In the guest: each route shifts the clocks or is refused.
local timens = require "timens"

local right = {}
for _, route in ipairs { "auto", "clone3", "vfork", "fork" } do
  local opts = { boottime = { 86400, 1 }, monotonic = { -1, 999999999 }, route = route, capture = true }
  local result, message, _, stage = timens.run({ "cat", "/proc/self/timens_offsets", "/proc/uptime" }, opts)
  if result then
    local shown, up = result.stdout:gsub("%s+", " "):match "^(.*) (%S+) %S+ $"
    assert(shown == "monotonic -1 999999999 boottime 86400 1", result.stdout)
    -- The file is right also where exec stays in the old namespace.
    assert(tonumber(up) > 86400 and tonumber(up) < 86400 + 3600, result.stdout)
    right[#right + 1] = route
    if route ~= "auto" then
      print("ROUTE Lua", route, "right")
    end
  else
    assert(stage == "route" and (route == "clone3" or route == "vfork"), message)
    assert(message:find("not supported", 1, true), message)
    print("ROUTE Lua", route, "refused")
  end
end
assert(right[1] == "auto" and right[#right] == "fork")
