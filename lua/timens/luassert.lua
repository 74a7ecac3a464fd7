-- SPDX-License-Identifier: MIT
-- assert.succeeds(timens.run(…)): that a program was run and ended with 0; a failure shows what it wrote.

local luassert = require "luassert"
local say = require "say"

local function describe(result, message)
  if type(result) ~= "table" then
    return tostring(message or result)
  end
  local text = ("%s %s"):format(tostring(result.how), tostring(result.code))
  if result.timed_out then
    text = "timeout, " .. text
  end
  for _, name in ipairs { "stdout", "stderr" } do
    if result[name] and result[name] ~= "" then
      text = ("%s\n%s:\n%s"):format(text, name, result[name])
    end
  end
  return text
end

local function succeeds(state, arguments)
  local result = arguments[1]
  state.failure_message = say("assertion.succeeds." .. (state.mod and "positive" or "negative"), {
    describe(result, arguments[2]),
  })
  return type(result) == "table" and result.ok == true and not result.timed_out
end

say:set("assertion.succeeds.positive", "Expected the program to succeed, but it did not:\n%s")
say:set("assertion.succeeds.negative", "Expected the program to fail, but it did not:\n%s")
luassert:register("assertion", "succeeds", succeeds, "assertion.succeeds.positive", "assertion.succeeds.negative")
