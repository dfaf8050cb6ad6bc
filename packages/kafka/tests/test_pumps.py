"""Reports are fetched until the pump is stopped, whatever a callback does."""

import logging
import threading
import time

import pytest

from racto.kafka.pumps import Pump


class Polls:
    """Counts polls; reports as long as it is told to, and may fail."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.count = 0
        self.reports = 0
        self.error = error
        self.changed = threading.Condition()

    def poll(self, seconds: float) -> int:
        with self.changed:
            self.count += 1
            self.changed.notify_all()
            if self.error is not None:
                raise self.error
            if not self.reports:
                self.changed.wait(min(seconds, 0.002))
            return self.reports

    def until(self, count: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.count >= count, 20)


def test_it_polls_until_it_is_stopped() -> None:
    polls = Polls()
    pump = Pump(polls.poll, lambda: False)
    assert polls.until(3)
    pump.stop()
    count = polls.count
    threading.Event().wait(0.02)
    assert polls.count == count
    pump.stop()


@pytest.mark.parametrize("is_awaited", [False, True])
def test_many_reports_are_fetched_at_once_unless_somebody_waits(is_awaited: bool) -> None:
    polls = Polls()
    polls.reports = 1
    pump = Pump(polls.poll, lambda: is_awaited)
    threading.Event().wait(0.2)
    pump.stop()
    # A pause of five milliseconds after each of them is forty polls, and none is thousands.
    assert (polls.count > 200) is is_awaited


def test_a_callback_that_raises_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    polls = Polls(error=ValueError("theirs"))
    with caplog.at_level(logging.ERROR, "racto.kafka"):
        pump = Pump(polls.poll, lambda: False)
        assert polls.until(2)
        polls.error = None
        assert polls.until(4)
        pump.stop()
    assert "polling the producer failed" in caplog.text


def test_it_can_be_stopped_from_within() -> None:
    pumps: list[Pump] = []
    ended = threading.Event()

    def poll(_: float) -> int:
        if pumps:
            pumps[0].stop()
            ended.set()
        return 0

    pumps.append(Pump(poll, lambda: False))
    assert ended.wait(20)
    pumps[0].stop()


def test_it_pauses_while_somebody_else_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("racto.kafka.pumps._RELIEF_SECONDS", 60.0)
    polls = Polls()
    polls.reports = 1
    pump = Pump(polls.poll, lambda: True)
    assert polls.until(1)
    pump.relieve()
    time.sleep(0.02)
    relieved = polls.count
    time.sleep(0.05)
    # The one that ran may have been counted late.
    assert polls.count <= relieved + 1
    pump.resume()
    assert polls.until(relieved + 100)
    pump.stop()


def test_it_polls_again_when_nobody_does_any_longer() -> None:
    polls = Polls()
    pump = Pump(polls.poll, lambda: False)
    pump.relieve()
    assert polls.until(polls.count + 2)
    pump.stop()
