"""What is asked of limiters and memories: a check costs at most half more than a bare round trip."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(
    name="ractogateway-redis",
    requirements=("ractogateway==0.2.1", "redis[hiredis]==8.1.0"),
)
NAMED = "ractogateway 0.2.1"
ONE_SERVER = "one Redis on this machine, one client a side, 100 calls a run"


def _ours(function: str) -> Side:
    return Side(file="side_limits.py", function=function)


def _reference(function: str) -> Side:
    return Side(file="side_limits_reference.py", function=function, environment=REFERENCE)


def _timed(
    name: str,
    ours: Side,
    peer: Side | None,
    peer_name: str,
    asked: str,
    how: str,
) -> Case:
    return Case(
        name=name,
        unit="us/call",
        measure="time",
        better="lower",
        scale=1e4 if "Redis" in name else 1e3,
        how=how,
        ours=ours,
        peer=peer,
        peer_name=peer_name,
        asked=asked,
    )


CASES = [
    _timed(
        "limiter check on Redis against a bare round trip",
        _ours("check"),
        _ours("ping"),
        "PING of the same client",
        "ratio <= 1.5",
        f"{ONE_SERVER}; one limit, granted",
    ),
    _timed(
        "limiter check on Redis, three limits at once, against a bare round trip",
        _ours("check_three"),
        _ours("ping"),
        "PING of the same client",
        "",
        f"{ONE_SERVER}; a user's and a shared limit on tokens and one on requests, granted",
    ),
    _timed(
        "limiter check on Redis against the reference's",
        _ours("check"),
        _reference("check"),
        f"{NAMED} RedisRateLimiter, one client",
        "ratio <= 1",
        f"{ONE_SERVER}; the reference reads and writes in two round trips",
    ),
    _timed(
        "limiter check in this process",
        _ours("check_local"),
        None,
        "",
        "ours <= 10",
        "one limit, granted, 1,000 calls a run",
    ),
    _timed(
        "memory append on Redis against a bare round trip",
        _ours("append"),
        _ours("ping"),
        "PING of the same client",
        "",
        f"{ONE_SERVER}; 200 characters, a full conversation of 20 messages",
    ),
    _timed(
        "memory append on Redis against the reference's",
        _ours("append"),
        _reference("append"),
        f"{NAMED} RedisChatMemory, one client",
        "ratio <= 1",
        f"{ONE_SERVER}; 200 characters, a full conversation of 20 messages",
    ),
    _timed(
        "memory append in this process",
        _ours("append_local"),
        None,
        "",
        "",
        "200 characters, a full conversation of 20 messages, 1,000 calls a run",
    ),
]
