"""Laws on everything but stores catch the mistakes that they are there for."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    Chunk,
    Document,
    LLMResponse,
    Message,
    RetrievalResult,
    StreamChunk,
    testing as t,
)
from racto.core.protocols import JobState, JobStatus, Reservation


class TwoFinalChunks(t.ScriptedKit):
    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        for chunk in super().stream(config):
            yield chunk
            if chunk.is_final:
                yield chunk


class RepeatsItsText(t.ScriptedKit):
    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        for chunk in super().stream(config):
            yield replace(chunk, delta=replace(chunk.delta, text=chunk.delta.text * 2))


class ContradictsItsParts(t.ScriptedKit):
    def chat(self, config: ChatConfig) -> LLMResponse:
        return super().chat(config).model_copy(update={"content": "the sea"})


class NamesNobody(t.ScriptedKit):
    def chat(self, config: ChatConfig) -> LLMResponse:
        return super().chat(config).model_copy(update={"provider": ""})


class ClosesOnce(t.ScriptedKit):
    def close(self) -> None:
        if self.is_closed:
            raise RuntimeError("closed already")
        super().close()


class ForeignErrors(t.ScriptedKit):
    def chat(self, config: ChatConfig) -> LLMResponse:
        raise ConnectionError("from the provider's library")


class SortsByLength(t.HashEmbedder):
    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return super().embed(sorted(texts, key=len))


class DropsDuplicates(t.HashEmbedder):
    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return super().embed(list(dict.fromkeys(texts)))


class Salted(t.HashEmbedder):
    calls = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls += 1
        return super().embed([f"{text} {self.calls} {'salt' * self.calls}" for text in texts])


class SortsUpwards(t.WordReranker):
    def rerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        return super().rerank(query, results, top_k=top_k)[::-1]


class CutsFirst(t.WordReranker):
    def rerank(
        self, query: str, results: Sequence[RetrievalResult], *, top_k: int | None = None
    ) -> list[RetrievalResult]:
        return super().rerank(query, results[:top_k], top_k=top_k)


class FiltersLast(t.WordRetriever):
    def retrieve(
        self, query: str, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        allowed = {r.chunk.chunk_id for r in super().retrieve(query, 100, filters)}
        return [r for r in super().retrieve(query, top_k) if r.chunk.chunk_id in allowed]


class NeedsAPath(t.PlainReader):
    def read(self, source: Any) -> Document:
        return super().read(Path(source))


class ReadsJunk(t.PlainReader):
    def read(self, source: Any) -> Document:
        data = Path(source).read_bytes()
        return Document(content=data.decode("utf-8", "ignore"), source=str(source))


class ClosesTheFile(t.PlainReader):
    def read(self, source: Any) -> Document:
        document = super().read(source)
        if hasattr(source, "close"):
            source.close()
        return document


class Chunking(t.WindowChunker):
    """A chunker whose chunks pass through ``change``."""

    def chunk(self, document: Document) -> list[Chunk]:
        return self.change(super().chunk(document))

    def change(self, chunks: list[Chunk]) -> list[Chunk]:
        raise NotImplementedError


class LosesTheTail(Chunking):
    def change(self, chunks: list[Chunk]) -> list[Chunk]:
        return chunks[:-1] if len(chunks) > 1 else chunks


class StripsChunks(Chunking):
    def change(self, chunks: list[Chunk]) -> list[Chunk]:
        return [chunk.with_content(chunk.content.strip()) for chunk in chunks]


class NumbersFromOne(Chunking):
    def change(self, chunks: list[Chunk]) -> list[Chunk]:
        return [
            replace(c, metadata=replace(c.metadata, chunk_index=c.metadata.chunk_index + 1))
            for c in chunks
        ]


class RepeatsTheTail(Chunking):
    def change(self, chunks: list[Chunk]) -> list[Chunk]:
        if not chunks or len(chunks[-1].content) < 2:
            return chunks
        last = chunks[-1]
        tail = replace(last.metadata, start_char=last.start + 1, chunk_index=len(chunks))
        again = Chunk(content=last.content[1:], metadata=tail)
        return [
            replace(c, metadata=replace(c.metadata, total_chunks=len(chunks) + 1))
            for c in [*chunks, again]
        ]


class RandomIds(Chunking):
    def change(self, chunks: list[Chunk]) -> list[Chunk]:
        return [Chunk(content=c.content, metadata=c.metadata) for c in chunks]


class BareIds(Chunking):
    def change(self, chunks: list[Chunk]) -> list[Chunk]:
        return [replace(c, chunk_id=f"{c.start}-{c.end}") for c in chunks]


class KeepsBlankWindows(t.WindowChunker):
    def chunk(self, document: Document) -> list[Chunk]:
        return super().chunk(document) or [Chunk(content=document.text)]


class DeletesAngles(t.SpaceFolder):
    def process(self, text: str) -> str:
        return "" if "<" in text else text


class Marks(t.SpaceFolder):
    def process(self, text: str) -> str:
        return f"{text}."


class NoHistoryInKey(t.DictCache):
    def lookup(self, request: Any) -> LLMResponse | None:
        return super().lookup(_without_history(request))

    def remember(self, request: Any, response: LLMResponse, **options: Any) -> None:
        super().remember(_without_history(request), response, **options)


class LabelsInKey(t.DictCache):
    def lookup(self, request: Any) -> LLMResponse | None:
        return super().lookup(replace(request, scope=str(request.config.timeout)))

    def remember(self, request: Any, response: LLMResponse, **options: Any) -> None:
        scoped = replace(request, scope=str(request.config.timeout))
        super().remember(scoped, response, **options)


class KeepsTextAloneOfCalls(t.DictCache):
    def remember(self, request: Any, response: LLMResponse, **options: Any) -> None:
        super().remember(request, response.model_copy(update={"tool_calls": []}), **options)


class ByReference(t.DictCache):
    def remember(
        self, request: Any, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        super().remember(request, response, ttl_seconds=ttl_seconds)
        for key in self._entries:
            self._entries[key] = (response, self._entries[key][1])


class KeepsEverything(t.DictCache):
    def remember(
        self, request: Any, response: LLMResponse, *, ttl_seconds: float | None = None
    ) -> None:
        whole = response.model_copy(update={"finish_reason": "stop"})
        super().remember(request, whole, ttl_seconds=ttl_seconds)


class QuestionAlone(t.NearCache):
    def nearest(self, request: Any) -> Any:
        return super().nearest(replace(request, scope="", system=""))

    def remember(self, request: Any, response: LLMResponse) -> None:
        super().remember(replace(request, scope="", system=""), response)


class KeepsToolCalls(t.NearCache):
    def remember(self, request: Any, response: LLMResponse) -> None:
        super().remember(request, response.model_copy(update={"tool_calls": []}))


class ClearsNothing(t.NearCache):
    def clear(self) -> None:
        self._hits = 0


class DropsTheNewest(t.DictMemory):
    def extend(self, conversation_id: str, messages: Sequence[Message]) -> None:
        if self.count(conversation_id) < self._limit:
            super().extend(conversation_id, messages)


class KeepsOrphans(t.DictMemory):
    def extend(self, conversation_id: str, messages: Sequence[Message]) -> None:
        old = self._turns.get(conversation_id, ())
        self._turns[conversation_id] = (*old, *messages)[-self._limit :]


class KeepsTextAlone(t.DictMemory):
    def messages(self, conversation_id: str) -> list[Message]:
        return [Message(role=m.role, content=m.text) for m in super().messages(conversation_id)]


class AddsBeforeItLooks(t.WindowLimiter):
    def check_and_consume(self, user_id: str, tokens: int = 1) -> bool:
        allowed = tokens <= self.get_remaining(user_id)
        self.budget -= 0 if allowed else 1
        return super().check_and_consume(user_id, tokens) and allowed


class ResetsByPattern(t.WindowLimiter):
    def reset(self, user_id: str) -> None:
        for user in list(self._uses) if user_id == "*" else [user_id]:
            super().reset(user)


class SettlesTwice(t.WindowLimiter):
    def settle(self, reservation: Reservation, used: int) -> None:
        self._open.add(reservation.token)
        super().settle(reservation, used)


class RefillsByReserving(t.WindowLimiter):
    def reserve(self, user_id: str, tokens: int) -> Reservation:
        return Reservation(user_id=user_id, tokens=tokens, allowed=True)


class FollowsMetadata(t.ListAudit):
    def log(self, *, metadata: Any = None, **fields: Any) -> None:
        super().log(**fields)
        self.records[-1]["metadata"] = metadata


class LogsBackwards(t.ListAudit):
    def close(self) -> None:
        self.records.reverse()


class DropsKeylessRecords(t.ListSink):
    def publish(self, topic: str, value: Any, **options: Any) -> None:
        if options.get("key"):
            super().publish(topic, value, **options)


class LosesItsBuffer(t.ListSink):
    def close(self) -> None:
        del self.records[10:]


class SwallowsFailures(t.InlineQueue):
    def status(self, job_id: str) -> JobStatus:
        return replace(super().status(job_id), error=None)


class ForgetsKeys(t.InlineQueue):
    def submit(self, name: str, payload: Any, *, idempotency_key: str | None = None) -> str:
        return super().submit(name, payload)


class RunsFailedAgain(t.InlineQueue):
    def submit(self, name: str, payload: Any, *, idempotency_key: str | None = None) -> str:
        known = self._ended.get(self._keys.get(idempotency_key or "", ""))
        if known is not None and known.state is JobState.FAILED:
            idempotency_key = f"{idempotency_key}-again"
        return super().submit(name, payload, idempotency_key=idempotency_key)


class SendsObjects(t.InlineQueue):
    def submit(self, name: str, payload: Any, *, idempotency_key: str | None = None) -> str:
        text = {key: str(value) for key, value in payload.items()}
        return super().submit(name, text, idempotency_key=idempotency_key)


class FailsWhenTimeIsUp(t.InlineQueue):
    def join(self, job_id: str, *, timeout: float | None = None) -> JobStatus:
        found = super().join(job_id)
        return found if timeout else replace(found, state=JobState.FAILED, error="time is up")


class UnknownIsPending(t.InlineQueue):
    def status(self, job_id: str) -> Any:
        return self._ended.get(job_id)


class IgnoresLimits(t.WordEngine):
    def search_batch(self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any) -> Any:
        return super().search_batch(queries, 20)


class FusesEverything(t.WordEngine):
    def fuse_batch(self, queries: Any, batch_scores: Any, **kw: Any) -> Any:
        merged = super().fuse_batch(["all"], [[one for many in batch_scores for one in many]])
        return merged * len(queries)


class SortsScores(t.WordEngine):
    def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **kw: Any
    ) -> Any:
        found = super().score_batch(queries, passages, candidate_length)
        return [sorted(scores, reverse=True) for scores in found]


def _without_history(request: Any) -> Any:
    return replace(request, config=request.config.model_copy(update={"history": ()}))


def _kit(kind: type[t.ScriptedKit]) -> Callable[[], t.ScriptedKit]:
    return lambda: kind(["The sea is wide and deep."], repeat=True)


def _retriever() -> FiltersLast:
    return FiltersLast(_corpus())


def _corpus() -> list[Chunk]:
    from racto.core.testing.contracts.samples import topic_chunks

    return topic_chunks()


def _queue(kind: type[t.InlineQueue]) -> Callable[[], t.InlineQueue]:
    return lambda: kind(t.SAMPLE_JOBS)


MUTANTS: dict[str, tuple[type[t.Contract], Callable[[], Any], str]] = {
    "two final chunks": (t.ChatKitContract, _kit(TwoFinalChunks), "test_stream_has_one_final_chunk"),
    "text twice": (t.ChatKitContract, _kit(RepeatsItsText), "test_stream_adds_up"),
    "two texts": (t.ChatKitContract, _kit(ContradictsItsParts), "test_reply_fits_into_history"),
    "no provider": (t.ChatKitContract, _kit(NamesNobody), "test_reply_is_whole"),
    "closes once": (t.ChatKitContract, _kit(ClosesOnce), "test_closing_twice_is_fine"),
    "foreign errors": (t.ChatKitContract, _kit(ForeignErrors), "test_errors_are_ours"),
    "sorted texts": (t.EmbedderContract, SortsByLength, "test_order_is_kept"),
    "no duplicates": (t.EmbedderContract, DropsDuplicates, "test_order_is_kept"),
    "salted": (t.EmbedderContract, Salted, "test_same_text_same_vector"),
    "upwards": (t.RerankerContract, SortsUpwards, "test_results_are_reordered"),
    "cut first": (t.RerankerContract, CutsFirst, "test_top_k_limits"),
    "filter last": (t.RetrieverContract, _retriever, "test_filter_comes_before_top_k"),
    "paths alone": (t.ReaderContract, NeedsAPath, "test_every_source_reads_the_same"),
    "reads junk": (t.ReaderContract, ReadsJunk, "test_binary_junk_is_refused"),
    "reads nothing": (t.ReaderContract, ReadsJunk, "test_empty_file_is_refused"),
    "closes files": (t.ReaderContract, ClosesTheFile, "test_open_file_is_the_callers"),
    "tail lost": (t.ChunkerContract, LosesTheTail, "test_no_text_is_lost"),
    "stripped": (t.ChunkerContract, StripsChunks, "test_chunks_are_slices"),
    "from one": (t.ChunkerContract, NumbersFromOne, "test_chunks_are_numbered"),
    "tail twice": (t.ChunkerContract, RepeatsTheTail, "test_chunks_are_numbered"),
    "random ids": (t.ChunkerContract, RandomIds, "test_ids_are_unique_and_stable"),
    "bare ids": (t.ChunkerContract, BareIds, "test_documents_do_not_share_ids"),
    "blank chunks": (t.ChunkerContract, KeepsBlankWindows, "test_blank_documents_have_no_chunks"),
    "deletes angles": (t.TextProcessorContract, DeletesAngles, "test_words_remain"),
    "marks": (t.TextProcessorContract, Marks, "test_nothing_stays_nothing"),
    "no history": (t.CacheContract, NoHistoryInKey, "test_key_covers_the_request"),
    "labels": (t.CacheContract, LabelsInKey, "test_labels_and_time_limits_are_no_key"),
    "calls cut": (
        t.CacheContract, KeepsTextAloneOfCalls, "test_tool_calls_are_whole_or_missing"
    ),
    "reference": (t.CacheContract, ByReference, "test_callers_cannot_spoil_entries"),
    "cut replies": (t.CacheContract, KeepsEverything, "test_only_whole_replies_are_kept"),
    "question alone": (
        t.SimilarityCacheContract, QuestionAlone, "test_settings_keep_replies_apart"
    ),
    "tool calls": (t.SimilarityCacheContract, KeepsToolCalls, "test_unfit_replies_are_not_kept"),
    "never clear": (t.SimilarityCacheContract, ClearsNothing, "test_cleared_cache_is_empty"),
    "newest lost": (t.ChatMemoryContract, DropsTheNewest, "test_latest_turns_stay"),
    "orphans": (t.ChatMemoryContract, lambda: KeepsOrphans(9), "test_history_stays_fit_to_send"),
    "text alone": (t.ChatMemoryContract, KeepsTextAlone, "test_whole_turns_return"),
    "adds first": (t.RateLimiterContract, AddsBeforeItLooks, "test_refusal_costs_nothing"),
    "wipes all": (t.RateLimiterContract, ResetsByPattern, "test_reset_restores_one_user"),
    "settles twice": (t.RateLimiterContract, SettlesTwice, "test_reservation_is_settled"),
    "refills": (t.RateLimiterContract, RefillsByReserving, "test_reserved_amounts_are_positive"),
    "follows": (t.AuditLoggerContract, FollowsMetadata, "test_records_are_not_followed"),
    "backwards": (t.AuditLoggerContract, LogsBackwards, "test_order_is_kept"),
    "keyless": (t.EventSinkContract, DropsKeylessRecords, "test_records_arrive_whole"),
    "buffer lost": (t.EventSinkContract, LosesItsBuffer, "test_closing_loses_nothing"),
    "swallows": (t.JobQueueContract, _queue(SwallowsFailures), "test_failure_is_told"),
    "no keys": (t.JobQueueContract, _queue(ForgetsKeys), "test_key_makes_one_job"),
    "keys of many": (t.JobQueueContract, _queue(ForgetsKeys), "test_one_key_of_many_callers"),
    "failed again": (
        t.JobQueueContract, _queue(RunsFailedAgain), "test_key_finds_a_job_that_failed"
    ),
    "objects": (
        t.JobQueueContract, _queue(SendsObjects), "test_payload_that_is_no_json_is_refused"
    ),
    "time is up": (
        t.JobQueueContract, _queue(FailsWhenTimeIsUp), "test_time_that_is_up_is_no_failure"
    ),
    "unknown": (t.JobQueueContract, _queue(UnknownIsPending), "test_unknown_job_is_an_error"),
    "limits": (t.EngineContract, IgnoresLimits, "test_search_limits_each_query"),
    "fuses all": (t.EngineContract, FusesEverything, "test_fuse_merges_rankings"),
    "sorts scores": (t.EngineContract, SortsScores, "test_score_keeps_the_order"),
}  # fmt: skip


@pytest.mark.parametrize("defect", MUTANTS)
def test_defect_breaks_its_law(defect: str, tmp_path: Path) -> None:
    suite, make, law = MUTANTS[defect]
    assert _breaks(suite, make, law, tmp_path), f"{law} does not notice: {defect}"


def _breaks(suite: type[t.Contract], make: Callable[[], Any], law: str, folder: Path) -> bool:
    """Whether one of the law's cases fails for an implementation, in the sync voice."""
    function = t.laws_of(suite)[law]
    marks = [m for m in getattr(function, "pytestmark", ()) if m.name == "parametrize"]
    cases = [{m.args[0]: value} for m in marks for value in m.args[1]] or [{}]
    test = type("Case", (suite,), {"max_examples": 20})()
    path = folder / getattr(suite, "file_name", "x")
    for case in cases:
        path.write_bytes(getattr(suite, "file_bytes", b""))
        subject, voice = make(), t.Voice("sync")
        known = {suite.subject_name: subject, "broken_kit": subject, "voice": voice,
                 "corpus": _corpus(), "path": path, **case}  # fmt: skip
        wanted = list(inspect.signature(function).parameters)[1:]
        try:
            function(test, **{key: known[key] for key in wanted})
        except (Exception, pytest.fail.Exception):
            return True
    return False


def test_defects_are_many() -> None:
    suites = {suite for suite, _, _ in MUTANTS.values()}
    assert len(suites) == 15, json.dumps(sorted(suite.__name__ for suite in suites))
