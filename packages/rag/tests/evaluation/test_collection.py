"""Collections are read line by line, and what is wrong with them is said by file and line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, DocumentTooLargeError, ReadError
from racto.rag.evaluation import collection, load_beir

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Writes a collection; each argument replaces a file."""

    def files(
        corpus: str | bytes | None = None, queries: str | None = None, qrels: str | None = None
    ) -> Path:
        (tmp_path / "qrels").mkdir(exist_ok=True)
        documents = [
            {"_id": "d1", "title": "Bees", "text": "They dance.", "metadata": {}},
            {"_id": 2, "text": "Wasps sting."},
        ]
        usual = "\n".join(map(json.dumps, documents))
        given = usual if corpus is None else corpus
        (tmp_path / "corpus.jsonl").write_bytes(
            given if isinstance(given, bytes) else given.encode()
        )
        asked = [{"_id": f"q{n}", "text": text} for n, text in enumerate(("dance", "sting", "fly"))]
        usual = "\n".join(map(json.dumps, asked))
        (tmp_path / "queries.jsonl").write_text(usual if queries is None else queries)
        usual = "query-id\tcorpus-id\tscore\nq0\td1\t2\nq0\t2\t0\nq1\t2\t1\nq2\td1\t0\n"
        (tmp_path / "qrels" / "test.tsv").write_text(usual if qrels is None else qrels)
        return tmp_path

    return files


def test_a_collection(make: Make) -> None:
    found = load_beir(make())
    assert found.queries == {"q0": "dance", "q1": "sting"}
    assert found.qrels == {"q0": {"d1": 2, "2": 0}, "q1": {"2": 1}}
    assert found.unjudged == 1
    documents = list(found.documents())
    assert [each.source for each in documents] == ["d1", "2"]
    assert [each.content for each in documents] == ["Bees\nThey dance.", "Wasps sting."]
    assert found.check({"d1"}) == 1


def test_limit_and_split(make: Make) -> None:
    folder = make()
    assert list(load_beir(folder, limit=1).queries) == ["q0"]
    (folder / "qrels" / "dev.tsv").write_text("q1\td1\t1\n")
    assert load_beir(folder, split="dev").qrels == {"q1": {"d1": 1}}
    with pytest.raises(ConfigurationError, match="its splits are dev, test"):
        load_beir(folder, split="train")
    with pytest.raises(ConfigurationError, match="name of a file"):
        load_beir(folder, split="../test")


def test_a_byte_order_mark_and_windows_lines_do_no_harm(make: Make) -> None:
    found = load_beir(make('\ufeff{"_id": "d1", "text": "a"}\r\n\r\n'))
    assert [each.source for each in found.documents()] == ["d1"]


def test_half_characters_harm_nobody_later(make: Make) -> None:
    found = load_beir(make('{"_id": "d1", "title": "\\ud800", "text": "a\\udfff"}'))
    (document,) = found.documents()
    assert document.content.encode()


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        ("\n{nonsense\n", "line 2: it is not JSON"),
        ("[1]", "line 1: it is not a JSON object"),
        ('{"_id": "d"}', "line 1: 'text' is not a text"),
        ('{"text": "d"}', "line 1: '_id' is not a text"),
        ('{"_id": "d", "text": ""}\n' * 2, "line 2: the id 'd' came before"),
        (b'{"_id": "d", "text": "\xff"}', "line 1: it is not UTF-8"),
        ("[" * 100_000, "line 1: it is not JSON"),
    ],
)
def test_a_bad_document_is_named_by_its_line(make: Make, corpus: str | bytes, said: str) -> None:
    found = load_beir(make(corpus))
    with pytest.raises(ReadError, match=said):
        list(found.documents())


def test_a_line_without_end_is_not_read_whole(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "LONGEST_LINE", 100)
    found = load_beir(make('{"_id": "d", "text": "' + "x" * 200))
    with pytest.raises(ReadError, match="longer than 100 bytes"):
        list(found.documents())


@pytest.mark.parametrize(
    ("qrels", "said"),
    [
        ("q0\td1\n", "line 1"),
        ("head\ter\tline\nq0 d1 1\n", "line 2: it is not query id"),
        ("q0\td1\t1\nq0\td1\t1.5\n", "line 2"),
        ("q0\td1\t" + "9" * 20 + "\n", "line 1"),
        ("q0\td1\t1\nq9\td1\t1\n", "query 'q9'"),
    ],
)
def test_a_bad_judgment_is_named(make: Make, qrels: str, said: str) -> None:
    with pytest.raises((ReadError, ConfigurationError), match=said):
        load_beir(make(qrels=qrels))


def test_files_that_do_not_belong_together(make: Make) -> None:
    with pytest.raises(ConfigurationError, match="one collection"):
        load_beir(make(qrels="q7\td1\t1\n"))
    with pytest.raises(ConfigurationError, match="no query has a relevant"):
        load_beir(make(qrels="q0\td1\t0\n"))
    with pytest.raises(ConfigurationError, match=r"such as 'd1', is in corpus\.jsonl"):
        load_beir(make()).check({"other"})


def test_a_missing_file_is_named(make: Make) -> None:
    folder = make()
    (folder / "queries.jsonl").unlink()
    with pytest.raises(ConfigurationError, match=r"there is no queries\.jsonl"):
        load_beir(folder)
    with pytest.raises(ConfigurationError, match=r"there is no corpus\.jsonl"):
        load_beir(folder / "nowhere")


def test_memory_is_bounded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "MOST_JUDGMENTS", 2)
    with pytest.raises(DocumentTooLargeError, match="more than 2"):
        load_beir(make())
