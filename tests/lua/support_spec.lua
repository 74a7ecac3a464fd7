-- SPDX-License-Identifier: MIT
local helper = require "helper"
local timens = require "timens"

describe("support", function()
  it("says_yes_here", function()
    local support = timens.support()
    assert.is_true(support.available, support.message)
    assert.is_boolean(support.userns)
    assert.is_boolean(support.exec_enters)
    assert.is_boolean(support.clone3)
    assert.is_nil(support.errno)
    local process = assert(timens.spawn({ "true" }, { boottime = 1 }))
    assert.is_true(process:wait())
    assert.equal(support.route, process.route)
    assert.equal(support.userns, process.userns)
  end)

  it("says_why_not", function()
    local no_namespaces = "echo 0 >/proc/sys/user/max_user_namespaces && "
      .. 'exec setpriv --bounding-set=-all --inh-caps=-all "$@"'
    local out = helper.lua(
      [[
      local support = timens.support()
      print(support.available, support.exec_enters, support.errno, support.stage)
      print(support.message)
      print(support.hint)]],
      { "unshare", "-Ur", "sh", "-c", no_namespaces, "sh" }
    )
    local facts, message, hint = out:match "^(.-)\n(.-)\n(.-)\n$"
    assert.equal(("false\tnil\t%d\tclone"):format(helper.errno.ENOSPC), facts)
    assert.matches("user.max_user_namespaces", hint, 1, true)
    assert.is_truthy(message:find(hint, 1, true), message)
  end)
end)
