"""Every fake keeps its own contract."""

import pytest

from racto.core import Chunk, ServerError, testing as t


class TestScriptedKit(t.ChatKitContract):
    @pytest.fixture
    def kit(self) -> t.ScriptedKit:
        return t.ScriptedKit(["The sea is wide,\n and  deep."], repeat=True)

    @pytest.fixture
    def broken_kit(self) -> t.ScriptedKit:
        return t.ScriptedKit([ServerError("the provider is down")], repeat=True)


class TestHashEmbedder(t.EmbedderContract):
    @pytest.fixture
    def embedder(self) -> t.HashEmbedder:
        return t.HashEmbedder()


class TestWordReranker(t.RerankerContract):
    @pytest.fixture
    def reranker(self) -> t.WordReranker:
        return t.WordReranker()


class TestWordRetriever(t.RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> t.WordRetriever:
        return t.WordRetriever(corpus)


class TestPlainReader(t.ReaderContract):
    @pytest.fixture
    def reader(self) -> t.PlainReader:
        return t.PlainReader()


class TestWindowChunker(t.ChunkerContract):
    @pytest.fixture(params=[1, 7, 200])
    def chunker(self, request: pytest.FixtureRequest) -> t.WindowChunker:
        return t.WindowChunker(request.param)


class TestSpaceFolder(t.TextProcessorContract):
    @pytest.fixture
    def processor(self) -> t.SpaceFolder:
        return t.SpaceFolder()


class TestDictCache(t.CacheContract):
    @pytest.fixture
    def cache(self) -> t.DictCache:
        return t.DictCache()


class TestNearCache(t.SimilarityCacheContract):
    @pytest.fixture
    def cache(self) -> t.NearCache:
        return t.NearCache()


class TestDictMemory(t.ChatMemoryContract):
    @pytest.fixture(params=[8, 9, 50])
    def memory(self, request: pytest.FixtureRequest) -> t.DictMemory:
        return t.DictMemory(request.param)


class TestWindowLimiter(t.RateLimiterContract):
    @pytest.fixture
    def limiter(self) -> t.WindowLimiter:
        return t.WindowLimiter(self.budget)


class TestListAudit(t.AuditLoggerContract):
    @pytest.fixture
    def audit(self) -> t.ListAudit:
        return t.ListAudit()


class TestListSink(t.EventSinkContract):
    @pytest.fixture
    def sink(self) -> t.ListSink:
        return t.ListSink()


class TestInlineQueue(t.JobQueueContract):
    @pytest.fixture
    def queue(self) -> t.InlineQueue:
        return t.InlineQueue(t.SAMPLE_JOBS)


class TestWordEngine(t.EngineContract):
    @pytest.fixture
    def engine(self) -> t.WordEngine:
        return t.WordEngine()
