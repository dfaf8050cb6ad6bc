"""MarkdownChunker follows headings and never divides code, or rows of a table, that fit."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Document
from racto.core.errors import ConfigurationError
from racto.core.testing import ChunkerContract
from racto.rag.chunkers.markdown import MarkdownChunker

PIECES = st.sampled_from(
    [
        "# One\n",
        "## Two\r\n",
        "Title\n---\n",
        "```py\n",
        "```\n",
        "~~~\n",
        "| a | b |\n",
        "|---|---|\n",
        "- item\n",
        "  - inner\n",
        "> quote\n",
        "\n",
        " ",
        "A word. ",
        "\x00",
        "x" * 70,
        "é",
        "👩\u200d💻",
        "אב\n",
        "\r",
        "    code\n",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))
SIZES = st.integers(1, 90).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))
PROSE = "Some words that say little are here. " * 3


class TestContract(ChunkerContract):
    """MarkdownChunker is a chunker."""

    @pytest.fixture
    def chunker(self) -> MarkdownChunker:
        return MarkdownChunker(chunk_size=60, overlap=20)


def cut(text: str, size: int = 512, overlap: int = 0) -> list[str]:
    document = Document(content=text, source="a.md", doc_id="a")
    return [chunk.content for chunk in MarkdownChunker(size, overlap).chunk(document)]


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, sizes=SIZES)
def test_laws_of_chunks_hold_on_any_text(laws, text, sizes):
    size, overlap = sizes
    chunks = MarkdownChunker(size, overlap).chunk(Document(content=text, source="a", doc_id="d"))
    laws(text, chunks)
    for one, two in itertools.pairwise(chunks):
        assert one.end - two.start <= overlap
    assert all(len(chunk.content) <= size for chunk in chunks)


def test_sections_that_fit_are_whole():
    sections = [f"## Part {i}\n\n{PROSE.strip()}\n\n" for i in range(4)]
    assert cut("".join(sections), 150) == [section.strip() for section in sections]
    assert cut("".join(sections), 300) == [
        "".join(sections[:2]).strip(),
        "".join(sections[2:]).strip(),
    ]


def test_higher_headings_are_stronger():
    text = "# A\n\nabc\n\n## B\n\ndef\n\n# C\n\nghi\n\n## D\n\njkl\n"
    assert cut(text, 30) == ["# A\n\nabc\n\n## B\n\ndef", "# C\n\nghi\n\n## D\n\njkl"]


def test_code_that_fits_is_whole_and_stays_under_its_heading():
    code = "```py\n" + "x = 1\n\n" * 10 + "# no heading\n```"
    text = f"{PROSE}\n\n## Code\n\n{code}\nAfter it.\n"
    chunks = cut(text, 120)
    assert chunks == [PROSE.strip(), f"## Code\n\n{code}\nAfter it."]
    assert cut(text, len(code) + 10)[-2:] == [f"## Code\n\n{code}", "After it."]


def test_code_that_does_not_fit_with_its_heading_is_whole_all_the_same():
    code = "~~~\n" + "line of code\n" * 8 + "~~~"
    assert cut(f"## A heading of some length\n\n{code}", len(code) + 3) == [
        "## A heading of some length",
        code,
    ]


def test_code_longer_than_a_chunk_is_cut_between_lines():
    lines = [f"line_{i:03} = 1" for i in range(40)]
    chunks = cut("```\n" + "\n".join(lines) + "\n```\n", 100)
    assert {line for chunk in chunks for line in chunk.split("\n")} == {"```", *lines}


def test_a_table_is_cut_between_rows_and_not_behind_its_head():
    rows = [f"| row {i:02} | some text | more |" for i in range(20)]
    table = "\n".join(["| a | b | c |", "|---|:-:|---|", *rows])
    chunks = cut(f"{PROSE}\n\n{table}\n", 160)
    lines = [line for chunk in chunks for line in chunk.split("\n") if line.startswith("|")]
    assert lines == table.split("\n")
    assert any(chunk.startswith("| a | b | c |\n|---|:-:|---|\n| row 00") for chunk in chunks)


def test_long_prose_is_cut_between_sentences():
    assert all(chunk.endswith(".") for chunk in cut("Here is one more sentence. " * 60, 200))


def test_a_heading_is_never_the_end_of_a_chunk():
    text = f"{PROSE}\n\n# Heading\n\n{PROSE * 3}\n\nTitle\n=====\n\n{PROSE * 3}"
    for size in range(60, 400, 7):
        for chunk in cut(text, size):
            assert not chunk.endswith(("# Heading", "Title", "====="))


def test_whole_items_are_repeated_but_nothing_before_a_heading():
    items = "".join(f"- item number {i}\n" for i in range(12))
    chunks = cut(items, 80, 20)
    assert all(chunk.startswith("- item") for chunk in chunks)
    assert chunks[1].split("\n")[0] == chunks[0].split("\n")[-1]
    sections = f"# A\n\n{PROSE}\n\n# B\n\n{PROSE}\n"
    assert cut(sections, 150, 100)[1].startswith("# B")


def test_chunks_know_their_headings_without_a_reader():
    text = f"# A\n\n{PROSE}\n\n## B\n\n{PROSE}\n"
    chunks = MarkdownChunker(150).chunk(Document(content=text, source="a"))
    assert [chunk.metadata.section for chunk in chunks] == ["A", "A > B"]


@pytest.mark.parametrize("piece", ["# ", "```\n", "|", "| a |\n", "- ", "> ", "* * ", "-|", "=\n"])
def test_hostile_text_makes_no_more_chunks_than_it_must(piece: str):
    text = (piece * 50_000)[:100_000]
    chunks = cut(text)
    assert len(chunks) <= 4 * len(text) / 512 + 1
    assert all(len(chunk) <= 512 for chunk in chunks)


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (5, 5), (5, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int):
    with pytest.raises(ConfigurationError, match=r"chunk_size|overlap"):
        MarkdownChunker(size, overlap)
