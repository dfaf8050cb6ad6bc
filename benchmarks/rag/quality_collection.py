"""The judged collection that all sides rank: BEIR's layout, or Python's own documentation.

RACTO_COLLECTION names a folder with corpus.jsonl, queries.jsonl and qrels/test.tsv. Without it the
first paragraph of each docstring of the standard library is a query for the rest of it.
"""

from __future__ import annotations

import ast
import json
import os
import sysconfig
from math import log2
from pathlib import Path
from typing import NamedTuple


class Judged(NamedTuple):
    """Texts by id, questions by id, and what is relevant to them."""

    documents: dict[str, str]
    queries: dict[str, str]
    relevant: dict[str, set[str]]


def collection() -> Judged:
    """The collection that RACTO_COLLECTION names, or the docstrings."""
    folder = os.environ.get("RACTO_COLLECTION")
    return _beir(Path(folder)) if folder else _docstrings()


def ndcg(rankings: dict[str, list[str]], judged: Judged) -> float:
    """Mean nDCG@10 with relevance of 0 and 1."""
    total = 0.0
    for key, relevant in judged.relevant.items():
        gain = sum(
            1 / log2(place + 2)
            for place, found in enumerate(rankings[key][:10])
            if found in relevant
        )
        total += gain / sum(1 / log2(place + 2) for place in range(min(10, len(relevant))))
    return total / len(judged.relevant)


def recall(rankings: dict[str, list[str]], judged: Judged) -> float:
    """Mean recall@100."""
    shares = (
        len(relevant & set(rankings[key][:100])) / len(relevant)
        for key, relevant in judged.relevant.items()
    )
    return sum(shares) / len(judged.relevant)


MEASURES = {"ndcg": ndcg, "recall": recall}


def _beir(folder: Path) -> Judged:
    documents = {}
    for entry in _lines(folder / "corpus.jsonl"):
        text = f"{entry.get('title') or ''}\n{entry['text']}".strip()
        if text:
            documents[str(entry["_id"])] = text
    queries = {str(entry["_id"]): entry["text"] for entry in _lines(folder / "queries.jsonl")}
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    return Judged(documents, {key: queries[key] for key in relevant}, relevant)


def _lines(file: Path):  # type: ignore[no-untyped-def]
    with file.open(encoding="utf-8") as stream:
        yield from map(json.loads, filter(str.strip, stream))


def _docstrings() -> Judged:
    found: dict[str, str] = {}
    library = Path(sysconfig.get_path("stdlib"))
    for file in sorted([*library.glob("*.py"), *library.glob("*/*.py")]):
        if "site-packages" in file.parts or "test" in file.parts:
            continue
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                head, _, body = (ast.get_docstring(node) or "").partition("\n\n")
                if len(body) > 150 and len(head.split()) > 2:
                    found.setdefault(" ".join(head.split()), body[:1500])
    documents = {f"d{number}": body for number, body in enumerate(found.values())}
    queries = {f"d{number}": head for number, head in enumerate(found)}
    return Judged(documents, queries, {key: {key} for key in queries})
