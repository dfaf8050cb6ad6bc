"""What is sent: hostile ids stand for themselves, and one call's keys lie in one slot."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.cache import RateLimit, RateLimitConfig
from racto.cache.redis.calls import Calls
from racto.core.protocols.limiters import Reservation

SHARED = RateLimitConfig(
    limits=(RateLimit(name="own", amount=9), RateLimit(name="all", amount=9, scope="global"))
)
OWN = RateLimitConfig(
    limits=(RateLimit(name="minute", amount=9), RateLimit(name="day", amount=9, seconds=86_400))
)


def tag(name: bytes) -> bytes:
    """What a cluster hashes of a key."""
    _, opened, rest = name.partition(b"{")
    inner, closed, _ = rest.partition(b"}")
    return inner if opened and closed and inner else name


@given(st.text(), st.text(max_size=5), st.sampled_from([SHARED, OWN]))
def test_the_keys_of_one_call_lie_in_one_slot(
    user: str, model: str, config: RateLimitConfig
) -> None:
    calls = Calls(config, None)
    reserved = calls.take(user, 1, model, "m" * 32 + model)
    held = Reservation(user_id=user, tokens=1, allowed=True, token="m" * 32 + model)
    for keys in (reserved[1], calls.settle(held, 3)[1], calls.own_keys(user)):
        assert len({tag(name) for name in keys}) == 1
        assert len(set(keys)) == len(keys)


@given(st.lists(st.text(), min_size=2, max_size=2, unique=True))
def test_no_two_users_share_a_key(users: list[str]) -> None:
    one, two = (Calls(SHARED, None).own_keys(user) for user in users)
    assert not set(one) & set(two)


def test_limits_that_count_differently_have_keys_of_their_own() -> None:
    def name_of(**fields: object) -> bytes:
        limit = RateLimit.model_validate({"name": "a", "amount": 5, **fields})
        return Calls(RateLimitConfig(limits=(limit,)), None).take("ann", 1, "")[1][0]

    # Only the amount may change under a name without beginning anew.
    assert name_of() == name_of(amount=7)
    others = [name_of(name="b"), name_of(seconds=61), name_of(what="requests")]
    assert len({name_of(), *others}) == 4
