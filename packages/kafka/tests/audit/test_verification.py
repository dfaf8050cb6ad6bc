"""Whatever is done to a trail is found: changes, gaps, insertions, moves, cuts; copies are fine."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.kafka.audit.chain import AuditChain, Link
from racto.kafka.audit.entries import AuditEntry
from racto.kafka.audit.verification import AuditReport, ChainVerifier, expected_link


def trail(count: int, *, chain_id: str = "ab", key: bytes | None = None) -> list[bytes]:
    """Sealed events of two users in turns."""
    chain = AuditChain(chain_id, key=key)
    return [
        chain.seal(json.dumps({"user_id": f"u{number % 2}", "prompt": str(number)}).encode())
        for number in range(count)
    ]


def verify(
    events: Iterable[bytes],
    *,
    key: bytes | None = None,
    partial: bool = False,
    allow_unsealed: bool = False,
    expected: Iterable[Link] = (),
) -> AuditReport:
    verifier = ChainVerifier(
        key=key, partial=partial, allow_unsealed=allow_unsealed, expected=expected
    )
    for number, event in enumerate(events, 1):
        verifier.add(AuditEntry("a.jsonl", -1, number, None, event))
    return verifier.report()


def kinds(report: AuditReport) -> set[str]:
    return {found.kind for found in report.breaks}


@given(count=st.integers(1, 12), key=st.sampled_from([None, b"k" * 16]))
def test_an_untouched_trail_is_intact(count: int, key: bytes | None) -> None:
    report = verify(trail(count, key=key), key=key)
    assert report.is_intact
    assert (report.events, report.copies, report.heads["ab"].sequence) == (count, 0, count)


@given(count=st.integers(3, 12), data=st.data())
def test_a_removed_event_shows(count: int, data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, count - 2))
    events = trail(count)
    del events[gone]
    report = verify(events)
    assert kinds(report) == ({"headless"} if gone == 0 else {"missing"})
    assert report.breaks[0].place == f"a.jsonl, line {max(gone, 0) + 1}"


@given(count=st.integers(3, 12), data=st.data())
def test_moved_events_show(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, count - 3))
    events = trail(count)
    # Two events of one user.
    events[first], events[first + 2] = events[first + 2], events[first]
    assert kinds(verify(events)) == {"moved"}


@given(count=st.integers(1, 12), data=st.data())
def test_copies_are_no_finding(count: int, data: st.DataObject) -> None:
    """Delivery begins again with an event that failed, whatever had arrived behind it."""
    events = trail(count)
    early = data.draw(st.lists(st.integers(0, count - 1), max_size=4))
    report = verify([events[place] for place in sorted(early)] + events)
    assert report.is_intact
    assert report.copies == len(early)


def test_users_may_lie_in_any_order() -> None:
    events = trail(6)
    assert verify(events[1::2] + events[0::2]).is_intact


def test_a_changed_event_shows_with_its_place() -> None:
    events = trail(4)
    events[2] = events[2].replace(b'"prompt": "2"', b'"prompt": "9"')
    report = verify(events)
    assert report.breaks[0].kind == "changed"
    assert report.breaks[0].place == "a.jsonl, line 3"
    assert "event 3 of chain ab" in report.breaks[0].what
    assert kinds(report) == {"changed", "missing"}


def test_a_forged_event_shows() -> None:
    events = trail(3)
    other = AuditChain("ab")
    for _ in range(2):
        other.seal(b'{"user_id":"eve"}')
    forged = other.seal(b'{"user_id":"eve"}')
    assert kinds(verify([*events, forged])) == {"doubled"}
    assert kinds(verify([*events[:2], forged])) == {"unlinked"}
    assert kinds(verify([*events, b'{"user_id":"eve"}'])) == {"unsealed"}
    assert verify([*events, b'{"user_id":"eve"}'], allow_unsealed=True).is_intact


def test_the_wrong_key_is_guessed() -> None:
    report = verify(trail(2, key=b"k" * 16), key=b"x" * 16)
    assert "is it the right key?" in report.breaks[0].what


def test_a_chain_with_a_foreign_beginning_shows() -> None:
    chain = AuditChain("cd")
    chain.chain_id = "ab"
    assert kinds(verify([chain.seal(b'{"user_id":"u"}')])) == {"unlinked"}


def test_old_events_may_be_deleted_on_purpose() -> None:
    events = trail(5)[2:]
    assert kinds(verify(events)) == {"headless"}
    assert verify(events, partial=True).is_intact


def test_a_cut_end_shows_against_a_noted_link() -> None:
    events = trail(5)
    head = verify(events).heads["ab"]
    noted = expected_link(f"ab:5:{head.digest}")
    assert verify(events, expected=[noted]).is_intact
    assert verify(events[:4]).is_intact
    assert kinds(verify(events[:4], expected=[noted])) == {"cut"}
    assert kinds(verify([], expected=[noted])) == {"cut"}


def test_places_in_topics_name_partition_and_offset() -> None:
    verifier = ChainVerifier()
    verifier.add(AuditEntry("audit", 3, 17, b"u", b"not an event"))
    report = verifier.report()
    assert report.breaks[0].place == "audit, partition 3, offset 17"
    assert report.as_data()["breaks"][0]["kind"] == "unsealed"


@pytest.mark.parametrize("text", ["", "ab", "ab:1", "ab:x:" + "0" * 64, "ab:1:" + "g" * 64])
def test_links_are_written_in_one_form(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--expect"):
        expected_link(text)
