-- SPDX-License-Identifier: MIT
-- Times as users write them, exact to the nanosecond.

local compat = require "timens.compat"
local core = require "timens.core"
local misuse = require "timens.misuse"
local names = require "timens.names"

local times = {}

local NS = 1000000000
local MAX_SEC = 4611686018 -- 146 years: no clock of Linux goes further
times.MAX_SEC = MAX_SEC

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
  return digits, compat.tointeger(tonumber(exponent))
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

---@class timens.Reading
local Reading = { __name = "timens.reading" }

function Reading:__tostring()
  return "@" .. core.format(self.sec, self.nsec)
end

local function is_reading(value)
  return getmetatable(value) == Reading
end

---@param text string
---@return integer? sec, integer|string nsec, boolean|integer reading_or_errno, string? stage
function times.parse(text)
  local zero = text:find("\0", 1, true)
  if zero then
    -- C's texts end there.
    local message = "time '%s', column %d: a zero byte"
    return nil, message:format(text:sub(1, zero - 1), zero), core.EINVAL, "parse"
  end
  local sec, nsec, reading, stage = core.parse(text)
  if not sec then
    return nil, nsec, reading, stage -- message, errno, stage
  elseif not compat.is_exact(sec) then
    local message = "time '%s': more than 2^53 seconds are no exact number in %s"
    return nil, message:format(text, _VERSION), core.ERANGE, "parse"
  end
  return sec, nsec, reading == 1
end

local function from_text(text, name)
  local sec, nsec, reading, stage = times.parse(text)
  if not sec then
    return nil, name .. ": " .. nsec, reading, stage -- message, errno, stage
  end
  return sec, nsec, reading
end

-- A float from 2^63 up is an integer that does not fit.
local function number_text(value, name)
  return math.abs(value) < 2.0 ^ 63 and float_text(value, name) or ("%.0f"):format(value)
end

local function from_number(value, name)
  local integer = compat.tointeger(value)
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

local MEMBERS = { sec = true, nsec = true, true, true }

local function from_table(value, name)
  if is_reading(value) then
    return value.sec, value.nsec, true
  end
  for key in pairs(value) do
    if not MEMBERS[key] then
      misuse("%s: has '%s'; a table is {seconds, nanoseconds}", name, tostring(key))
    end
  end
  local sec, nsec = value.sec or value[1], value.nsec or value[2]
  return names.integer(sec, name .. ": seconds"), names.integer(nsec or 0, name .. ": nanoseconds", 0, NS - 1)
end

local readers = { number = from_number, string = from_text, table = from_table }

---Seconds and nanoseconds, and whether they are a reading.
---@param value timens.Time? nil: 0
---@param name string what the value is for, in messages
---@return integer? sec, integer|string nsec, boolean|integer|nil reading_or_errno, string? stage
local function take(value, name)
  if value == nil then
    return 0, 0, false
  end
  local read = readers[type(value)]
  if not read then
    local wanted = '%s: expected seconds, a text such as "49d17h" or {seconds, nanoseconds}, got %s'
    misuse(wanted, name, names.kind(value))
  end
  return read(value, name)
end

---@param value timens.Time
---@param name string
---@return timens.Reading? reading, string? message, integer? errno, string? stage
local function take_reading(value, name)
  local sec, nsec, errno, stage = take(value, name)
  if not sec then
    return nil, nsec --[[@as string]], errno --[[@as integer]], stage
  end
  return setmetatable({ sec = sec, nsec = nsec }, Reading)
end

---@param value timens.Time
---@param name string
---@return timens.Reading? reading, string? message, integer? errno, string? stage
function times.at(value, name)
  if value == nil then
    misuse("%s: expected a time, got nil", name)
  end
  return take_reading(value, name)
end

-- With what a clock shows a reading now.
local function offset_to(clock, sec, nsec, name)
  local offset, rest, errno, stage = core.offset_to(clock, sec, nsec)
  if not offset then
    return nil, name .. ": " .. rest, errno, stage
  end
  return offset, rest
end

local CLOCKS = { boottime = core.CLOCK_BOOTTIME, monotonic = core.CLOCK_MONOTONIC }

---The offset with which a clock shows a reading now.
---@param clock "boottime"|"monotonic"
---@param reading timens.Time with or without an @
---@return integer? sec, integer|string nsec, integer? errno, string? stage
function times.offset_to(clock, reading)
  if not CLOCKS[clock] then
    misuse("clock: '%s' is neither 'boottime' nor 'monotonic'", tostring(clock))
  elseif reading == nil then
    misuse "reading: expected a time, got nil"
  end
  local sec, nsec, errno, stage = take(reading, "reading")
  if not sec then
    return nil, nsec, errno --[[@as integer]], stage
  end
  return offset_to(CLOCKS[clock], sec, nsec, "reading")
end

---A reading becomes an offset now.
local function take_offset(value, name, clock)
  local sec, nsec, reading, stage = take(value, name)
  if sec and reading == true then
    return offset_to(clock, sec, nsec, name)
  end
  return sec, nsec, reading, stage
end

---Both offsets as the core takes them. A clock without one goes on as it is.
---@param opts {boottime: timens.Time?, monotonic: timens.Time?, uptime: timens.Time?}
---@return string? offsets, string? message, integer? errno, string? stage
function times.pack_offsets(opts)
  local boottime, monotonic = opts.boottime, opts.monotonic
  local boot_name, mono_name = "boottime", "monotonic"
  if opts.uptime ~= nil then
    boot_name, mono_name = "uptime", "uptime"
    local reading, message, errno, stage = take_reading(opts.uptime, "uptime")
    if not reading then
      return nil, message, errno, stage
    end
    boottime, monotonic = reading, reading
  end
  local boot_sec, boot_nsec, errno, stage = take_offset(boottime, boot_name, CLOCKS.boottime)
  if not boot_sec then
    return nil, boot_nsec --[[@as string]], errno, stage
  end
  local mono_sec, mono_nsec
  mono_sec, mono_nsec, errno, stage = take_offset(monotonic, mono_name, CLOCKS.monotonic)
  if not mono_sec then
    return nil, mono_nsec --[[@as string]], errno, stage
  end
  return core.pack("8888", boot_sec, boot_nsec, mono_sec, mono_nsec)
end

-- A float such as `deadline - now` has more digits than it means: rounded up, never too short.
local function take_timeout(value)
  if compat.math_type(value) ~= "float" then
    local sec, nsec, reading = take(value, "timeout")
    if sec and reading == true then
      misuse("timeout: '%s' is a reading of a clock, and no span", tostring(value))
    end
    return sec, nsec
  elseif value ~= value then
    misuse("timeout: %s is no time", value)
  end
  local within = math.min(value, MAX_SEC)
  local sec = math.floor(within)
  return sec, math.ceil((within - sec) * NS)
end

---When CLOCK_MONOTONIC reads this many nanoseconds, the time is over; nil: never.
---@param timeout timens.Time?
---@return integer? deadline
function times.deadline(timeout)
  if timeout == nil then
    return nil
  elseif type(timeout) == "number" and timeout < 0 then
    timeout = 0 -- what is left in a loop with `deadline - now`
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
