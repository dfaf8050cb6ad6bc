"""racto-rag eval: figures in a table, JSON, TSV and a page; mistakes in one line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """Ten documents, three queries; the third document is empty."""
    folder = tmp_path / "insects"
    (folder / "qrels").mkdir(parents=True)
    names = ["bee", "wasp", "ant", "moth", "fly", "gnat", "louse", "flea", "midge", "aphid"]
    documents = [
        {"_id": name, "title": name, "text": f"All about the {name}. " * (number + 1)}
        for number, name in enumerate(names)
    ]
    documents[2] = {"_id": "ant", "title": "", "text": " "}
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, documents)))
    queries = [{"_id": f"q{name}", "text": f"What about the {name}?"} for name in names[:3]]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    lines = ["query-id\tcorpus-id\tscore", *(f"q{name}\t{name}\t1" for name in names[:3])]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines))
    return folder


def test_all_retrievers_side_by_side(command: Run, collection: Path, tmp_path: Path) -> None:
    ran = command("eval", collection, "--per-query", "scores.tsv", "--plot", "page.html")
    assert ran.returncode == 0, ran.stderr
    rows = [line.split() for line in ran.stdout.splitlines() if line.startswith("  ")]
    assert [row[0] for row in rows] == ["retriever", "bm25", "vector", "hybrid"]
    assert rows[1][1] == "0.6667"
    lines = (tmp_path / "scores.tsv").read_text().splitlines()
    assert len(lines) == 1 + 3 * 3
    assert lines[1].startswith("bm25\tqbee\t1.000000")
    assert "<html" in (tmp_path / "page.html").read_text(encoding="utf-8")
    # Nothing else is left behind.
    assert not (tmp_path / ".racto").exists()


def test_json_of_one_retriever(command: Run, collection: Path) -> None:
    ran = command("eval", collection, "--retriever", "bm25", "--limit", "2", "--json")
    (report,) = json.loads(ran.stdout)
    assert (report["retriever"], report["queries"], report["ndcg_at_10"]) == ("bm25", 2, 1.0)
    assert [each["query_id"] for each in report["per_query"]] == ["qbee", "qwasp"]


def test_words_alone_need_no_embedder(command: Run, collection: Path) -> None:
    ran = command("eval", collection, "--retriever", "bm25", "--embedder", "nonesuch")
    assert ran.returncode == 0, ran.stderr
    ran = command("eval", collection, "--retriever", "vector", "--embedder", "nonesuch")
    assert ran.returncode == 2


def test_an_index_is_filled_once(command: Run, collection: Path) -> None:
    first = command("eval", collection, "--index", "kept", "--json")
    assert first.returncode == 0, first.stderr
    slow = command("eval", collection, "--index", "kept", "--embedder", "tiny")
    assert slow.returncode == 2
    again = command("eval", collection, "--index", "kept", "--json")
    for one, two in zip(json.loads(first.stdout), json.loads(again.stdout), strict=True):
        assert one["ndcg_at_10"] == two["ndcg_at_10"]
    other = command("eval", collection, "--index", "kept", "--chunk-size", "40")
    assert other.returncode == 2
    assert "another folder" in other.stderr


def test_an_index_of_other_documents_is_left_alone(
    command: Run, collection: Path, docs: Path
) -> None:
    command("ingest", "docs", "--index", "mine")
    ran = command("eval", collection, "--index", "mine")
    assert ran.returncode == 2
    assert "holds files" in ran.stderr
    assert "passages  2," in command("status", "--index", "mine").stdout
    command("eval", collection, "--index", "kept")
    corpus = collection / "corpus.jsonl"
    corpus.write_text("\n".join(corpus.read_text().splitlines()[:-1]))
    ran = command("eval", collection, "--index", "kept")
    assert ran.returncode == 2
    assert "such as 'aphid'" in ran.stderr


def test_passages_count_for_their_documents(command: Run, collection: Path) -> None:
    ran = command("eval", collection, "--chunk-size", "40", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)[0]["recall_at_100"] == pytest.approx(2 / 3)


def test_mistakes_are_one_line(command: Run, collection: Path) -> None:
    for arguments, said in (
        (["nowhere"], "there is no corpus.jsonl"),
        ([collection, "--split", "dev"], "its splits are test"),
        ([collection, "--limit", "0"], "whole number of 1"),
    ):
        ran = command("eval", *arguments)
        assert ran.returncode == 2
        assert said in ran.stderr
        assert ran.stderr.count("\n") == 1
    (collection / "corpus.jsonl").write_text('{"_id": "other", "text": "x"}\n{')
    ran = command("eval", collection)
    assert "corpus.jsonl, line 2" in ran.stderr
    (collection / "corpus.jsonl").write_text('{"_id": "other", "text": "x"}')
    for retriever in ("bm25", "hybrid"):
        ran = command("eval", collection, "--retriever", retriever)
        assert "files of one collection?" in ran.stderr


def test_help_teaches(command: Run) -> None:
    shown = command("eval", "--help").stdout
    assert "qrels/test.tsv" in shown
    assert "nDCG@10" in shown
    assert "removed afterwards" in shown
