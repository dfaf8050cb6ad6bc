"""Messages of one key are handled one after the other, those of different keys at once."""

from hypothesis import given, strategies as st

from racto.kafka import KafkaMessage
from racto.kafka.lanes import Lanes, Portion


def message(offset: int, key: object = None, partition: int = 0) -> KafkaMessage:
    return KafkaMessage(topic="t", partition=partition, offset=offset, key=key)


def offsets(portion: Portion | None) -> list[int]:
    return [m.offset for m in portion.messages] if portion else []


def test_a_key_that_is_being_handled_is_closed() -> None:
    lanes = Lanes()
    lanes.put([message(0, "a"), message(1, "b")])
    first = lanes.take(1)
    lanes.put([message(2, "a")])
    assert offsets(first) == [0]
    assert offsets(lanes.take(5)) == [1]
    assert lanes.take(5) is None
    assert not lanes.is_open
    assert first is not None
    lanes.release(first)
    assert offsets(lanes.take(5)) == [2]


def test_messages_without_a_key_are_handled_at_once() -> None:
    lanes = Lanes()
    lanes.put([message(0), message(1)])
    assert offsets(lanes.take(1)) == [0]
    assert offsets(lanes.take(1)) == [1]


def test_a_partition_can_be_the_lane() -> None:
    lanes = Lanes("partition")
    lanes.put([message(0, "a"), message(1, "b"), message(0, "c", partition=1)])
    assert offsets(lanes.take(1)) == [0]
    portion = lanes.take(5)
    assert portion is not None
    assert [m.partition for m in portion.messages] == [1]


def test_no_order_opens_every_message() -> None:
    lanes = Lanes("none")
    lanes.put([message(0, "a"), message(1, "a")])
    lanes.take(1)
    assert offsets(lanes.take(1)) == [1]


def test_keys_that_no_dictionary_takes_keep_their_order_too() -> None:
    lanes = Lanes()
    lanes.put([message(0, {"id": 1}), message(1, {"id": 1}), message(2, {"id": 2})])
    lanes.take(1)
    assert offsets(lanes.take(5)) == [2]


def test_a_purge_drops_what_waits_of_a_partition() -> None:
    lanes = Lanes()
    lanes.put([message(0, "a"), message(0, "b", partition=1), message(1, "a")])
    assert lanes.purge({("t", 0)}) == 2
    assert len(lanes) == 1
    portion = lanes.take(5)
    assert portion is not None
    assert [m.partition for m in portion.messages] == [1]
    assert lanes.purge() == 0


def test_a_key_is_open_again_after_its_waiting_messages_were_purged() -> None:
    lanes = Lanes()
    lanes.put([message(0, "a"), message(1, "a")])
    portion = lanes.take(1)
    lanes.purge()
    lanes.put([message(5, "a")])
    assert lanes.take(1) is None
    assert portion is not None
    lanes.release(portion)
    assert offsets(lanes.take(1)) == [5]


@given(
    st.lists(st.sampled_from(["a", "b", "c", None]), max_size=20),
    st.lists(
        st.tuples(st.sampled_from(["put", "take", "release"]), st.integers(1, 4)), max_size=40
    ),
)
def test_each_key_comes_out_in_order_and_nothing_is_lost(
    keys: list[str | None], moves: list[tuple[str, int]]
) -> None:
    lanes = Lanes()
    waiting = [message(n, key) for n, key in enumerate(keys)]
    under_way: list[Portion] = []
    seen: dict[object, list[int]] = {}
    # After the random moves, as many of each kind as are needed to bring everything to its end.
    for move, count in [*moves, ("put", 99), *[("take", 1), ("release", 1)] * 60]:
        if move == "put":
            lanes.put(waiting[:count])
            del waiting[:count]
        elif move == "release" and under_way:
            lanes.release(under_way.pop(0))
        elif move == "take":
            portion = lanes.take(count)
            assert portion is not None or not lanes.is_open
            messages = portion.messages if portion else []
            busy = {m.key for p in under_way for m in p.messages} - {None}
            assert not busy & {m.key for m in messages}
            under_way.extend([portion] if portion else [])
            for taken in messages:
                seen.setdefault(taken.key, []).append(taken.offset)
    assert len(lanes) == 0
    assert sorted(offset for got in seen.values() for offset in got) == list(range(len(keys)))
    for key, got in seen.items():
        assert key is None or got == sorted(got)


def test_keys_are_compared_in_bytes_whatever_they_became() -> None:
    class Opaque:
        def __repr__(self) -> str:
            raise ValueError("not for you")

    lanes = Lanes()
    record = message(0, b"k")._record, message(1, b"k")._record
    lanes.put(KafkaMessage.of(each, Opaque(), None) for each in record)
    assert offsets(lanes.take(1)) == [0]
    assert lanes.take(1) is None


def test_messages_without_a_lane_are_dropped_with_their_partition() -> None:
    lanes = Lanes()
    lanes.put([message(0), message(0, partition=1), message(1, "a")])
    assert lanes.purge({("t", 0)}) == 2
    assert len(lanes) == 1
    portion = lanes.take(5)
    assert portion is not None
    assert [m.partition for m in portion.messages] == [1]
