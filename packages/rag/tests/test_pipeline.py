"""RactoRAG: the reference's interface, without its defects."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from racto.core import Chunk, RetrievalResult, discovery
from racto.core.errors import (
    ConfigurationError,
    EmbeddingError,
    EmptyDocumentError,
    PluginNotFoundError,
)
from racto.core.flows import threaded
from racto.core.protocols import Retriever
from racto.core.telemetry import RecordingTracer
from racto.core.testing import DictStore, HashEmbedder, ScriptedKit, WordRetriever
from racto.rag import DocumentIndex, RactoRAG, RAGResponse, RerankingRetriever

Write = Callable[..., Path]

GUIDE = "The pump is guaranteed for five years. Clean the filter every month.\n"


def test_ingest_returns_the_chunks_as_stored(rag: RactoRAG, write: Write) -> None:
    folder = write(guide_txt=GUIDE)
    chunks = rag.ingest(folder / "guide.txt", lang="en")
    assert rag.count() == len(chunks) == 1
    assert chunks[0].embedding is not None
    assert chunks[0].metadata.source == str(folder / "guide.txt")
    assert chunks[0].metadata.extra["lang"] == "en"
    assert rag.retrieve("filter", filters={"lang": "en"})
    assert rag.retrieve("filter", filters={"lang": "de"}) == []


def test_ingesting_again_replaces(rag: RactoRAG, write: Write, store: DictStore) -> None:
    folder = write(guide_txt=GUIDE)
    rag.ingest(folder / "guide.txt")
    rag.ingest(folder / "guide.txt")
    assert rag.count() == 1
    write(guide_txt="Another text about valves.")
    rag.ingest(folder / "guide.txt")
    assert [hit.chunk.content for hit in rag.retrieve("pump valves", 10)] == [
        "Another text about valves."
    ]
    assert store.count() == 1


def test_another_process_leaves_no_old_version_in_a_shared_store(
    store: DictStore, embedder: HashEmbedder
) -> None:
    for text in ("old text", "new text of the same source"):
        with RactoRAG(store, embedder) as process:
            process.ingest_text(text, source="note")
    assert store.count() == 1


def test_texts_without_a_name_live_side_by_side(rag: RactoRAG) -> None:
    rag.ingest_text("bees")
    rag.ingest_text("wasps")
    rag.ingest_text("bees")
    assert rag.count() == 2
    rag.ingest_text("ants", source="note")
    rag.ingest_text("flies", source="note")
    assert rag.count() == 3
    assert {hit.chunk.metadata.source for hit in rag.retrieve("bees flies", 10)} >= {"manual"}


def test_empty_texts_are_refused(rag: RactoRAG) -> None:
    for text in ("", " \n\t"):
        with pytest.raises(EmptyDocumentError):
            rag.ingest_text(text)
    assert rag.count() == 0


def test_a_missing_file_is_a_missing_file(rag: RactoRAG, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rag.ingest(tmp_path / "none.txt")
    with pytest.raises(ConfigurationError, match="not a folder"):
        rag.ingest_dir(tmp_path / "none")


def test_a_folder_comes_back_as_a_list_with_a_report(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", sub__b_md="wasps", c_txt=b"\x00\xff" * 200, d_zip=b"PK")
    chunks = rag.ingest_dir(folder, lang="en")
    assert isinstance(chunks, list)
    assert sorted(chunk.content for chunk in chunks) == ["bees", "wasps"]
    assert [skipped.kind for skipped in chunks.report.skipped] == ["BinaryDocumentError"]
    assert chunks.report.ignored == {".zip": 1}
    # As the reference does, it takes everything again and returns it.
    assert len(rag.ingest_dir(folder, lang="en")) == 2
    assert rag.count() == 2
    assert len(rag.ingest_dir(folder, "*.txt")) == 1


async def test_the_async_twins_report_errors_too(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", c_txt=b"\x00\xff" * 200)
    chunks = await rag.aingest_dir(folder)
    assert [skipped.kind for skipped in chunks.report.skipped] == ["BinaryDocumentError"]
    await rag.aingest_text("wasps", source="note")
    await rag.aingest(folder / "a.txt")
    assert await rag.acount() == rag.count() == 2
    assert (await rag.aretrieve("wasps"))[0].chunk.content == "wasps"
    await rag.aclear()
    assert rag.count() == 0
    assert await rag.aretrieve("wasps") == []
    await rag.aclose()


class Miscounting(HashEmbedder):
    """Forgets the last vector."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return super().embed(texts)[:-1]

    aembed = threaded(embed)


async def test_missing_vectors_are_an_error_and_nothing_is_stored(store: DictStore) -> None:
    rag = RactoRAG(store, Miscounting())
    with pytest.raises(EmbeddingError, match="0 vectors for 1 texts"):
        rag.ingest_text("bees")
    with pytest.raises(EmbeddingError):
        await rag.aingest_text("bees")
    assert rag.count() == 0
    assert rag.index.sources() == []


class Slow(HashEmbedder):
    def embed_query(self, text: str) -> list[float]:
        time.sleep(0.2)
        return super().embed_query(text)

    aembed_query = threaded(embed_query)


async def test_retrieval_does_not_block_the_loop(store: DictStore) -> None:
    rag = RactoRAG(store, Slow())
    rag.ingest_text("bees")
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    heart = asyncio.create_task(beat())
    await asyncio.gather(*(rag.aretrieve("bees") for _ in range(5)))
    heart.cancel()
    # One blocked call would leave the heart at rest for its whole 0.2 seconds.
    assert beats >= 5


def test_answers_without_a_kit_quote_the_documents(rag: RactoRAG, write: Write) -> None:
    folder = write(guide_txt=GUIDE, bread_md="# Bread\n\nBake it at 230 degrees.\n")
    rag.ingest_dir(folder)
    reply = rag.query("For how many years is the pump guaranteed?")
    assert isinstance(reply, RAGResponse)
    assert "“The pump is guaranteed for five years.” [1]" in (reply.answer.content or "")
    assert reply.is_grounded
    assert reply.citations[0].source.endswith("guide.txt")
    assert set(reply.timings) == {"search", "answer"}
    assert reply.answer.usage.total_tokens == 0
    lost = rag.query("Who won the chess championship?")
    assert lost.answer.content == "The documents do not say."
    assert not lost.is_grounded
    assert lost.citations == ()


def test_citations_are_exact_when_no_processor_changes_the_text(
    store: DictStore, embedder: HashEmbedder
) -> None:
    text = "Intro  with   spaces.\n\n" + "Filler sentence here. " * 40 + "\n\nThe  key is kappa9.\n"
    rag = RactoRAG(store, embedder, processors=[])
    rag.ingest_text(text, source="note")
    reply = rag.query("What is the key kappa9?")
    assert reply.citations
    assert all(text[c.start : c.end] == c.quote for c in reply.citations)
    assert any("kappa9" in c.quote for c in reply.citations)


async def test_a_kit_gets_numbered_sources_and_its_citations_are_checked(
    store: DictStore, embedder: HashEmbedder
) -> None:
    kit = ScriptedKit(["Five years [1]. The moon is cheese [9]."], repeat=True)
    rag = RactoRAG(store, embedder, llm_kit=kit, processors=[])
    rag.ingest_text(GUIDE, source="guide")
    reply = await rag.aquery("How long is the pump guaranteed?", max_tokens=99)
    request = kit.requests[0]
    assert '<source number="1" from="guide">' in request.user_message
    assert request.temperature is None
    assert request.max_tokens == 99
    assert request.prompt is not None
    assert [(c.number, c.is_supported) for c in reply.citations] == [(1, True), (9, False)]
    assert reply.is_grounded
    assert reply.context_used in request.user_message
    rag.query("How long?", temperature=0.0)
    assert kit.requests[1].temperature == 0.0


def test_without_any_passage_no_kit_is_asked(store: DictStore, embedder: HashEmbedder) -> None:
    kit = ScriptedKit([])
    reply = RactoRAG(store, embedder, llm_kit=kit).query("Anything?")
    assert kit.requests == []
    assert not reply.is_grounded


def test_templates_need_their_placeholders(store: DictStore, embedder: HashEmbedder) -> None:
    with pytest.raises(ConfigurationError, match="question"):
        RactoRAG(store, embedder, context_template="only {context}")
    kit = ScriptedKit(["x"])
    rag = RactoRAG(
        store, embedder, llm_kit=kit, context_template="Q={question} C={context} {other}"
    )
    rag.ingest_text("braces {question} {0} stay")
    rag.query("What about braces?")
    message = kit.requests[0].user_message
    assert message.startswith("Q=What about braces? C=<source")
    assert "braces {question} {0} stay" in message
    assert message.endswith("{other}")


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keywords"])
def test_each_mode_finds(store: DictStore, embedder: HashEmbedder, mode: Any) -> None:
    rag = RactoRAG(store, embedder, mode=mode)
    rag.ingest_text("bees dance", source="a")
    rag.ingest_text("wasps sting", source="b")
    hits = rag.retrieve("bees")
    assert hits[0].chunk.content == "bees dance"
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    with pytest.raises(ValueError, match="top_k"):
        rag.retrieve("bees", 0)


def test_contradictory_parts_are_refused(store: DictStore, embedder: HashEmbedder) -> None:
    with pytest.raises(ConfigurationError, match="vector_store or store"):
        RactoRAG(store, embedder, store=DictStore())
    assert RactoRAG(store, embedder, store=store).store is store
    assert RactoRAG(store=store, embedder=embedder).embedder is embedder
    for options in ({"mode": "psychic"}, {"weights": {"moon": 1.0}}, {"batch_size": 0}):
        with pytest.raises(ConfigurationError):
            RactoRAG(store, embedder, **options)  # type: ignore[arg-type]


def test_a_retriever_of_ones_own_replaces_the_built_in(
    store: DictStore, embedder: HashEmbedder
) -> None:
    own = WordRetriever([Chunk(content="from elsewhere", chunk_id="x")])
    rag = RactoRAG(store, embedder, retriever=own)
    assert rag.retrieve("elsewhere")[0].chunk.chunk_id == "x"


def test_missing_parts_are_named_with_their_install_line(
    store: DictStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [])
    discovery.refresh()
    try:
        with pytest.raises(PluginNotFoundError, match=r"racto-providers\[local\]"):
            RactoRAG(store)
        with pytest.raises(PluginNotFoundError, match="racto-stores-memory"):
            RactoRAG(embedder=HashEmbedder())
    finally:
        monkeypatch.undo()
        discovery.refresh()


def test_spans_are_opened(store: DictStore, embedder: HashEmbedder) -> None:
    tracer = RecordingTracer()
    rag = RactoRAG(store, embedder, tracer=tracer)
    rag.ingest_text("bees")
    rag.query("bees?")
    assert [span.name for span in tracer.spans] == ["rag ingest_text", "rag query"]


def test_a_folder_keeps_everything(tmp_path: Path, embedder: HashEmbedder, write: Write) -> None:
    place = tmp_path / "index"
    with RactoRAG(DictStore(), embedder, index=place) as first:
        first.ingest_dir(write(guide_txt=GUIDE))
        first.ingest_text("wasps sting", source="note")
    with RactoRAG(DictStore(), embedder, index=str(place)) as second:
        assert second.count() == 2
        assert second.query("How long is the pump guaranteed?").is_grounded
        second.clear()
    with DocumentIndex(place) as index:
        assert index.count() == 0


def test_a_store_that_fails_leaves_the_old_version(tmp_path: Path, embedder: HashEmbedder) -> None:
    class Failing(DictStore):
        broken = False

        def add(self, chunks: Sequence[Chunk]) -> None:
            if self.broken:
                raise OSError("no route to host")
            super().add(chunks)

    store = Failing()
    rag = RactoRAG(store, embedder)
    rag.ingest_text("bees", source="note")
    store.broken = True
    with pytest.raises(OSError, match="no route"):
        rag.ingest_text("wasps", source="note")
    assert [hit.chunk.content for hit in rag.retrieve("bees wasps")] == ["bees"]


def test_every_way_in_refuses_another_embedders_index(tmp_path: Path, write: Write) -> None:
    class Other(HashEmbedder):
        @property
        def fingerprint(self) -> str:
            return "another space of the same size"

    place = tmp_path / "index"
    folder = write(a_txt="bees")
    with RactoRAG(DictStore(), HashEmbedder(), index=place) as first:
        first.ingest_text("bees")
    with RactoRAG(DictStore(), Other(), index=place) as second:
        for attempt in (
            lambda: second.ingest_text("wasps"),
            lambda: second.ingest(folder / "a.txt"),
            lambda: second.ingest_dir(folder),
            lambda: second.update([folder]),
            lambda: second.retrieve("bees"),
        ):
            with pytest.raises(ConfigurationError, match="made with the embedder HashEmbedder"):
                attempt()
        assert second.count() == 1


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_many_questions_at_once_find_what_each_finds_alone(rag: RactoRAG, voice: str) -> None:
    for number in range(20):
        rag.ingest_text(
            f"Note {number} is about kappa{number}.", source=f"n{number}", even=number % 2
        )
    queries = ["kappa3", "kappa4", "note"]
    together = (
        rag.retrieve_batch(queries, 3)
        if voice == "sync"
        else asyncio.run(rag.aretrieve_batch(queries, 3))
    )
    assert together == [rag.retrieve(query, 3) for query in queries]
    (filtered,) = rag.retrieve_batch(["note"], 20, {"even": 1})
    assert len(filtered) == 10
    assert rag.retrieve_batch([]) == []
    with pytest.raises(ValueError, match="top_k"):
        rag.retrieve_batch(["x"], 0)


def test_a_function_builds_upon_the_retriever(store: DictStore, embedder: HashEmbedder) -> None:
    def reversing(found: Retriever) -> Retriever:
        return RerankingRetriever(found, Reversing(), fetch=10)

    with RactoRAG(store, embedder, retriever=reversing) as rag:
        for text in ("bees dance and bees fly", "a bee", "wasps"):
            rag.ingest_text(text)
        plain = RactoRAG(store, embedder, index=rag.index).retrieve("bees", 10)
        assert [hit.chunk.chunk_id for hit in rag.retrieve("bees", 10)] == [
            hit.chunk.chunk_id for hit in reversed(plain)
        ]
        assert isinstance(rag.retriever, RerankingRetriever)


class Reversing:
    """Puts the last first."""

    def rerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        turned = list(reversed(results))[:top_k]
        return [result.at_rank(rank) for rank, result in enumerate(turned, start=1)]

    arerank = threaded(rerank)
