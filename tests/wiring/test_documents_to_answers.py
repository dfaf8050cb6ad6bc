"""racto-rag, the memory store and the local embedder, found by their entry points, end to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from racto.core import Chunk, discovery
from racto.core.testing import HashEmbedder, RetrieverContract, ScriptedKit
from racto.providers.local import LocalEmbedder
from racto.rag import DocumentIndex, FileReaderRegistry, PythonDocReader, RactoRAG, VectorRetriever
from racto.stores.memory import InMemoryVectorStore

ROOT = Path(__file__).resolve().parents[2]


class TestVectorRetrievalWithTheRealPartsKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> VectorRetriever:
        store, embedder = InMemoryVectorStore(), LocalEmbedder()
        vectors = embedder.embed([chunk.content for chunk in corpus])
        store.add([chunk.with_embedding(vectors[n]) for n, chunk in enumerate(corpus)])
        return VectorRetriever(store, embedder)


def test_the_parts_find_each_other() -> None:
    assert isinstance(discovery.create("racto.vector_stores", "memory"), InMemoryVectorStore)
    assert isinstance(discovery.create("racto.embedders", "local"), LocalEmbedder)
    with RactoRAG() as rag:
        assert isinstance(rag.store, InMemoryVectorStore)
        assert isinstance(rag.embedder, LocalEmbedder)
        rag.ingest_text("The pump is guaranteed for five years.", source="pump.txt")
        reply = rag.query("How long is the pump guaranteed?")
    assert reply.is_grounded
    assert reply.citations[0].location == "pump.txt, characters 0-38"


def test_meaning_is_found_where_words_are_not_shared() -> None:
    with RactoRAG(mode="vector") as rag:
        rag.ingest_text("The physician examined the patient's heart.", source="medicine")
        rag.ingest_text("The stock market fell sharply on Monday.", source="finance")
        rag.ingest_text("Bake the bread for forty minutes.", source="kitchen")
        assert rag.retrieve("doctor at a hospital")[0].chunk.metadata.source == "medicine"


def test_this_project_answers_questions_about_itself(tmp_path: Path) -> None:
    readers = FileReaderRegistry()
    readers.register(PythonDocReader())
    with DocumentIndex(tmp_path / "index", create=True) as index:
        rag = RactoRAG(index=index, reader_registry=readers, processors=[])
        report = rag.update([ROOT / "README.md", ROOT / "docs", ROOT / "packages" / "core" / "src"])
        assert report.is_complete, report.skipped
        assert report.ingested > 50
        reply = rag.query("Why does temperature default to None?")
        assert reply.is_grounded
        for citation in reply.citations:
            text = readers.read(citation.source).text
            assert text[citation.start : citation.end] == citation.quote
        assert not rag.query("Who won the chess championship in 1972?").is_grounded


def test_the_index_fills_the_memory_store_again(tmp_path: Path) -> None:
    place = tmp_path / "index"
    with RactoRAG(index=place) as rag:
        for number in range(30):
            rag.ingest_text(f"Note {number} is about kappa{number}.", source=f"note {number}")
        before = rag.retrieve("kappa7", 5)
    with RactoRAG(index=place) as again:
        after = again.retrieve("kappa7", 5)
        assert again.store.count() == 30
    assert [hit.chunk for hit in after] == [hit.chunk for hit in before]
    assert after[0].score == pytest.approx(before[0].score)


def test_what_another_process_changed_is_found_and_what_it_removed_is_not(tmp_path: Path) -> None:
    place = tmp_path / "shared"
    with (
        RactoRAG(embedder=HashEmbedder(64), index=place, mode="vector") as server,
        RactoRAG(embedder=HashEmbedder(64), index=place) as other,
    ):
        other.ingest_text("Bees dance.", source="note")
        first = server.store
        assert [hit.chunk.content for hit in server.retrieve("bees")] == ["Bees dance."]
        other.ingest_text("Wasps sting.", source="note")
        other.ingest_text("Ants march.", source="second")
        server._shelf._next_look = 0.0
        found = {hit.chunk.content for hit in server.retrieve("bees wasps ants")}
        assert found == {"Wasps sting.", "Ants march."}
        assert server.store is not first
        # Its own changes are in the store already.
        again = server.store
        server.ingest_text("Flies fly.", source="third")
        server._shelf._next_look = 0.0
        assert server.store is again
        assert again.count() == server.index.count() == 3


def test_a_kit_writes_and_its_citations_lead_to_the_file(tmp_path: Path) -> None:
    guide = tmp_path / "guide.md"
    guide.write_text("# Pump\n\nThe pump is guaranteed for five years.\n")
    kit = ScriptedKit(["It is guaranteed for five years [1]."])
    with RactoRAG(llm_kit=kit, processors=[]) as rag:
        rag.ingest(guide)
        reply = rag.query("How long?")
    (citation,) = reply.citations
    assert guide.read_text()[citation.start : citation.end] == citation.quote
    assert citation.quote == "The pump is guaranteed for five years."


def test_the_command_works_as_installed(tmp_path: Path) -> None:
    (tmp_path / "pump.html").write_text(
        "<html><body><nav>Menu</nav><main><h1>Pump</h1>"
        "<p>The pump is guaranteed for five years.</p></main></body></html>"
    )
    command = Path(sys.executable).with_name("racto-rag")
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "RACTO_"))}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [command, *arguments], cwd=tmp_path, env=variables, capture_output=True, text=True,
            encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "1 ingested" in run("ingest", "pump.html")
    answer = json.loads(run("ask", "How long is the pump guaranteed?", "--json"))
    assert "guaranteed for five years" in answer["answer"]
    assert answer["provider"] == "racto"
    assert "LocalEmbedder" in run("status")


def test_the_demonstration_runs() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo.py", "--docs", ""],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Question ") == 3
    assert "The documents do not say." in done.stdout
    assert "What to type next" in done.stdout
