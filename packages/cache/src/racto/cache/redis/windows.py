"""The sliding windows of :mod:`racto.cache.limits.windows` in Lua, for one server and its clock.

A window is a string such as ``28883334=2 7 28883333 28883333=5``: the newest slice's number and
amount, the sum of all, the oldest slice's number, then the other slices, newest first. So most calls
change its beginning and read no further. Its key expires by itself. A value that is no such string
counts as no use, and is overwritten. Numbers in Lua are doubles: amounts stay within 2^53, and are
written without an exponent.
"""

from __future__ import annotations

from racto.cache.config import MOST
from racto.cache.limits.windows import SLICES

from .scripts import Script

_TOLD = f"""
local SLICES, MOST = {SLICES}, {MOST}

-- The amount and the time; the latter is the server's, unless the caller told its own.
local told, given = string.match(ARGV[1], '^(-?%d+)@?(%d*)$')
told = tonumber(told)
local now = tonumber(given)
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

"""

# One budget that the call fits into, and nothing to leave it: most calls are so.
_QUICK = """
if #KEYS == 1 and #ARGV == 2 then
  local what, amount, width = string.match(ARGV[2], '^(%a) (%d+) (%d+)$')
  local found = redis.pcall('GET', KEYS[1])
  if type(found) == 'string' then
    local last, held, used, oldest, rest = string.match(found, '^(%d+)=(%d+) (%d+) (%d+)(.*)$')
    last, held, used = tonumber(last), tonumber(held), tonumber(used)
    width = tonumber(width)
    local cost, current = what == 't' and told or 1, math.floor(now / width)
    if last and last <= current and tonumber(oldest) >= current - SLICES
        and cost <= tonumber(amount) - used then
      if last < current then
        rest = string.format(' %.0f=%.0f', last, held) .. rest
        held = 0
      end
      found = string.format('%.0f=%.0f %.0f ', current, held + cost, used + cost) .. oldest .. rest
      redis.call('SET', KEYS[1], found, 'PX', math.ceil((SLICES + 1) * width / 1000))
      return 0
    end
  end
end
"""

_WINDOWS = """
local function load(key, current)
  local found = redis.pcall('GET', key)
  local window, used, gone, newest = {}, 0, 0, 0
  if type(found) ~= 'string' then found = '' end
  for number, amount in string.gmatch(found, '(%d+)=(%d+)') do
    number, amount = tonumber(number), tonumber(amount)
    newest = math.max(newest, number)
    used = used + amount
    if number >= current - SLICES then
      table.insert(window, 1, {number, amount})
    else
      gone = gone + amount
    end
  end
  if newest > current then return {{current, used}, used = used} end
  window.used = used - gone
  return window
end

local function save(key, window, width)
  local last, parts, used = window[#window], {}, 0
  for place = #window - 1, 1, -1 do
    used = used + window[place][2]
    parts[#parts + 1] = string.format(' %.0f=%.0f', window[place][1], window[place][2])
  end
  local head = string.format('%.0f=%.0f %.0f %.0f', last[1], last[2], used + last[2], window[1][1])
  redis.call('SET', key, head .. table.concat(parts), 'PX', math.ceil((SLICES + 1) * width / 1000))
end

local function add(window, current, amount)
  amount = math.min(amount, MOST - window.used)
  window.used = window.used + amount
  local last = window[#window]
  if last and last[1] == current then
    last[2] = last[2] + amount
  else
    window[#window + 1] = {current, amount}
  end
end

local function wait(window, now, width, missing)
  local found = 0
  for _, slice in ipairs(window) do
    if missing <= 0 then break end
    missing = missing - slice[2]
    found = (slice[1] + SLICES + 1) * width - now
  end
  return found
end

local function judged(count)
  local windows, worst, longest = {}, 0, 0
  for place = 1, count do
    local what, amount, width = string.match(ARGV[place + 1], '^(%a) (%d+) (%d+)$')
    width = tonumber(width)
    local current = math.floor(now / width)
    local window = load(KEYS[place], current)
    window.width, window.current = width, current
    window.cost = what == 't' and told or 1
    windows[place] = window
    local missing = window.cost - (tonumber(amount) - window.used)
    if missing > 0 then
      local found = wait(window, now, width, missing)
      if found > longest then worst, longest = place, found end
    end
  end
  return windows, worst, longest
end
"""

TAKE = Script(
    _TOLD
    + _QUICK
    + _WINDOWS
    + """
local mark, lasting = ARGV[#KEYS + 1], ARGV[#KEYS + 2]
local windows, worst, longest = judged(lasting and #KEYS - 1 or #KEYS)
if worst > 0 then return {worst, longest} end
for place, window in ipairs(windows) do
  add(window, window.current, window.cost)
  save(KEYS[place], window, window.width)
end
if lasting then
  local open = KEYS[#KEYS]
  redis.call('ZREMRANGEBYSCORE', open, '-inf', string.format('%.0f', now - lasting))
  redis.call('ZADD', open, string.format('%.0f', now), mark)
  redis.call('PEXPIRE', open, math.ceil(lasting / 1000))
end
return 0
"""
)
"""Takes from all budgets, or from none.

Keys: one a budget, and for a reservation the user's open ones. Arguments: the tokens; what is
counted, amount and slice width of each budget, such as ``t 10000 1000000``; for a reservation its
mark, and how long it can be settled. The time may follow the tokens, behind an ``@``. Returns 0,
or the place of the budget that refuses and the wait in microseconds.
"""

LOOK = Script(
    _TOLD
    + _WINDOWS
    + """
local windows, worst, longest = judged(#KEYS)
local answer = {worst, longest}
for place, window in ipairs(windows) do answer[place + 2] = window.used end
return answer
"""
)
"""Tells what :data:`TAKE` would answer and what is used of each budget, and changes nothing.

Keys and arguments as those of :data:`TAKE` without a reservation.
"""

SETTLE = Script(
    _TOLD
    + _WINDOWS
    + """
local function give_back(window, number, amount)
  local last = window[#window]
  if last then number = math.min(number, last[1]) end
  for _, slice in ipairs(window) do
    if slice[1] == number then slice[2] = slice[2] - math.min(amount, slice[2]) end
  end
end

local open, count = KEYS[#KEYS], #KEYS - 1
local mark, lasting = ARGV[count + 2], ARGV[count + 3]
local made = redis.call('ZSCORE', open, mark)
if not made then return 0 end
redis.call('ZREM', open, mark)
if made + lasting <= now then return 0 end
for place = 1, count do
  local width = tonumber(ARGV[place + 1])
  local current = math.floor(now / width)
  local window = load(KEYS[place], current)
  if told > 0 then
    add(window, current, told)
  else
    give_back(window, math.floor(made / width), -told)
  end
  if #window > 0 then save(KEYS[place], window, width) end
end
return 1
"""
)
"""Corrects the budgets by what a reservation used beyond its estimate, or less; once.

Keys: one a budget that counts tokens, and the user's open reservations. Arguments: the difference;
the slice width of each budget; the mark, and how long it lasts.
"""
