"""Manifests: items in their order, each with the best that came back for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.batch.hosts import Fate, Outcome
from racto.batch.jobs import BatchStatus
from racto.batch.manifest import ItemRow, Manifest
from racto.batch.spooling import Place
from racto.batch.terms import Terms

CHAT, EMBEDDING = Terms(model="m"), Terms(kind="embedding", model="e")


def row(custom_id: str, part: int = 0, terms: Terms = CHAT, texts: tuple[str, ...] = ()) -> ItemRow:
    return ItemRow(custom_id, Place(part, 0, 5), 1, terms, texts)


def answer(custom_id: str | None, fate: Fate = Fate.ANSWERED, problem: str = "") -> Outcome:
    return Outcome(fate=fate, custom_id=custom_id, body=f"of {custom_id}".encode(), problem=problem)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    manifest = Manifest(tmp_path / "items.sqlite3")
    manifest.fill([row("a"), row("b"), row("c", part=1, terms=EMBEDDING, texts=("x", "é"))])
    return manifest


def fates(manifest: Manifest) -> list[tuple[str, str | None]]:
    return [(each.custom_id, each.fate) for each in manifest.page(0, 10)]


def test_results_stand_in_the_items_order_and_missing_ones_have_a_place(
    manifest: Manifest,
) -> None:
    manifest.take(0, [answer("b")], status=BatchStatus.COMPLETED)
    assert fates(manifest) == [("a", None), ("b", "answered"), ("c", None)]


def test_terms_and_texts_are_kept(manifest: Manifest) -> None:
    assert set(manifest.terms().values()) == {CHAT, EMBEDDING}
    (found,) = manifest.items(["c"])
    assert (found.terms, found.texts, found.place) == (EMBEDDING, ("x", "é"), Place(1, 0, 5))


def test_an_answer_beats_an_error_and_the_first_answer_stands(manifest: Manifest) -> None:
    twice = [answer("a", Fate.EXPIRED), answer("a"), answer("a", Fate.REFUSED)]
    manifest.take(0, twice, status=BatchStatus.COMPLETED)
    assert fates(manifest)[0] == ("a", "answered")


def test_strangers_and_unreadable_lines_are_counted_and_told(manifest: Manifest) -> None:
    lines = [answer("a"), answer("z"), answer("c"), answer(None, Fate.MALFORMED, "line 4: no JSON")]
    matched, end = manifest.take(0, lines, status=BatchStatus.COMPLETED)
    # "c" is an item of another part: its line has no business in this one's file.
    assert (matched, end.strays) == (1, 3)
    assert end.notes == ("no item has the id 'z'", "no item has the id 'c'", "line 4: no JSON")
    assert manifest.ends() == {0: end}


def test_taking_a_part_again_replaces_what_was_kept(manifest: Manifest) -> None:
    manifest.take(0, [answer("a"), answer("b")], status=BatchStatus.COMPLETED)
    manifest.take(0, [answer("b", Fate.REFUSED)], status=BatchStatus.EXPIRED, errors=["late"])
    assert fates(manifest)[:2] == [("a", None), ("b", "refused")]
    assert manifest.ends()[0].errors == ("late",)


def test_a_job_from_elsewhere_brings_its_items_along(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "items.sqlite3")
    lines = [answer("x"), answer("y", Fate.REFUSED), answer("x")]
    matched, end = manifest.take(0, lines, status=BatchStatus.COMPLETED, adopt=CHAT)
    assert (matched, end.strays) == (3, 0)
    assert fates(manifest) == [("x", "answered"), ("y", "refused")]
    assert manifest.terms() == {0: CHAT}


def test_pages_follow_each_other(manifest: Manifest) -> None:
    assert [each.custom_id for each in manifest.page(1, 1)] == ["b"]
    assert manifest.page(3, 5) == []


def test_items_that_cannot_all_be_made_leave_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield row("a")
        raise KeyError

    manifest = Manifest(tmp_path / "items.sqlite3")
    with pytest.raises(KeyError):
        manifest.fill(broken())  # type: ignore[arg-type]
    assert manifest.page(0, 5) == []
