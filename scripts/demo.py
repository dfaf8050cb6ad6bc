"""The main job, end to end and offline: real documents in, cited answers out.

Usage: scripts/demo.py [--docs FOLDER]

Ingests this project's README, documentation and source comments, and a folder of yours, into an
index below ``.racto/demo``; asks three questions; prints the answers with their citations and
timings. A second run reads only what changed.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from racto.core import RAGResponse
from racto.core.errors import RactoGatewayError
from racto.providers.local import LocalEmbedder
from racto.rag import DocumentIndex, FileReaderRegistry, PythonDocReader, RactoRAG
from racto.rag.answers import ExtractiveAnswerer
from racto.rag.cli.console import Console, duration, megabytes
from racto.stores.memory import InMemoryVectorStore

ROOT = Path(__file__).resolve().parent.parent
INDEXES = Path(".racto")

# What a newcomer would read first; tests and generated files would only crowd the answers.
OWN = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "packages")
LEFT_OUT = ("tests", "*.toml", "*.json", "templates", "CHANGELOG.md")

QUESTIONS = (
    "How is an index kept safe from Ctrl-C?",
    "Why does temperature default to None?",
    "Who won the chess championship in 1972?",
)


def main() -> int:
    """Run the demonstration and return an exit code."""
    docs = _folder(sys.argv[1:])
    # What a PDF library has to say of a broken file stands in the summary, in plain words.
    logging.basicConfig(handlers=[logging.NullHandler()])
    os.chdir(ROOT)
    console = Console()
    try:
        _perform(console, docs)
    except KeyboardInterrupt:
        print("Interrupted. What was finished is kept; run it again to go on.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except RactoGatewayError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    return 0


def _folder(arguments: Sequence[str]) -> Path | None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--docs", default="", help="a folder or file of your own")
    given: str = parser.parse_args(arguments).docs
    if not given:
        return None
    folder = Path(given).expanduser().resolve()
    if not folder.exists():
        parser.error(f"there is no file or folder {given}")
    return folder


def _perform(console: Console, docs: Path | None) -> None:
    began = time.perf_counter()
    # A folder of the user's has its own index, so that the plain demo is always the same.
    place = INDEXES / (f"demo-{docs.name}" if docs else "demo")
    with DocumentIndex(place, create=True) as index:
        rag = _pipeline(index)
        _ingest(console, rag, docs)
        for number, question in enumerate(QUESTIONS, start=1):
            console.say()
            console.say(f"Question {number}: {question}", strong=True)
            _show(console, rag.query(question))
    console.say()
    console.say(f"All of it took {duration(time.perf_counter() - began)}.", strong=True)
    _what_next(console, place)


def _pipeline(index: DocumentIndex) -> RactoRAG:
    readers = FileReaderRegistry()
    # Of source files the documentation is wanted here, not the code.
    readers.register(PythonDocReader())
    embedder = LocalEmbedder()
    return RactoRAG(
        InMemoryVectorStore(),
        embedder,
        index=index,
        reader_registry=readers,
        processors=[],
        answerer=ExtractiveAnswerer(embedder),
    )


def _ingest(console: Console, rag: RactoRAG, docs: Path | None) -> None:
    paths = [Path(name) for name in OWN if Path(name).exists()] + ([docs] if docs else [])
    console.say("Ingesting " + ", ".join(map(str, paths)), strong=True)
    with console.progress() as progress:
        report = rag.update(paths, exclude=LEFT_OUT, progress=progress)
    # Source files without a word of documentation are no news in this project.
    told = [entry for entry in report.skipped if not entry.source.endswith(".py")]
    silent = len(report.skipped) - len(told)
    console.say(
        f"  {report.ingested} files ingested, {report.unchanged} unchanged, {report.removed} "
        f"removed, {silent} without documentation, {len(told)} skipped"
    )
    console.say(
        f"  {report.chunks} passages from {megabytes(report.bytes)} "
        f"in {duration(report.seconds)}; {rag.count()} in the index {rag.index.where}"
    )
    if told:
        console.table(("skipped", "reason"), [(entry.source, entry.reason) for entry in told[:10]])


def _show(console: Console, reply: RAGResponse) -> None:
    console.say()
    for line in (reply.answer.content or "").splitlines():
        console.say(f"  {line}")
    if reply.citations:
        console.say()
    for citation in reply.citations:
        console.say(f"  [{citation.number}] {citation.location}")
    console.say()
    search, answer = (duration(reply.timings[step]) for step in ("search", "answer"))
    console.say(f"  found in {search}, answered in {answer}, without a model")


def _what_next(console: Console, place: Path) -> None:
    command = ".venv/bin/racto-rag"
    console.say()
    console.say("What to type next", strong=True)
    for line in (
        f'{command} ask "your question" --index {place}',
        f'{command} search "some words" --index {place}',
        "make demo DOCS=~/my/documents",
        f"{command} --help",
    ):
        console.say(f"  {line}")
    console.say()
    console.say("The same with a model that writes the answers", strong=True)
    for line in (
        f'OPENAI_API_KEY=... {command} ask "your question" --index {place} --model NAME',
        f'{command} ask "your question" --index {place} --model NAME --base-url URL',
    ):
        console.say(f"  {line}")


if __name__ == "__main__":
    sys.exit(main())
