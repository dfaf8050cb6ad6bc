"""Entries of streams: whatever is written is read, and only the latest run's words count."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.celery.partials import EntryKind, PartialAssembler, entry


def _entry(kind: EntryKind, run: str, data: str = "") -> dict[bytes, bytes]:
    return {key: text.encode() for key, text in entry(kind, run, data).items()}


@given(st.lists(st.text(min_size=1, max_size=5), max_size=8), st.integers(0, 8))
def test_text_is_whole_however_it_is_cut(pieces: list[str], cut: int) -> None:
    entries = [_entry("begin", "a"), *(_entry("text", "a", p) for p in pieces), _entry("end", "a")]
    assembler = PartialAssembler()
    steps = assembler.take(entries[:cut]) + assembler.take(entries[cut:])
    assert "".join(step.text for step in steps) == "".join(pieces)
    assert [step.is_final for step in steps] == [False] * (len(steps) - 1) + [True]
    assert not any(step.is_restart or step.is_cut for step in steps)
    assert assembler.is_over


def test_second_run_voids_the_first_ones_words() -> None:
    steps = PartialAssembler().take(
        [
            _entry("begin", "a"),
            _entry("text", "a", "old"),
            _entry("begin", "b"),
            _entry("text", "a", "late"),
            _entry("thinking", "b", "hm"),
            _entry("text", "b", "new"),
            _entry("end", "a"),
            _entry("end", "b", "cut"),
            _entry("text", "b", "after the end"),
        ]
    )
    assert [(s.text, s.thinking, s.is_restart, s.is_final, s.is_cut) for s in steps] == [
        ("old", "", False, False, False),
        ("", "", True, False, False),
        ("", "hm", False, False, False),
        ("new", "", False, False, False),
        ("", "", False, True, True),
    ]


def test_run_that_showed_nothing_needs_no_restart() -> None:
    steps = PartialAssembler().take(
        [_entry("begin", "a"), _entry("begin", "b"), _entry("end", "b")]
    )
    assert [step.is_restart for step in steps] == [False]


@given(st.lists(st.dictionaries(st.sampled_from([b"k", b"r", b"d", b"x"]), st.binary(max_size=6))))
def test_entries_of_others_do_no_harm(entries: list[dict[bytes, bytes]]) -> None:
    for step in PartialAssembler().take(entries):
        assert isinstance(step.text, str)
