"""Every id has its own key, in one slot with its other keys, and only its prefix's pattern finds it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st
from redis.crc import key_slot

from racto.cache.redis.keys import key, pattern

from .redis_server import RedisServer

HOSTILE = ["", "*", "?", "[a-z]", ":", "{", "}", "{}", "{x}", "}{", "%", "%7B", "#", "\\", "-", "^"]
HOSTILE += ["a:b", "é", "e\u0301", "日本", "\x00", "\n", "\ud800", "x" * 300, "x" * 301, "é" * 150]

texts = st.one_of(st.text(st.characters(codec=None)), st.sampled_from(HOSTILE))


def test_hostile_ids_each_stand_for_themselves() -> None:
    for slot in ("id", "prefix"):
        keys = {key("p", "reply", id, slot=slot) for id in HOSTILE}
        assert len(keys) == len(HOSTILE)


@given(texts, texts, texts, texts)
def test_keys_differ_where_prefix_or_id_do(one: str, other: str, first: str, second: str) -> None:
    keys = {
        key(prefix, kind, id, slot=slot)
        for prefix in (one, other)
        for id in (first, second)
        for kind in ("reply", "lead")
        for slot in ("id", "prefix")
    }
    assert len(keys) == 4 * len({one, other}) * len({first, second})


@given(texts, texts)
def test_all_keys_of_an_id_lie_in_one_slot(prefix: str, id: str) -> None:
    slots = {key_slot(key(f"p{prefix}", kind, id)) for kind in ("reply", "lead", "turns")}
    assert len(slots) == 1


@given(texts, texts, texts)
def test_all_keys_under_a_prefix_lie_in_one_slot_if_asked(prefix: str, a: str, b: str) -> None:
    slots = {key_slot(key(f"p{prefix}", "user", id, slot="prefix")) for id in (a, b)}
    assert len(slots) == 1


@given(texts)
def test_keys_are_short(id: str) -> None:
    # A byte above ASCII takes three; an id up to 200 bytes stands in full.
    assert len(key("p", "reply", id)) <= 4 + len("reply:") + 3 * 200


@pytest.mark.parametrize("slot", ["id", "prefix"])
def test_a_pattern_finds_the_keys_of_its_prefix_and_kind_alone(
    shared_redis: RedisServer, slot: str
) -> None:
    prefixes = ["a", "a:b", "a*", "a?", "[a]", "a\\", "a-c", "^a", "a:reply", "{a}", "*", "é"]
    ids = ["x", "*", "{y}", "\n"]
    with shared_redis.admin() as admin:
        admin.flushall()
        wanted = {
            (prefix, kind): {key(prefix, kind, id, slot=slot) for id in ids}
            for prefix in prefixes
            for kind in ("reply", "lead")
        }
        admin.mset({each: b"" for keys in wanted.values() for each in keys})
        for (prefix, kind), keys in wanted.items():
            found = set(admin.scan_iter(match=pattern(prefix, kind, slot=slot), count=1000))
            assert found == keys, (prefix, kind)
        admin.flushall()


def test_plain_keys_can_be_read() -> None:
    assert key("racto:exact", "reply", "user:7@x") == b"racto:exact:reply:{user:7@x}"
    assert re.fullmatch(rb"p:reply:\{#[0-9a-f]{40}\}", key("p", "reply", "x" * 201))
