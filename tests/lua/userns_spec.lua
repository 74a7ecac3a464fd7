-- SPDX-License-Identifier: MIT
local helper = require "helper"
local timens = require "timens"

-- A start that works, in a user namespace that maps the ids to themselves.
local SHOW = [[
  local asked = {boottime = {86400, 5}, userns = %q}
  local offsets, process = helper.spawn_clocks(asked)
  print(process.userns, helper.text_of(offsets))
  for _, file in ipairs {"uid_map", "gid_map"} do
    local map = helper.output({"cat", "/proc/self/" .. file}, asked)
    print((map:gsub("%%s+", " ")))
  end]]

local function shown_by(uid, gid)
  local offsets = helper.text_of(helper.add(timens.read(), { boottime = { 86400, 5 } }))
  return ("true\t%s\n"):format(offsets) .. (" %d %d 1 \n"):rep(2):format(uid, uid, gid, gid)
end

local FAIL = [[
  local process, message, errno, stage = timens.spawn({"true"}, {boottime = 1, userns = %q})
  print(process, errno, stage)
  print(message)]]

local function assert_fails(out, errno, stage, part)
  local numbers, message = out:match "^(.-)\n(.*)\n$"
  assert.equal(("nil\t%d\t%s"):format(errno, stage), numbers)
  assert.is_truthy(message:find(part, 1, true), message)
end

-- A new user namespace, where limits may be set and all capabilities are there.
local function with_limit(name, rest)
  return { "unshare", "-Ur", "sh", "-c", ("echo 0 >/proc/sys/user/%s && exec %s \"$@\""):format(name, rest), "sh" }
end

describe("userns", function()
  it("unprivileged_auto", function()
    assert.equal(shown_by(helper.ids_of_nobody()), helper.lua_as_nobody(SHOW:format "auto"))
  end)

  it("unprivileged_never", function()
    assert_fails(helper.lua_as_nobody(FAIL:format "never"), helper.errno.EPERM, "unshare", "CAP_SYS_ADMIN")
  end)

  it("unprivileged_without_user_namespaces", function()
    local prefix = with_limit("max_user_namespaces", "setpriv --bounding-set=-all --inh-caps=-all")
    local out = helper.lua(FAIL:format "auto", prefix)
    assert_fails(out, helper.errno.ENOSPC, "clone", "user.max_user_namespaces")
  end)

  it("always_as_root", function()
    if helper.status "Uid" ~= 0 then
      return helper.skip(pending, "this is not root")
    end
    assert.equal(shown_by(0, 0), helper.lua(SHOW:format "always"))
  end)

  it("time_namespaces_used_up", function()
    local out = helper.lua(FAIL:format "auto", with_limit("max_time_namespaces", ""))
    assert_fails(out, helper.errno.ENOSPC, "unshare", "user.max_time_namespaces")
  end)
end)
