"""Open reservations: taken out once, and forgotten when nobody settles them."""

from __future__ import annotations

from racto.cache.limits.holds import Hold, Holds


def test_one_is_taken_out_once() -> None:
    holds = Holds(100)
    mark = holds.add("ann", Hold(5, 7, "gpt"))
    assert holds.take("bob", mark, 6) is None
    assert holds.take("ann", "other", 6) is None
    assert holds.take("ann", mark, 6) == Hold(5, 7, "gpt")
    assert holds.take("ann", mark, 6) is None
    assert len(holds) == 0


def test_its_time_ends() -> None:
    holds = Holds(100)
    mark = holds.add("ann", Hold(5, 7, ""))
    assert holds.take("ann", mark, 105) is None


def test_one_user_is_dropped() -> None:
    holds = Holds(100)
    mine, other = holds.add("ann", Hold(5, 7, "")), holds.add("bob", Hold(5, 7, ""))
    holds.drop("ann")
    assert holds.take("ann", mine, 6) is None
    assert holds.take("bob", other, 6) is not None


def test_what_nobody_settles_is_forgotten() -> None:
    holds = Holds(100)
    for now in range(5_000):
        holds.add(f"user {now % 700}", Hold(now, 1, ""))
    # Those of the last hundred moments, and the few users who were not looked at yet.
    assert len(holds) < 300


def test_one_busy_user_does_not_pile_up() -> None:
    holds = Holds(100)
    for now in range(5_000):
        holds.add("ann", Hold(now, 1, ""))
    assert len(holds) == 100
