"""Page indexes in files: they come back equal, and anything else is refused unharmed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from racto.core.errors import ConfigurationError, IndexCorruptError, StoreError
from racto.rag.pages import PageIndexRAG
from racto.rag.pages.snapshots import load

GUIDE = "# Pumps\n\nThe pump is guaranteed for five years — überall.\n\n# Valves\n\nNot these.\n"


@pytest.fixture
def saved(tmp_path: Path, write: Callable[..., Path]) -> Path:
    rag = PageIndexRAG(page_size=40, overlap=5)
    rag.ingest(write(guide_md=GUIDE) / "guide.md", since=date(2024, 1, 2), tags=["a", None])
    rag.ingest_text("Bees dance.", source="bees")
    path = tmp_path / "pages.jsonl"
    rag.save(path)
    return path


def same_bytes(one: Path, two: Path) -> bool:
    return one.read_bytes() == two.read_bytes()


async def test_what_was_saved_comes_back(saved: Path) -> None:
    rag = PageIndexRAG()
    rag.ingest_text("goes away")
    rag.load(saved)
    assert rag.retrieve("away") == []
    reply = rag.query("How long is the pump guaranteed?")
    assert reply.citations[0].section == "Pumps"
    assert rag.retrieve("pump", 5, {"since": {"$gte": date(2024, 1, 1)}})
    again = saved.with_name("again.jsonl")
    await rag.asave(again)
    assert same_bytes(again, saved)
    other = PageIndexRAG()
    await other.aload(again)
    assert other.retrieve("bees pump valves", 20) == rag.retrieve("bees pump valves", 20)
    assert [path.name for path in saved.parent.glob(".*")] == []


def test_a_loaded_document_is_known_when_it_comes_again(saved: Path) -> None:
    rag = PageIndexRAG(page_size=40, overlap=5)
    rag.load(saved)
    folder = saved.parent / "docs"
    report = rag.ingest_dir(folder, since=date(2024, 1, 2), tags=["a", None]).report
    assert (report.unchanged, report.changed) == (1, 0)
    assert rag.remove(folder / "guide.md") > 0


def test_a_file_that_is_missing_or_cannot_be_written(tmp_path: Path) -> None:
    rag = PageIndexRAG()
    with pytest.raises(ConfigurationError, match="no page index"):
        rag.load(tmp_path / "missing")
    with pytest.raises(StoreError, match="cannot be read"):
        rag.load(tmp_path)
    with pytest.raises(StoreError, match="cannot be written"):
        rag.save(tmp_path / "no" / "folder")
    taken = tmp_path / "taken"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises(StoreError):
        rag.save(taken)
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_crash_while_writing_leaves_the_old_file(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = saved.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        PageIndexRAG().save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.glob(".*")] == []


def test_a_file_beyond_the_limit_is_not_read(saved: Path) -> None:
    with pytest.raises(IndexCorruptError, match="max_bytes"):
        PageIndexRAG().load(saved, max_bytes=100)


def edited(saved: Path, change: Callable[[list[Any]], object]) -> Path:
    lines = [json.loads(line) for line in saved.read_text().splitlines()]
    change(lines)
    saved.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return saved


CHANGES: dict[str, Callable[[list[Any]], object]] = {
    "another format": lambda lines: lines[0].update(format="x"),
    "another version": lambda lines: lines[0].update(version=2),
    "a head that is a list": lambda lines: lines.__setitem__(0, []),
    "a document less": lambda lines: lines.pop(),
    "a document twice": lambda lines: lines.append(lines[1]),
    "a key less": lambda lines: lines[1].pop("digest"),
    "a number for a name": lambda lines: lines[1].update(source=1),
    "words for pages": lambda lines: lines[1].update(pages="ab"),
    "a truth for a number": lambda lines: lines[1].update(rows=[True]),
    "half a section": lambda lines: lines[1].update(sections=[[1, "x"]]),
    "a short row": lambda lines: lines[1]["chunks"][0].pop(),
    "another document's page": lambda lines: lines[1]["chunks"][0].__setitem__(2, "x"),
    "a page that ends first": lambda lines: lines[1]["chunks"][0].__setitem__(8, 10**9),
    "facts that are a list": lambda lines: lines[1]["chunks"][0].__setitem__(10, "[1]"),
    "facts that are no JSON": lambda lines: lines[1]["chunks"][0].__setitem__(10, "{"),
    "a huge number": lambda lines: lines[1]["chunks"][0].__setitem__(8, 1.5),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_file_that_somebody_changed_is_refused(saved: Path, name: str) -> None:
    rag = PageIndexRAG()
    rag.ingest_text("stays")
    with pytest.raises(IndexCorruptError, match="nothing was changed"):
        rag.load(edited(saved, CHANGES[name]))
    assert len(rag.retrieve("stays")) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[" * 100_000, b'{"format":"racto-page-index","version":1}\n']
)
def test_any_other_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(IndexCorruptError):
        load(path)


def test_deep_nesting_is_refused(saved: Path) -> None:
    deep = b'{"key":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"
    saved.write_bytes(saved.read_bytes().splitlines(keepends=True)[0] + deep)
    with pytest.raises(IndexCorruptError):
        load(saved)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(at=st.integers(0, 2000), byte=st.integers(0, 255))
def test_any_changed_byte_is_noticed_or_harmless(saved: Path, at: int, byte: int) -> None:
    data = bytearray(saved.read_bytes())
    data[at % len(data)] = byte
    path = saved.with_name("changed")
    path.write_bytes(data)
    try:
        load(path)
    except IndexCorruptError:
        return
