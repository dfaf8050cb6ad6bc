"""Only what is handled, and all that comes before it, may be committed."""

import threading

from hypothesis import given, strategies as st

from racto.kafka import KafkaMessage
from racto.kafka.bells import Bell
from racto.kafka.offsets import OffsetTracker

PLACE = ("t", 0)


def at(offset: int, partition: int = 0) -> KafkaMessage:
    return KafkaMessage(topic="t", partition=partition, offset=offset)


def tracker() -> OffsetTracker:
    return OffsetTracker(Bell())


def test_nothing_is_committable_before_something_is_finished() -> None:
    offsets = tracker()
    offsets.admit([at(5), at(6)])
    offsets.claim([at(5), at(6)])
    assert offsets.committable() == {}
    assert offsets.in_flight == 2


def test_a_gap_holds_back_what_is_finished_behind_it() -> None:
    offsets = tracker()
    offsets.admit([at(n) for n in range(5, 9)])
    first, rest = offsets.claim([at(5)]), offsets.claim([at(6), at(7)])
    offsets.finish(rest)
    assert offsets.committable() == {}
    offsets.finish(first)
    assert offsets.committable() == {PLACE: 8}
    assert offsets.in_flight == 1


def test_offsets_that_the_log_lacks_do_not_hold_anything_back() -> None:
    offsets = tracker()
    offsets.admit([at(1), at(4), at(9)])
    offsets.finish(offsets.claim([at(1), at(4)]))
    assert offsets.committable() == {PLACE: 5}


def test_what_was_committed_is_not_committed_again() -> None:
    offsets = tracker()
    offsets.admit([at(0), at(1)])
    offsets.finish(offsets.claim([at(0)]))
    offsets.committed(offsets.committable())
    assert offsets.committable() == {}
    offsets.finish(offsets.claim([at(1)]))
    assert offsets.committable() == {PLACE: 2}


def test_partitions_are_apart() -> None:
    offsets = tracker()
    offsets.admit([at(0), at(7, partition=1)])
    offsets.finish(offsets.claim([at(7, partition=1)]))
    assert offsets.committable() == {("t", 1): 8}
    assert offsets.committable([PLACE]) == {}


def test_an_abandoned_message_holds_back_what_follows() -> None:
    offsets = tracker()
    offsets.admit([at(0), at(1)])
    offsets.abandon(offsets.claim([at(0)]))
    offsets.finish(offsets.claim([at(1)]))
    assert offsets.committable() == {}
    assert offsets.is_idle
    assert offsets.rewind() == {PLACE: 0}
    assert offsets.in_flight == 0


def test_a_partition_that_was_forgotten_is_not_committed_by_a_late_finish() -> None:
    offsets = tracker()
    offsets.admit([at(0), at(1)])
    late = offsets.claim([at(0)])
    offsets.forget([PLACE])
    assert offsets.in_flight == 0
    offsets.admit([at(1)])
    offsets.finish(late)
    assert offsets.committable() == {}
    assert offsets.in_flight == 1


def test_a_claim_on_a_partition_that_is_not_ours_changes_nothing() -> None:
    offsets = tracker()
    offsets.finish(offsets.claim([at(3)]))
    assert offsets.committable() == {}
    assert offsets.in_flight == 0


def test_a_rewind_keeps_the_position_and_ignores_late_claims() -> None:
    offsets = tracker()
    offsets.admit([at(0), at(1), at(2)])
    offsets.finish(offsets.claim([at(0)]))
    late = offsets.claim([at(1)])
    assert offsets.rewind() == {PLACE: 1}
    offsets.finish(late)
    assert offsets.committable() == {PLACE: 1}


def test_a_message_that_is_read_twice_counts_once() -> None:
    offsets = tracker()
    offsets.admit([at(0), at(1)])
    offsets.admit([at(1), at(2)])
    assert offsets.in_flight == 3


def test_who_waits_is_woken_when_the_last_handler_ends() -> None:
    offsets = tracker()
    offsets.admit([at(0)])
    claims = offsets.claim([at(0)])
    assert not offsets.wait([PLACE], 0.0)
    thread = threading.Timer(0.02, offsets.finish, [claims])
    thread.start()
    assert offsets.wait([PLACE], 30.0)
    thread.join()


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_the_position_is_the_first_offset_that_is_not_finished(
    order: list[int], left_out: set[int]
) -> None:
    offsets = tracker()
    offsets.admit([at(n) for n in range(12)])
    finished: set[int] = set()
    for offset in order:
        if offset in left_out:
            continue
        offsets.finish(offsets.claim([at(offset)]))
        finished.add(offset)
        first_missing = next(n for n in range(13) if n not in finished)
        assert offsets.committable() == ({PLACE: first_missing} if first_missing else {})
    assert offsets.in_flight == 12 - len(finished)


def test_what_is_finished_twice_counts_once() -> None:
    # As after a seek backwards while the messages are being handled.
    offsets = tracker()
    offsets.admit([at(0), at(1)])
    first, second = (offsets.claim([at(0), at(1)]) for _ in range(2))
    offsets.finish(first)
    offsets.finish(second)
    assert offsets.in_flight == 0
    offsets.admit([at(2), at(3), at(4)])
    offsets.finish(offsets.claim([at(3)]))
    offsets.finish(offsets.claim([at(1), at(3)]))
    assert (offsets.in_flight, offsets.committable()) == (2, {PLACE: 2})
    offsets.finish(offsets.claim([at(2), at(3), at(4)]))
    assert (offsets.in_flight, offsets.committable()) == (0, {PLACE: 5})


def test_a_claim_within_another_does_not_count_for_what_is_read_later() -> None:
    offsets = tracker()
    offsets.admit([at(5), at(6)])
    hold = offsets.claim([at(5), at(6)])
    offsets.forget([PLACE])
    offsets.admit([at(5), at(6)])
    offsets.finish(offsets.claim([at(5)], within=hold))
    assert (offsets.in_flight, offsets.committable()) == (2, {})
