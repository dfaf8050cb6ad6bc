"""Conversations as lists on Redis, each step one script: added to, trimmed and renewed at once.

The scripts drop what :mod:`racto.cache.memories.windows` drops. They read the first lines of the
records, never the messages, and those only where a tool's call may have been cut from its results.
"""

from __future__ import annotations

import math
from hashlib import sha1
from typing import Any

from racto.cache.memories.shelves import Added

from .connections import RedisLink
from .keys import key
from .scripts import Script

_KIND = "history"

_RECORDS = """
local function head(record)
  local mark, ids = string.match(record, '^1(s?) %x+ ?([^\\n]*)\\n')
  return mark, ids or ''
end

local function push(key, records)
  local size
  for first = 1, #records, 1000 do
    size = redis.call('RPUSH', key, unpack(records, first, math.min(first + 999, #records)))
  end
  return size
end

local function tidy(key)
  local called, kept = {}, {}
  local records = redis.call('LRANGE', key, 0, -1)
  for _, record in ipairs(records) do
    local _, ids = head(record)
    local known, told = pcall(cjson.decode, ids)
    told = known and type(told) == 'table' and told or {}
    local answered = true
    for _, id in ipairs(told.r or {}) do answered = answered and called[id] end
    if answered then
      kept[#kept + 1] = record
      for _, id in ipairs(told.c or {}) do called[id] = true end
    end
  end
  if #kept < #records then
    redis.call('DEL', key)
    push(key, kept)
  end
end

local function renew(key, life)
  if life ~= '0' then redis.call('PEXPIRE', key, life) end
end
"""

ADD = Script(
    _RECORDS
    + """
local key, most, records, has_tools = KEYS[1], tonumber(ARGV[1]), {}, false
for place = 3, #ARGV do
  records[place - 2] = ARGV[place]
  local _, ids = head(ARGV[place])
  if ids ~= '' then has_tools = true end
end
-- No two records are alike: what ends the list already was sent twice by a client that retried.
if redis.call('LINDEX', key, -1) == records[#records] then return {redis.call('LLEN', key), 0} end
local size = push(key, records)
local left = size
if size > most then
  -- The first may be a summary, which stays beside the most; then one less must go.
  local gone = redis.call('LRANGE', key, 0, size - most - 1)
  local summary = head(gone[1]) == 's'
  for place = summary and 2 or 1, #gone do
    local _, ids = head(gone[place])
    if ids ~= '' then has_tools = true end
  end
  if not summary then
    redis.call('LTRIM', key, #gone, -1)
    left = most
  elseif #gone > 1 then
    redis.call('LTRIM', key, #gone, -1)
    redis.call('LPUSH', key, gone[1])
    left = most + 1
  end
end
if has_tools then
  tidy(key)
  left = redis.call('LLEN', key)
end
renew(key, ARGV[2])
return {left, size - left}
"""
)
"""Adds records and drops what must go. Key: the list. Arguments: the most that stay beside a
summary, the life in milliseconds or 0, the records. Returns how many there are and how many went.
"""

FOLD = Script(
    _RECORDS
    + """
local key, count = KEYS[1], tonumber(ARGV[2])
local seen = redis.call('LRANGE', key, 0, count - 1)
if #seen < count or redis.sha1hex(table.concat(seen)) ~= ARGV[1] then return 0 end
redis.call('LTRIM', key, count, -1)
redis.call('LPUSH', key, ARGV[4])
tidy(key)
renew(key, ARGV[3])
return 1
"""
)
"""Puts a summary in place of the first records. Key: the list. Arguments: the SHA-1 of those that
were seen, their number, the life in milliseconds or 0, the summary. Returns 1 if they were there.
"""


class HistoryShelf:
    """Records on a Redis.

    Args:
        link: The Redis.
        prefix: Namespace of the keys.
        life: Seconds to live after the last message; None for ever.
    """

    store = "redis"

    def __init__(self, link: RedisLink, *, prefix: str, life: float | None) -> None:
        self._link, self._prefix = link, prefix
        self._life = b"0" if life is None else b"%d" % math.ceil(life * 1000)

    def add(self, conversation_id: str, records: list[bytes], most: int) -> Added:
        """Add records, drop what must go, and start the time to live anew; one round trip."""
        keys, arguments = self._addition(conversation_id, records, most)
        return Added(*self._link.call(lambda client: ADD.run(client, keys, arguments)))

    async def aadd(self, conversation_id: str, records: list[bytes], most: int) -> Added:
        """Async twin of :meth:`add`."""
        keys, arguments = self._addition(conversation_id, records, most)
        return Added(*await self._link.acall(lambda client: ADD.arun(client, keys, arguments)))

    def read(self, conversation_id: str) -> list[bytes]:
        """All records, oldest first."""
        name = self._key(conversation_id)
        found: Any = self._link.call(lambda client: client.lrange(name, 0, -1))
        return list(found)

    async def aread(self, conversation_id: str) -> list[bytes]:
        """Async twin of :meth:`read`."""
        name = self._key(conversation_id)
        found: Any = await self._link.acall(lambda client: client.lrange(name, 0, -1))
        return list(found)

    def fold(self, conversation_id: str, seen: list[bytes], summary: bytes) -> bool:
        """Put a summary in place of the first records, if they are still those that were seen."""
        keys, arguments = self._folding(conversation_id, seen, summary)
        return bool(self._link.call(lambda client: FOLD.run(client, keys, arguments)))

    async def afold(self, conversation_id: str, seen: list[bytes], summary: bytes) -> bool:
        """Async twin of :meth:`fold`."""
        keys, arguments = self._folding(conversation_id, seen, summary)
        return bool(await self._link.acall(lambda client: FOLD.arun(client, keys, arguments)))

    def count(self, conversation_id: str) -> int:
        """How many records there are."""
        name = self._key(conversation_id)
        return int(self._link.call(lambda client: client.llen(name)))

    async def acount(self, conversation_id: str) -> int:
        """Async twin of :meth:`count`."""
        name = self._key(conversation_id)
        return int(await self._link.acall(lambda client: client.llen(name)))

    def clear(self, conversation_id: str) -> None:
        """Remove them all."""
        name = self._key(conversation_id)
        self._link.call(lambda client: client.delete(name))

    async def aclear(self, conversation_id: str) -> None:
        """Async twin of :meth:`clear`."""
        name = self._key(conversation_id)
        await self._link.acall(lambda client: client.delete(name))

    def _key(self, conversation_id: str) -> bytes:
        return key(self._prefix, _KIND, conversation_id)

    def _addition(
        self, conversation_id: str, records: list[bytes], most: int
    ) -> tuple[list[bytes], list[bytes]]:
        return [self._key(conversation_id)], [b"%d" % most, self._life, *records]

    def _folding(
        self, conversation_id: str, seen: list[bytes], summary: bytes
    ) -> tuple[list[bytes], list[bytes]]:
        digest = sha1(b"".join(seen), usedforsecurity=False).hexdigest().encode()
        return [self._key(conversation_id)], [digest, b"%d" % len(seen), self._life, summary]
