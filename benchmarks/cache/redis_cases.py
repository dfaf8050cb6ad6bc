"""What is asked of the exact cache on Redis: a hit costs at most half more than a bare round trip."""

from __future__ import annotations

from typing import Literal

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(
    name="ractogateway-redis",
    requirements=("ractogateway==0.2.1", "redis[hiredis]==8.1.0"),
)
ONE_SERVER = "one Redis on this machine, one connection a side, 100 calls a run"
PING, GET = "PING of the same client", "bare GET of a value as long as ours"


def _ours(function: str) -> Side:
    return Side(file="side_redis.py", function=function)


def _reference(function: str) -> Side:
    return Side(file="side_redis_reference.py", function=function, environment=REFERENCE)


def _case(
    name: str,
    ours: str,
    peer: Side,
    peer_name: str,
    *,
    size: int = 100,
    asked: str = "",
    clock: Literal["cpu", "wall"] = "cpu",
    how: str = "",
) -> Case:
    told = f"{'100 B' if size == 100 else '20 kB'} of question and reply"
    return Case(
        name=f"Redis exact {name}, {told}{', wall time' if clock == 'wall' else ''}",
        unit="us/call",
        measure="time",
        better="lower",
        scale=1e4,
        how=f"{ONE_SERVER}{how and '; '}{how}",
        given={"size": size},
        ours=_ours(ours),
        peer=peer,
        peer_name=peer_name,
        asked=asked,
        clock=clock,
    )


CASES = [
    _case("hit against PING", "lookup", _ours("ping"), PING, asked="ratio <= 1.5"),
    _case("hit against PING", "lookup", _ours("ping"), PING, asked="ratio <= 1.5", clock="wall"),
    _case("hit against GET", "lookup", _ours("bare_get"), GET, asked="ratio <= 1.5"),
    _case(
        "hit on a reply not read of late against PING",
        "lookup_others",
        _ours("ping"),
        PING,
        how="each of 100 replies, none of which was read of late",
    ),
    _case(
        "hit against GET", "lookup", _ours("bare_get"), GET, size=20_000, how="ours decompresses"
    ),
    _case(
        "hit against the reference",
        "get",
        _reference("get"),
        "ractogateway 0.2.1 RedisExactCache, one client",
        asked="ratio <= 1",
        how="five parts on both sides",
    ),
    _case(
        "hit against the reference as it makes its client",
        "get",
        _reference("get_by_url"),
        "ractogateway 0.2.1 RedisExactCache(url=...)",
        asked="ratio <= 0.2",
        how="the reference connects for each call",
    ),
    _case(
        "put against the reference",
        "put",
        _reference("put"),
        "ractogateway 0.2.1 RedisExactCache, one client",
        how="ours is checked, versioned and has a checksum",
    ),
    _case("hit of a task against PING", "alookup", _ours("aping"), "PING of the same async client"),
]
