"""Vectors come in order, whatever the batches, and none is paid for twice."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, DimensionMismatchError, EmbeddingError
from racto.core.flows import threaded
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import DocumentIndex, IngestionReport, RactoRAG

TEXT = "\n\n".join(f"Paragraph {number} of the long story. " * 8 for number in range(300))


class Service(HashEmbedder):
    """Counts calls, fails at one of them, and sees how many are under way at once."""

    def __init__(self, pause: float = 0.0) -> None:
        super().__init__(16)
        self.pause = pause
        self.calls = self.running = self.most = 0
        self.fails_at: int | None = None
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self._enter()
        try:
            time.sleep(self.pause)
            return super().embed(texts)
        finally:
            self.running -= 1

    async def aembed(self, texts: Sequence[str]) -> list[list[float]]:
        self._enter()
        try:
            await asyncio.sleep(self.pause)
            return super().embed(texts)
        finally:
            self.running -= 1

    def _enter(self) -> None:
        with self._lock:
            self.calls += 1
            if self.calls == self.fails_at:
                raise EmbeddingError("the service went away")
            self.running += 1
            self.most = max(self.most, self.running)


def pipeline(place: Path | None, service: Service, **settings: int) -> RactoRAG:
    return RactoRAG(
        DictStore(), service, index=place, processors=[], **{"batch_size": 2, **settings}
    )


def update(rag: RactoRAG, file: Path, voice: str) -> IngestionReport:
    return rag.update(file) if voice == "sync" else asyncio.run(rag.aupdate(file))


@pytest.mark.parametrize("is_durable", [True, False])
def test_a_long_document_is_gone_on_with_where_it_ended(tmp_path: Path, is_durable: bool) -> None:
    service = Service()
    file = tmp_path / "long.txt"
    file.write_text(TEXT)
    with pipeline(tmp_path / "index" if is_durable else None, service) as rag:
        service.fails_at = 57
        with pytest.raises(EmbeddingError, match="went away"):
            rag.update(file)
        assert rag.index.count() == 0
        report = rag.update(file)
        total = -(-report.chunks // 2)
        assert total > 60
        # One call failed; every other one was made once.
        assert service.calls == total + 1
        assert not rag.index.paid.exist()
        vectors = {
            chunk.chunk_id: list(chunk.embedding or ())
            for chunk in rag.store.get(  # type: ignore[attr-defined]
                [hit.chunk.chunk_id for hit in rag.retrieve("story", 200)]
            )
        }
        fresh = HashEmbedder(16)
        for hit in rag.retrieve("story", 200):
            (wanted,) = fresh.embed([hit.chunk.content])
            assert vectors[hit.chunk.chunk_id] == pytest.approx(list(wanted), abs=1e-6)


def test_another_process_goes_on_too(tmp_path: Path) -> None:
    service = Service()
    file = tmp_path / "long.txt"
    file.write_text(TEXT)
    service.fails_at = 50
    with pipeline(tmp_path / "index", service) as rag, pytest.raises(EmbeddingError):
        rag.update(file)
    again = Service()
    with pipeline(tmp_path / "index", again) as rag:
        chunks = rag.update(file).chunks
    assert again.calls == -(-(chunks - 98) // 2)


def test_vectors_of_another_model_are_not_taken(tmp_path: Path) -> None:
    class Other(Service):
        @property
        def fingerprint(self) -> str:
            return "another space"

    service, other = Service(), Other()
    file = tmp_path / "long.txt"
    file.write_text(TEXT)
    service.fails_at = 50
    with pipeline(tmp_path / "index", service) as rag, pytest.raises(EmbeddingError):
        rag.update(file)
    with pipeline(tmp_path / "index", other) as rag:
        chunks = rag.update(file).chunks
        assert other.calls == -(-chunks // 2)
        assert not rag.index.paid.exist()


def test_a_changed_document_takes_no_vectors_of_the_old_one(tmp_path: Path) -> None:
    service = Service()
    file = tmp_path / "long.txt"
    file.write_text(TEXT)
    service.fails_at = 50
    with pipeline(tmp_path / "index", service) as rag:
        with pytest.raises(EmbeddingError):
            rag.update(file)
        file.write_text(TEXT.replace("story", "tale"))
        before = service.calls
        chunks = rag.update(file).chunks
        assert service.calls - before == -(-chunks // 2)


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_calls_run_at_once_up_to_the_limit(tmp_path: Path, voice: str) -> None:
    service = Service(pause=0.01)
    file = tmp_path / "long.txt"
    file.write_text(TEXT)
    with pipeline(None, service, concurrency=4) as rag:
        report = rag.update(file) if voice == "sync" else asyncio.run(rag.aupdate(file))
        assert service.most == 4
        contents = [hit.chunk.content for hit in rag.retrieve("Paragraph 7", 1)]
        assert "Paragraph 7" in contents[0]
    assert report.chunks > 100


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_what_ran_beside_a_failed_call_is_kept(tmp_path: Path, voice: str) -> None:
    service = Service(pause=0.01)
    file = tmp_path / "long.txt"
    file.write_text(TEXT)
    with pipeline(tmp_path / "index", service, concurrency=4) as rag:
        service.fails_at = 40
        with pytest.raises(EmbeddingError):
            update(rag, file, voice)
        before = service.calls
        chunks = rag.update(file).chunks
        assert service.calls - before <= -(-chunks // 2) - 36 + 4


def test_settings_that_make_no_sense() -> None:
    for wrong in ({"batch_size": 0}, {"concurrency": 0}):
        with pytest.raises(ConfigurationError, match="at least 1"):
            RactoRAG(DictStore(), Service(), index=DocumentIndex(), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [[float("nan"), 1.0], [float("inf"), 1.0], [1.0], []])
def test_a_vector_that_would_end_every_search_is_not_stored(
    tmp_path: Path, bad: list[float]
) -> None:
    class Odd(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            return [bad if "wasps" in text else [1.0, 0.5] for text in texts]

        aembed = threaded(embed)

    with RactoRAG(DictStore(), Odd(2), index=tmp_path / "index", batch_size=1) as rag:
        rag.ingest_text("bees", source="a")
        with pytest.raises((EmbeddingError, DimensionMismatchError)):
            rag.ingest_text("wasps", source="b")
        with pytest.raises((EmbeddingError, DimensionMismatchError)):
            RactoRAG(DictStore(), Odd(2), index=rag.index).ingest_text("wasps\n\n" * 200, "c")
        assert rag.index.count() == 1


def test_vectors_of_one_folder_wait_while_another_is_ingested(tmp_path: Path) -> None:
    service = Service()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "long.txt").write_text(TEXT)
    (tmp_path / "two" / "short.txt").write_text("bees")
    with pipeline(tmp_path / "index", service) as rag:
        service.fails_at = 50
        with pytest.raises(EmbeddingError):
            rag.update(tmp_path / "one")
        rag.update(tmp_path / "two")
        before = service.calls
        chunks = rag.update(tmp_path / "one").chunks
        assert service.calls - before == -(-(chunks - 98) // 2)
        assert not rag.index.paid.exist()


def test_vectors_that_nobody_came_for_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service()
    (tmp_path / "long.txt").write_text(TEXT)
    with pipeline(tmp_path / "index", service) as rag:
        service.fails_at = 50
        with pytest.raises(EmbeddingError):
            rag.ingest(tmp_path / "long.txt")
        rag.index.paid.expire()
        assert rag.index.paid.exist()
        monkeypatch.setattr("racto.rag.index.paid.KEPT_SECONDS", -1.0)
        rag.index.paid.expire()
        assert not rag.index.paid.exist()
