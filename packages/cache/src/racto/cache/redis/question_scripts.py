"""Scripts that keep the questions of one scope on Redis: newest last, bounded, each with its time.

Four keys of one slot belong to a scope. ``state`` is a hash: ``base`` tells one life of the scope
from the next, ``n`` grows by one with each question, ``bytes`` is the size of a vector. ``order``
and ``ends`` are sorted sets of questions by ``n`` and by the time they end. ``home`` holds the
vectors: a hash, or a vector set where the server has them.
"""

from __future__ import annotations

from .scripts import Script

HAS_VECTOR_SETS = Script(
    """
local found = redis.call('COMMAND', 'INFO', 'VADD', 'VSIM')
return (found[1] and found[2]) and 1 or 0
"""
)
"""1 where the server searches vectors itself. One key, for a cluster to choose a node by."""

_DROP = """
local function drop(id)
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZREM', KEYS[3], id)
    if ARGV[1] == 'set' then
        redis.call('VREM', KEYS[4], id)
    else
        redis.call('HDEL', KEYS[4], id)
    end
end
"""

PUT = Script(
    _DROP
    + """
local id, vector, ttl, most = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local state, order, ends, home = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local known = redis.call('HGET', state, 'bytes')
if known and tonumber(known) ~= #vector then
    return {{}, tonumber(known)}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if not known then
    redis.call('HSET', state, 'base', time[1] .. '.' .. time[2], 'n', 0, 'bytes', #vector)
end
for _, old in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, 100)) do
    drop(old)
end
redis.call('ZADD', order, redis.call('HINCRBY', state, 'n', 1), id)
if ARGV[1] == 'set' then
    redis.call('VADD', home, 'FP32', vector, id, 'NOQUANT')
else
    redis.call('HSET', home, id, vector)
end
local gone = {}
while most > 0 and #gone < 100 and redis.call('ZCARD', order) > most do
    gone[#gone + 1] = redis.call('ZRANGE', order, 0, 0)[1]
    drop(gone[#gone])
end
if ttl > 0 then
    redis.call('ZADD', ends, now + ttl, id)
    if not redis.call('HGET', state, 'lasts') then
        local left = math.max(redis.call('PTTL', state), ttl + 1000)
        for _, key in ipairs(KEYS) do
            redis.call('PEXPIRE', key, left)
        end
    end
else
    redis.call('ZREM', ends, id)
    redis.call('HSET', state, 'lasts', 1)
    for _, key in ipairs(KEYS) do
        redis.call('PERSIST', key)
    end
end
return {gone, 0}
"""
)
"""Keeps one question. Takes ``hash`` or ``set``, its id, its vector, milliseconds to keep it (0 for
ever) and the most questions (0 for no limit); answers which had to go, whose replies lie in other
slots and are the caller's to remove, and 0, or the bytes that a vector must have."""

DROP = Script(
    _DROP
    + """
drop(ARGV[2])
return 1
"""
)
"""Drops one question. Takes ``hash`` or ``set``, and its id."""

NEWER = Script(
    """
local told = redis.call('HMGET', KEYS[1], 'base', 'n')
if not told[1] then
    return {'', '0', {}, 0}
end
local from = '-inf'
if told[1] == ARGV[1] then
    if told[2] == ARGV[2] then
        return 0
    end
    from = '(' .. ARGV[2]
end
local most = tonumber(ARGV[3])
local found = redis.call('ZRANGEBYSCORE', KEYS[2], from, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local upto, questions, more = told[2], {}, 0
for place = 1, #found, 2 do
    local id = found[place]
    local ends = redis.call('ZSCORE', KEYS[3], id)
    local vector = redis.call('HGET', KEYS[4], id)
    local left = ends and tonumber(ends) - now or 0
    if vector and (not ends or left > 0) then
        questions[#questions + 1] = {id, vector, left}
    end
end
if #found == 2 * most then
    upto, more = found[#found], 1
end
return {told[1], upto, questions, more}
"""
)
"""The questions that are newer than what a mirror has. Takes its ``base``, its ``n`` and the most
questions; answers 0 when there are none, else ``base``, the new ``n``, and of each question the id,
the vector and the milliseconds that are left, 0 for ever; then whether there may be more."""
