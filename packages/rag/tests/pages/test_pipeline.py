"""PageIndexRAG from files to cited answers, in both voices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from racto.core.errors import (
    ConfigurationError,
    EmptyDocumentError,
    FilterError,
    OverloadedError,
    ReadError,
    UnsupportedFormatError,
)
from racto.core.testing import ScriptedKit
from racto.rag.pages import PageIndexRAG, PageResult

GUIDE = "# Pumps\n\nThe pump is guaranteed for five years.\n\n# Valves\n\nValves are not.\n"


@pytest.fixture
def rag() -> PageIndexRAG:
    return PageIndexRAG()


async def test_a_file_becomes_pages_and_answers(
    rag: PageIndexRAG, write: Callable[..., Path]
) -> None:
    folder = write(guide_md=GUIDE, tides_txt="The moon pulls at the oceans.")
    pages = rag.ingest(folder / "guide.md", team="service")
    assert await rag.aingest(folder / "guide.md", team="service") == pages
    rag.ingest(folder / "tides.txt")
    assert rag.count() == await rag.acount() == 2
    reply = rag.query("How long is the pump guaranteed?")
    assert reply.is_grounded
    assert "five years" in (reply.answer.content or "")
    (citation,) = reply.citations
    assert (citation.section, citation.source) == ("Pumps", str(folder / "guide.md"))
    text = (folder / "guide.md").read_text()
    assert text[citation.start : citation.end] == citation.quote
    assert reply.timings.keys() == {"search", "answer"}
    again = await rag.aquery("How long is the pump guaranteed?")
    assert (again.answer, again.citations) == (reply.answer, reply.citations)


def test_a_question_that_no_page_answers(rag: PageIndexRAG) -> None:
    rag.ingest_text(GUIDE)
    for question in ("Who won the race?", "?", ""):
        reply = rag.query(question)
        assert not reply.is_grounded
        assert reply.citations == ()


async def test_a_kit_writes_and_its_numbers_are_checked() -> None:
    kit = ScriptedKit(["Five years [1], or six [7]."], repeat=True)
    rag = PageIndexRAG(kit)
    rag.ingest_text(GUIDE, source="guide")
    reply = rag.query("How long is the pump guaranteed?", max_tokens=99)
    assert [citation.is_supported for citation in reply.citations] == [True, False]
    assert kit.requests[0].max_tokens == 99
    assert '<source number="1"' in reply.context_used
    assert (await rag.aquery("How long is the pump guaranteed?")).answer == reply.answer


def test_a_kit_that_fails_is_an_error_and_none_is_asked_about_nothing() -> None:
    rag = PageIndexRAG(ScriptedKit([OverloadedError("busy")]))
    assert not rag.query("pump?").is_grounded
    rag.ingest_text(GUIDE)
    with pytest.raises(OverloadedError):
        rag.query("pump?")


async def test_results_and_filters(rag: PageIndexRAG) -> None:
    rag.ingest_text("bees " * 50, source="many", lang="en")
    rag.ingest_text("one bee", source="one", lang="de")
    (hit,) = rag.retrieve("bees", 1, {"lang": "de"})
    assert isinstance(hit, PageResult)
    assert (hit.chunk.metadata.source, hit.matched_terms) == ("one", ("bees",))
    assert await rag.aretrieve("bees", 1, {"lang": "de"}) == [hit]
    assert rag.retrieve_batch(["bees", "\ud800"], 1, {"lang": "de"}) == [[hit], []]
    assert await rag.aretrieve_batch(["bees"], 1, {"lang": "de"}) == [[hit]]
    assert [h.chunk.metadata.source for h in rag.retrieve("x", 5, {"top_keywords": "bee"})] == []
    (keyed,) = rag.retrieve("bees", 5, {"top_keywords": "bee"})
    assert keyed.chunk.metadata.source == "one"
    with pytest.raises(FilterError):
        rag.retrieve("bees", 1, {"$no": 1})
    with pytest.raises(ValueError, match="top_k"):
        rag.query("bees", 0)


def test_a_folder_is_taken_in_whatever_happens_to_single_files(
    rag: PageIndexRAG, write: Callable[..., Path]
) -> None:
    folder = write(
        a_md="Bees dance.",
        b_txt="Moon and tides.",
        c_txt=b"\x00\x01\x02" * 99,
        d_xyz="?",
        e_txt=" ",
    )
    pages = rag.ingest_dir(folder, lang="en")
    assert {page.metadata.source for page in pages} == {
        str(folder / "a.md"), str(folder / "b.txt"),
    }  # fmt: skip
    report = pages.report
    assert (report.added, report.unchanged, report.chunks) == (2, 0, 2)
    assert {Path(one.source).name: one.kind for one in report.skipped} == {
        "c.txt": "BinaryDocumentError", "e.txt": "EmptyDocumentError",
    }  # fmt: skip
    assert report.ignored == {".xyz": 1}
    (folder / "a.md").write_text("Wasps sting.")
    report = rag.ingest_dir(folder, lang="en").report
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert rag.retrieve("bees") == []
    assert rag.ingest_dir(folder, "*.txt", lang="de").report.changed == 1


async def test_a_folder_in_the_other_voice(rag: PageIndexRAG, write: Callable[..., Path]) -> None:
    folder = write(a_md="Bees dance.")
    assert len(await rag.aingest_dir(folder)) == 1
    with pytest.raises(ConfigurationError, match="not a folder"):
        await rag.aingest_dir(folder / "a.md")


def test_a_version_that_cannot_be_read_leaves_the_old_one(
    rag: PageIndexRAG, write: Callable[..., Path]
) -> None:
    path = write(a_txt="Bees dance.") / "a.txt"
    rag.ingest(path)
    path.write_bytes(b"\x00" * 99)
    with pytest.raises(ReadError):
        rag.ingest(path)
    (skipped,) = rag.ingest_dir(path.parent).report.skipped
    assert skipped.kept
    assert len(rag.retrieve("bees")) == 1


def test_files_that_cannot_be_ingested(rag: PageIndexRAG, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rag.ingest(tmp_path / "missing.txt")
    (tmp_path / "a.xyz").write_text("x")
    with pytest.raises(UnsupportedFormatError):
        rag.ingest(tmp_path / "a.xyz")
    with pytest.raises(EmptyDocumentError, match="note holds no text"):
        rag.ingest_text(" \n", source="note")
    with pytest.raises(ConfigurationError, match="metadata"):
        rag.ingest_text("bees", odd=object())
    assert rag.count() == 0


async def test_texts_are_told_apart_replaced_and_removed(rag: PageIndexRAG) -> None:
    rag.ingest_text("bees")
    rag.ingest_text("wasps")
    await rag.aingest_text("moon", source="sky")
    rag.ingest_text("tides", source="sky")
    assert rag.count() == 3
    assert rag.retrieve("moon") == []
    assert rag.remove("manual") == 2
    assert await rag.aremove("sky") == 1
    assert rag.remove("sky") == 0


def test_a_file_is_removed_by_its_path(rag: PageIndexRAG, write: Callable[..., Path]) -> None:
    path = write(a_txt="bees") / "a.txt"
    rag.ingest(path)
    assert rag.remove(path) == 1


async def test_everything_can_be_forgotten(rag: PageIndexRAG) -> None:
    rag.ingest_text("bees")
    await rag.aclear()
    assert (rag.count(), rag.index.count()) == (0, 0)


@pytest.mark.parametrize(
    "wrong",
    [{"page_size": 0}, {"overlap": 1000}, {"top_keywords": -1}, {"k1": -1.0}, {"b": 2.0}],
)
def test_impossible_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        PageIndexRAG(**wrong)  # type: ignore[arg-type]


def test_a_template_is_checked_at_once() -> None:
    with pytest.raises(ConfigurationError, match="context_template"):
        PageIndexRAG(context_template="{context}")
