-- SPDX-License-Identifier: MIT
-- Times as users write them, exact to the nanosecond.

local core = require "timens.core"
local misuse = require "timens.misuse"

local times = {}

---A number of seconds (an integer is exact up to 64 bits; a float is the shortest decimal number that
---reads back as it, so 0.1 is 100 ms and no bit less), a text such as "49d17h" or "-1000s 42ns", or a
---table {seconds, nanoseconds}. A text with an @ in front is what the clock is to read at the start:
---"@49d17h", "@u32-ms-5s".
---@alias timens.Time integer|number|string|timens.Timespec

---Seconds and nanoseconds. Nanoseconds are 0 to 999999999 also when the seconds are negative: minus
---half a second is {-1, 500000000}.
---@class timens.Timespec
---@field sec integer also as [1]
---@field nsec integer? also as [2]; 0 if it is missing

local NS = 1000000000
local MAX_SEC = 4611686018 -- 146 years: no clock of Linux goes further

---The digits of a float, as few as read back as it, and the power of ten of the first one.
local function decimal(value)
  local text
  for precision = 14, 16 do
    text = ("%." .. precision .. "e"):format(value)
    if tonumber(text) == value then
      break
    end
  end
  -- The decimal point is the locale's.
  local first, rest, exponent = text:match "^-?(%d)%D?(%d*)e([+-]%d+)$"
  local digits = (first .. rest):gsub("0+$", "")
  return digits, math.tointeger(tonumber(exponent))
end

local function float_text(value, name)
  local digits, exponent = decimal(value)
  local whole = "0"
  if exponent < 0 then
    digits = ("0"):rep(-exponent - 1) .. digits
  else
    whole, digits = digits:sub(1, exponent + 1), digits:sub(exponent + 2)
  end
  if #digits > 9 then
    misuse("%s: %.17g is finer than a nanosecond; round it, or give {seconds, nanoseconds}", name, value)
  end
  return (value < 0 and "-" or "") .. whole .. "." .. digits
end

local CLOCKS = { boottime = core.CLOCK_BOOTTIME, monotonic = core.CLOCK_MONOTONIC }

local function from_text(text, name)
  local sec, nsec, reading, stage = core.parse(text)
  if sec and reading == 1 then
    if not CLOCKS[name] then
      misuse("%s: '%s' is a reading of a clock, and no span", name, text)
    end
    sec, nsec, reading, stage = core.offset_to(CLOCKS[name], sec, nsec)
  end
  if not sec then
    return nil, name .. ": " .. nsec, reading, stage -- message, errno, stage
  end
  return sec, nsec
end

-- A float from 2^63 up is an integer that does not fit.
local function number_text(value, name)
  return math.abs(value) < 2.0 ^ 63 and float_text(value, name) or ("%.0f"):format(value)
end

local function from_number(value, name)
  local integer = math.tointeger(value)
  if integer then
    return integer, 0
  elseif value ~= value or value == math.huge or value == -math.huge then
    misuse("%s: %s is no time", name, value)
  end
  local sec, nsec, errno = from_text(number_text(value, name), name)
  if not sec then
    -- It is the number asked for, and no text, that is out of range.
    return nil, nsec, errno, "offsets"
  end
  return sec, nsec
end

local function integer_of(value, name)
  local integer = math.type(value) and math.tointeger(value)
  if not integer then
    misuse("%s: expected an integer, got %s", name, math.type(value) and value or "a " .. type(value))
  end
  return integer
end

-- Whether the nanoseconds are in range is for the core to say: it knows the kernel's rule.
local function from_table(value, name)
  local sec, nsec = value.sec or value[1], value.nsec or value[2]
  return integer_of(sec, name .. ": seconds"), integer_of(nsec or 0, name .. ": nanoseconds")
end

local readers = { number = from_number, string = from_text, table = from_table }

---@param value timens.Time? nil: 0
---@param name string what the value is for, in messages
---@return integer? sec, integer|string nsec, integer? errno, string? stage
local function take(value, name)
  if value == nil then
    return 0, 0
  end
  local read = readers[type(value)]
  if not read then
    misuse('%s: expected seconds, a text such as "49d17h" or {seconds, nanoseconds}, got a %s', name, type(value))
  end
  return read(value, name)
end

---Both offsets as the core takes them. A clock without one goes on as it is.
---@param boottime timens.Time?
---@param monotonic timens.Time?
---@return string? offsets, string? message, integer? errno, string? stage
function times.pack_offsets(boottime, monotonic)
  local boot_sec, boot_nsec, errno, stage = take(boottime, "boottime")
  if not boot_sec then
    return nil, boot_nsec --[[@as string]], errno, stage
  end
  local mono_sec, mono_nsec
  mono_sec, mono_nsec, errno, stage = take(monotonic, "monotonic")
  if not mono_sec then
    return nil, mono_nsec --[[@as string]], errno, stage
  end
  return string.pack("=i8i8i8i8", boot_sec, boot_nsec, mono_sec, mono_nsec)
end

-- A float such as `deadline - now` has more digits than it means: rounded up, never too short.
local function take_timeout(value)
  if math.type(value) ~= "float" then
    return take(value, "timeout")
  elseif value ~= value then
    misuse("timeout: %s is no time", value)
  end
  local within = math.max(-1.0, math.min(value, MAX_SEC))
  local sec = math.floor(within)
  return sec, math.ceil((within - sec) * NS)
end

---When CLOCK_MONOTONIC reads this many nanoseconds, the time is over; nil: never.
---@param timeout timens.Time?
---@return integer? deadline
function times.deadline(timeout)
  if timeout == nil then
    return nil
  end
  local sec, nsec = take_timeout(timeout)
  if not sec then
    misuse("%s", nsec)
  elseif sec < 0 then
    misuse("timeout: is negative; 0 does not wait, nil waits without limit")
  end
  return sec < MAX_SEC and core.monotonic() + sec * NS + nsec or nil
end

---The nanoseconds left until a deadline, never below 0; -1, which is no limit to the core, without one.
---@param deadline integer?
---@return integer
function times.left(deadline)
  return deadline and math.max(deadline - core.monotonic(), 0) or -1
end

return times
