"""Claims in a real Redis: one owner at a time, first result wins, dead owners are replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest

from racto.celery.claims import _TAKE, Claims
from racto.core.errors import APIConnectionError, ConfigurationError, JobError

from .harness.premises import until
from .harness.redis_process import RedisProcess


@pytest.fixture(scope="module")
def server() -> Iterator[RedisProcess]:
    """A Redis for this file."""
    with RedisProcess() as made:
        yield made


@pytest.fixture
def claims(server: RedisProcess) -> Claims:
    """Claims under a prefix of their own, with a short lease."""
    return Claims(server.url, prefix=f"t:{uuid4()}", lease_s=0.3, keep_s=60)


def test_one_of_many_gets_the_task(claims: Claims) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(claims.take("t"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(bool(claim.owner) for claim in found) == 1
    assert all(0 < claim.busy_s <= 0.3 for claim in found if not claim.owner)


def test_result_is_remembered_and_the_first_one_wins(claims: Claims) -> None:
    claim = claims.take("t")
    result = {"content": "Grüße", "n": [1, None, 2.5]}
    with claims.kept(claim):
        assert claims.finish(claim, result) == result
    again = claims.take("t")
    assert (again.is_done, again.result) == (True, result)
    # A run whose claim had ended while it was stopped comes too late.
    assert claims.finish(claim, {"content": "other"}) == result


def test_living_run_keeps_its_claim_beyond_the_lease(claims: Claims) -> None:
    claim = claims.take("t")
    ended = threading.Event()

    def work() -> None:
        with claims.kept(claim):
            ended.wait(20)

    thread = threading.Thread(target=work)
    thread.start()
    # Time itself is under test: three leases.
    threading.Event().wait(0.9)
    assert not claims.take("t").owner
    ended.set()
    thread.join(20)
    until(lambda: bool(claims.take("t").owner))


def test_claims_of_threads_that_begin_together_are_all_renewed(claims: Claims) -> None:
    start, ended = threading.Barrier(9), threading.Event()

    def work(name: str) -> None:
        claim = claims.take(name)
        start.wait(20)
        with claims.kept(claim):
            ended.wait(20)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(8)]
    before = {thread.ident for thread in threading.enumerate() if thread.name == "racto-claims"}
    for thread in threads:
        thread.start()
    start.wait(20)
    threading.Event().wait(0.7)
    now = {thread.ident for thread in threading.enumerate() if thread.name == "racto-claims"}
    assert not any(claims.take(f"t{n}").owner for n in range(8))
    assert len(now - before) == 1
    ended.set()
    for thread in threads:
        thread.join(20)


def test_claim_whose_answer_was_lost_is_not_in_its_own_way(claims: Claims) -> None:
    told = [claims._eval("claiming", _TAKE, "t", "me", 300)[0] for _ in range(2)]
    assert told == [b"taken", b"taken"]
    assert claims._eval("claiming", _TAKE, "t", "other", 300)[0] == b"busy"


def test_failure_frees_the_task_at_once(claims: Claims) -> None:
    claim = claims.take("t")
    with pytest.raises(ValueError, match="no luck"), claims.kept(claim):
        raise ValueError("no luck")
    assert claims.take("t").owner


def test_lost_claim_is_not_given_back_for_another(claims: Claims) -> None:
    old = claims.take("t")
    claims.forget("t")
    new = claims.take("t")
    with pytest.raises(ValueError, match="late"), claims.kept(old):
        raise ValueError("late")
    assert new.owner
    assert not claims.take("t").owner


def test_foreign_values_are_told(claims: Claims, server: RedisProcess) -> None:
    with server.client() as client:
        client.set(claims._key("t"), "dno json")
        with pytest.raises(JobError, match="is no JSON"):
            claims.take("t")
        client.delete(claims._key("t"))
        client.lpush(claims._key("t"), "x")
        with pytest.raises(APIConnectionError, match="WRONGTYPE"):
            claims.take("t")


def test_redis_that_is_away_stops_claims_but_no_results(caplog: pytest.LogCaptureFixture) -> None:
    with RedisProcess() as own:
        claims = Claims(own.url, prefix="t", lease_s=60, keep_s=60)
        claim = claims.take("t")
        own.kill()
        with pytest.raises(APIConnectionError, match="claiming task u"):
            claims.take("u")
        assert claims.finish(claim, {"n": 1}) == {"n": 1}
        assert "its result is not remembered" in caplog.text


@pytest.mark.parametrize("given", [{"lease_s": 0}, {"keep_s": -1}, {"lease_s": float("nan")}])
def test_times_are_positive(given: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="seconds above 0"):
        Claims("redis://localhost", prefix="t", **{"lease_s": 1.0, "keep_s": 1.0, **given})


def test_urls_of_others_are_refused_without_being_told() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Claims("http://:hunter2hunter2@host", prefix="t", lease_s=1, keep_s=1)
    assert "hunter2" not in str(caught.value)
