"""Frames survive a round trip, and damage costs only the records that it hit."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.kafka.audit.frames import MARK, OVERHEAD, Damage, Frame, framed, scanned

TEXTS = st.text(max_size=40).map(lambda text: text.encode())
RECORDS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6)


def _pairs(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(found.key, found.value) for found in scanned(data) if isinstance(found, Frame)]


@given(records=RECORDS)
def test_what_is_framed_is_found(records: list[tuple[bytes, bytes]]) -> None:
    data = b"".join(framed(key, value) for key, value in records)
    found = list(scanned(data))
    assert _pairs(data) == records
    assert [frame[0] for frame in found][1:] == [frame[1] for frame in found][:-1]
    assert found[-1][1] == len(data)


@given(records=RECORDS, cut=st.integers(min_value=1, max_value=200))
def test_a_torn_end_costs_the_last_record(records: list[tuple[bytes, bytes]], cut: int) -> None:
    last = framed(*records[-1])
    data = b"".join(framed(key, value) for key, value in records)
    data = data[: len(data) - min(cut, len(last) - 1)]
    *whole, torn = list(scanned(data))
    assert [(frame[2], frame[3]) for frame in whole if isinstance(frame, Frame)] == records[:-1]
    assert isinstance(torn, Damage)
    assert torn.is_torn


@given(records=RECORDS, place=st.integers(min_value=0), flip=st.integers(1, 255))
def test_a_flipped_byte_costs_its_record_only(
    records: list[tuple[bytes, bytes]], place: int, flip: int
) -> None:
    frames = [framed(key, value) for key, value in records]
    data = bytearray(b"".join(frames))
    place %= len(data)
    data[place] ^= flip
    hit, end = 0, len(frames[0])
    while end <= place:
        hit += 1
        end += len(frames[hit])
    found = _pairs(bytes(data))
    assert found == records[:hit] + records[hit + 1 :]
    assert any(isinstance(one, Damage) for one in scanned(bytes(data)))


@given(data=st.binary(max_size=300))
def test_anything_is_scanned_to_its_end(data: bytes) -> None:
    found = list(scanned(data))
    assert [one[0] for one in found] == ([0] + [one[1] for one in found])[: len(found)]
    assert not found or found[-1][1] == len(data)


def test_a_text_cannot_pass_for_a_record() -> None:
    forged = framed(b"eve", b'{"user_id":"eve"}')
    # As it may come out of a stranger's prompt: whatever it is, in UTF-8.
    inside = forged.decode("latin-1").encode()
    damaged = bytearray(framed(b"ann", inside))
    damaged[8] ^= 1
    assert _pairs(bytes(damaged)) == []
    assert MARK not in inside
    assert len(framed(b"", b"")) == OVERHEAD
