"""Judged collections in BEIR's layout, read line by line; a bad line is named by its number."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from racto.core.documents import Document
from racto.core.errors import ConfigurationError, DocumentTooLargeError, ReadError
from racto.rag.ingestion.preparation import without_surrogates

LONGEST_LINE = 16_000_000
"""Most bytes of a line, which is one document."""

MOST_JUDGMENTS = 5_000_000
"""Most queries, and most judgments, that are held in memory."""

_LAYOUT = "a collection holds corpus.jsonl, queries.jsonl and qrels/test.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeirCollection:
    """Documents, queries, and which documents answer which query.

    Attributes:
        folder: Where it lies.
        split: Name of the judgments.
        queries: Text by query id: those with at least one relevant document, in their order.
        qrels: Relevance by query id and document id; 0 is judged and not relevant.
        unjudged: How many queries of the file were left out because nothing is relevant to them.
    """

    folder: Path
    split: str
    queries: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]
    unjudged: int = 0

    def documents(self) -> Iterator[Document]:
        """The documents, one at a time; ``source`` is the id, and the title stands first.

        Raises:
            ReadError: If a line is malformed, too long, or repeats an id; with its number.
        """
        file = self.folder / "corpus.jsonl"
        seen: set[str] = set()
        for number, entry in _entries(file):
            key = _text(entry, "_id", file, number)
            if key in seen:
                raise _bad(file, number, f"the id {key!r} came before")
            seen.add(key)
            parts = (entry.get("title") or "", _text(entry, "text", file, number))
            content = "\n".join(str(part) for part in parts if part)
            yield Document(content=without_surrogates(content), source=key)

    def check(self, known: Collection[str]) -> int:
        """How many relevant documents are not in the corpus.

        Args:
            known: Ids of the corpus.

        Raises:
            ConfigurationError: If none is, so that every figure would be 0.
        """
        wanted = [
            key for judged in self.qrels.values() for key, grade in judged.items() if grade > 0
        ]
        missing = [key for key in wanted if key not in known]
        if len(missing) == len(wanted):
            raise ConfigurationError(
                f"{self.folder}: none of the documents that qrels/{self.split}.tsv names, such as "
                f"{missing[0]!r}, is in corpus.jsonl; are these files of one collection?"
            )
        return len(missing)


def load_beir(
    folder: str | Path, *, split: str = "test", limit: int | None = None
) -> BeirCollection:
    """Read queries and judgments; documents are read when they are asked for.

    Args:
        folder: Holds ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/SPLIT.tsv``.
        split: Which judgments.
        limit: Most queries; the first ones of the file that have judgments.

    Raises:
        ConfigurationError: If a file is missing, or no query has a relevant document.
        ReadError: If a line is malformed; the message names file and line.
        DocumentTooLargeError: If there are more queries or judgments than fit in memory.
    """
    place = Path(folder)
    _check_layout(place, split)
    qrels = _qrels(place / "qrels" / f"{split}.tsv")
    file = place / "queries.jsonl"
    texts: dict[str, str] = {}
    for number, entry in _entries(file):
        texts[_text(entry, "_id", file, number)] = _text(entry, "text", file, number)
        _bound(len(texts), file)
    unknown = next((key for key in qrels if key not in texts), None)
    if unknown is not None and not texts.keys() & qrels.keys():
        raise ConfigurationError(
            f"{file}: none of the queries that qrels/{split}.tsv judges, such as {unknown!r}, is "
            "there; are these files of one collection?"
        )
    if unknown is not None:
        raise ReadError(
            f"{place / 'qrels' / f'{split}.tsv'} judges the query {unknown!r}, which "
            "queries.jsonl does not hold",
            source=str(place),
        )
    judged = (key for key in texts if max(qrels.get(key, {}).values(), default=0) > 0)
    chosen = list(islice(judged, limit))
    if not chosen:
        raise ConfigurationError(f"{place}: no query has a relevant document in qrels/{split}.tsv")
    return BeirCollection(
        folder=place,
        split=split,
        queries={key: texts[key] for key in chosen},
        qrels={key: qrels[key] for key in chosen},
        unjudged=sum(max(qrels.get(key, {}).values(), default=0) <= 0 for key in texts),
    )


def _check_layout(place: Path, split: str) -> None:
    if split in (".", "..") or "/" in split or "\\" in split:
        raise ConfigurationError(f"a split is the name of a file in qrels, not {split!r}")
    for name in ("corpus.jsonl", "queries.jsonl", f"qrels/{split}.tsv"):
        if not (place / name).is_file():
            others = sorted(file.stem for file in (place / "qrels").glob("*.tsv"))
            known = f"; its splits are {', '.join(others[:9])}" if others else ""
            raise ConfigurationError(f"there is no {name} in {place}: {_LAYOUT}{known}")


def _qrels(file: Path) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    for number, line in _lines(file):
        cells = line.split("\t")
        # The header that BEIR writes, and that some collections leave out.
        if number == 1 and len(cells) == 3 and not cells[2].lstrip("-").isdigit():
            continue
        if len(cells) != 3 or not cells[2].lstrip("-").isdigit() or len(cells[2]) > 9:
            raise _bad(file, number, "it is not query id, document id and a whole number by tabs")
        judged.setdefault(cells[0], {})[cells[1]] = int(cells[2])
        _bound(number, file)
    return judged


def _entries(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _lines(file):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(file, number, f"it is not JSON ({error})") from error
        if not isinstance(entry, dict):
            raise _bad(file, number, "it is not a JSON object")
        yield number, entry


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that hold something, with their numbers from 1."""
    with _opened(file) as stream:
        number = 0
        while raw := stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(raw) > LONGEST_LINE:
                raise _bad(file, number, f"it is longer than {LONGEST_LINE} bytes")
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip("\r\n")
            except UnicodeDecodeError as error:
                raise _bad(file, number, f"it is not UTF-8 ({error.reason})") from error
            if line.strip():
                yield number, line


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        raise ReadError(f"{file} cannot be read: {error.strerror}", source=str(file)) from error


def _text(entry: Mapping[str, Any], name: str, file: Path, number: int) -> str:
    value = entry.get(name)
    # Some collections number their documents.
    if name == "_id" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or (name == "_id" and not value):
        raise _bad(file, number, f"{name!r} is not a text")
    return without_surrogates(value)


def _bound(count: int, file: Path) -> None:
    if count > MOST_JUDGMENTS:
        raise DocumentTooLargeError(
            f"{file} holds more than {MOST_JUDGMENTS} entries; evaluate on a part of them",
            source=str(file),
        )


def _bad(file: Path, number: int, why: str) -> ReadError:
    return ReadError(f"{file}, line {number}: {why}", source=str(file))
