"""Each law on stores catches the mistake that it is there for: planted defects fail it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from racto.core import Chunk, RetrievalResult, StoreError
from racto.core.testing import DictStore, VectorStoreContract, Voice, VoiceName, laws_of


class Suite(VectorStoreContract):
    """The suite with fewer generated cases, for laws that are called by hand."""

    max_examples = 50


class FiltersTooLate(DictStore):
    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        nearest = super().search(embedding, top_k)
        kept = {r.chunk.chunk_id for r in super().search(embedding, 10_000, filters)}
        return [result for result in nearest if result.chunk.chunk_id in kept]


class Searching(DictStore):
    """A store whose results pass through ``change``."""

    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return self.change(super().search(embedding, top_k, filters))

    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        raise NotImplementedError


class RanksFromZero(Searching):
    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        return [result.at_rank(result.rank - 1) for result in found]


class ScoresAreDistances(Searching):
    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        return [replace(result, score=1.0 - result.score) for result in found]


class FarthestFirst(Searching):
    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        return [r.at_rank(i) for i, r in enumerate(reversed(found), start=1)]


class CutsText(Searching):
    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        return [replace(r, chunk=r.chunk.with_content(r.chunk.content[:1000])) for r in found]


class LosesExtra(Searching):
    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        return [_with_extra(result, {}) for result in found]


class NumbersBecomeFloats(Searching):
    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        return [_with_extra(r, _floats(dict(r.chunk.metadata.extra))) for r in found]


class LosesPages(Searching):
    def change(self, found: list[RetrievalResult]) -> list[RetrievalResult]:
        return [
            replace(r, chunk=replace(r.chunk, metadata=replace(r.chunk.metadata, page=None)))
            for r in found
        ]


class AddsAll(DictStore):
    """Adds rows without looking for a known id."""

    def add(self, chunks: Sequence[Chunk]) -> None:
        super().add(chunks)
        self.extra_rows = getattr(self, "extra_rows", 0) + len(chunks)

    def count(self) -> int:
        super().count()
        return getattr(self, "extra_rows", 0)


class FirstDuplicateWins(DictStore):
    def add(self, chunks: Sequence[Chunk]) -> None:
        super().add(list(reversed(chunks)))


class StoresTheGoodOnes(DictStore):
    def add(self, chunks: Sequence[Chunk]) -> None:
        for chunk in chunks:
            super().add([chunk])


class KeepsTheCallersChunks(DictStore):
    def add(self, chunks: Sequence[Chunk]) -> None:
        super().add(chunks)
        self._chunks.update((chunk.chunk_id, chunk) for chunk in chunks)


class HandsOutItsOwn(DictStore):
    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        found = super().search(embedding, top_k, filters)
        return [replace(r, chunk=self._chunks[r.chunk.chunk_id]) for r in found]


class RefusesUnknownIds(DictStore):
    def delete(self, chunk_ids: Sequence[str]) -> None:
        for chunk_id in chunk_ids:
            if chunk_id not in self._chunks:
                raise StoreError(f"no chunk {chunk_id}")
        super().delete(chunk_ids)


class DeletesByPattern(DictStore):
    def delete(self, chunk_ids: Sequence[str]) -> None:
        gone = [key for key in self._chunks if any(i in ("*", key) for i in chunk_ids)]
        super().delete(gone)


class CannotBeRefilled(DictStore):
    def clear(self) -> None:
        super().clear()
        self.close()


class ServesAfterClosing(DictStore):
    def close(self) -> None:
        return None


class TakesTopKZero(DictStore):
    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return super().search(embedding, top_k, filters) if top_k > 0 else []


class IgnoresTopK(DictStore):
    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return super().search(embedding, max(top_k, 10), filters)


class AnyDimension(DictStore):
    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return super().search(list(embedding)[:8], top_k, filters)


class AsksVectorsForTruth(DictStore):
    def add(self, chunks: Sequence[Chunk]) -> None:
        super().add([chunk for chunk in chunks if chunk.embedding])


class AbsentIsNone(DictStore):
    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        widened = {
            key: {"$in": [None, value]} if isinstance(value, str) else value
            for key, value in (filters or {}).items()
        }
        return super().search(embedding, top_k, widened)


class SkipsOddFilters(DictStore):
    def search(
        self, embedding: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        known = {key: v for key, v in (filters or {}).items() if not isinstance(v, Mapping)}
        return super().search(embedding, top_k, {k: v for k, v in known.items() if k[:1] != "$"})


class OtherParameterName(DictStore):
    def search(
        self, embedding: Any, k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        return super().search(embedding, k, filters)


class HalfAPower(DictStore):
    def __getattribute__(self, name: str) -> Any:
        if name == "aget":
            raise AttributeError(name)
        return super().__getattribute__(name)


class BatchForgetsTheFilter(DictStore):
    def search_batch(
        self, embeddings: Any, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        return super().search_batch(embeddings, top_k)


class DeletesAllWithoutFilter(DictStore):
    def delete_where(self, filters: Mapping[str, Any]) -> int:
        if not filters:
            self.clear()
            return 0
        return super().delete_where(filters)


class GetsInItsOwnOrder(DictStore):
    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        return [chunk for key, chunk in self._chunks.items() if key in chunk_ids]


class ScansInOnePage(DictStore):
    def scan(self, page_size: int = 1000) -> Any:
        return super().scan(1000)


class ScansWithoutFilter(DictStore):
    def scan(self, page_size: int = 1000, filters: Mapping[str, Any] | None = None) -> Any:
        return super().scan(page_size)


class RecreatesTheCollection(DictStore):
    def create(self, dimension: int) -> None:
        self.drop()
        super().create(dimension)


class LosesTheLastOfABatch(DictStore):
    def add(self, chunks: Sequence[Chunk]) -> None:
        for start in range(0, len(chunks), 1000):
            batch = list(chunks[start : start + 1000])
            super().add(batch[:-1] if len(batch) == 1000 else batch)


class MixesUpTheSecondBatch(DictStore):
    def add(self, chunks: Sequence[Chunk]) -> None:
        turned = [
            replace(chunk, embedding=other.embedding)
            for chunk, other in zip(chunks[1000:], reversed(chunks[1000:]), strict=True)
        ]
        super().add([*chunks[:1000], *turned])


def _with_extra(result: RetrievalResult, extra: dict[str, Any]) -> RetrievalResult:
    metadata = replace(result.chunk.metadata, extra=extra)
    return replace(result, chunk=replace(result.chunk, metadata=metadata))


def _floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _floats(item) for key, item in value.items()}
    return float(value) if type(value) is int and abs(value) < math.inf else value


MUTANTS: list[tuple[Callable[[], DictStore], str]] = [
    (FiltersTooLate, "test_filter_comes_before_top_k"),
    (RanksFromZero, "test_best_comes_first"),
    (ScoresAreDistances, "test_best_comes_first"),
    (FarthestFirst, "test_best_comes_first"),
    (FarthestFirst, "test_known_id_is_replaced"),
    (CutsText, "test_text_is_kept_whole"),
    (LosesExtra, "test_every_field_returns"),
    (LosesExtra, "test_any_metadata_returns"),
    (NumbersBecomeFloats, "test_metadata_keeps_value_and_kind"),
    (NumbersBecomeFloats, "test_huge_integers_are_exact"),
    (LosesPages, "test_every_field_returns"),
    (AddsAll, "test_known_id_is_replaced"),
    (FirstDuplicateWins, "test_last_duplicate_wins"),
    (StoresTheGoodOnes, "test_missing_embedding_stores_nothing"),
    (StoresTheGoodOnes, "test_wrong_dimension_stores_nothing"),
    (StoresTheGoodOnes, "test_first_batch_has_one_dimension"),
    (KeepsTheCallersChunks, "test_callers_chunks_stay_their_own"),
    (HandsOutItsOwn, "test_searching_changes_nothing"),
    (RefusesUnknownIds, "test_deleted_chunks_are_gone"),
    (DeletesByPattern, "test_ids_are_opaque"),
    (CannotBeRefilled, "test_cleared_store_is_usable"),
    (ServesAfterClosing, "test_closed_store_says_so"),
    (TakesTopKZero, "test_top_k_below_one_is_refused"),
    (IgnoresTopK, "test_top_k_limits"),
    (AnyDimension, "test_query_of_wrong_dimension_is_refused"),
    (AbsentIsNone, "test_operators_mean_the_same"),
    (AbsentIsNone, "test_generated_filters_mean_the_same"),
    (SkipsOddFilters, "test_malformed_filter_is_refused"),
    (SkipsOddFilters, "test_fields_can_be_filtered"),
    (SkipsOddFilters, "test_generated_filters_mean_the_same"),
    (OtherParameterName, "test_signatures"),
    (HalfAPower, "test_powers_are_whole"),
    (BatchForgetsTheFilter, "test_batch_equals_single_searches"),
    (DeletesAllWithoutFilter, "test_delete_where_needs_a_filter"),
    (GetsInItsOwnOrder, "test_lookup_keeps_the_order_of_ids"),
    (ScansInOnePage, "test_scan_meets_each_chunk_once"),
    (ScansWithoutFilter, "test_scan_keeps_to_its_filter"),
    (RecreatesTheCollection, "test_collection_keeps_its_dimension"),
    (LosesTheLastOfABatch, "test_many_chunks_cross_batch_borders"),
    (MixesUpTheSecondBatch, "test_many_chunks_cross_batch_borders"),
]


@pytest.fixture(autouse=True)
def unshrunk() -> Iterator[None]:
    """Finding a smallest example takes seconds; here it is enough that there is one."""
    usual = settings.get_current_profile_name()
    settings.register_profile("unshrunk", phases=[Phase.explicit, Phase.generate])
    settings.load_profile("unshrunk")
    yield
    settings.load_profile(usual)


@pytest.mark.parametrize("name", ["sync", "async"])
@pytest.mark.parametrize(
    ("mutant", "law"), MUTANTS, ids=lambda item: getattr(item, "__name__", item)
)
def test_defect_breaks_its_law(mutant: Callable[[], DictStore], law: str, name: VoiceName) -> None:
    assert _breaks(mutant, law, name)


def test_numpy_rows_have_no_truth() -> None:
    pytest.importorskip("numpy")
    assert _breaks(AsksVectorsForTruth, "test_any_sequence_is_a_vector", "sync")


# A store in a file, of which another process can import its own copy.
_FILED = """
import json
from pathlib import Path
from racto.core import Chunk
from racto.core.testing import DictStore

class Filed(DictStore):
    def __init__(self, path):
        super().__init__()
        self.path = Path(path)
        if self.path.exists():
            self.add([Chunk.from_dict(*line) for line in json.loads(self.path.read_text())])

    def close(self):
        if not self._is_closed:
            kept = [[chunk.to_dict(), list(chunk.embedding)] for chunk in self._chunks.values()]
            self.path.write_text(json.dumps(kept[self.forgets:]))
        super().close()

    forgets = 0
"""


@pytest.mark.parametrize("forgets", [0, 1])
def test_another_process_sees_what_was_forgotten(tmp_path: Path, forgets: int) -> None:
    (tmp_path / "filed.py").write_text(_FILED)
    rooms: dict[str, Any] = {}
    exec(compile(_FILED, "filed.py", "exec"), rooms)  # the text above
    path = tmp_path / "chunks.json"

    class FiledSuite(Suite):
        def elsewhere(self, store: Any, folder: Path) -> str:
            where = f"sys.path.insert(0, {str(tmp_path)!r})"
            return f"{where}\nfrom filed import Filed\nstore = Filed({str(path)!r})"

    store = rooms["Filed"](path)
    store.forgets = forgets
    law = laws_of(VectorStoreContract)["test_another_process_finds_it_all"]
    if forgets:
        with pytest.raises(AssertionError):
            law(FiledSuite(), store, tmp_path)
    else:
        law(FiledSuite(), store, tmp_path)
        assert rooms["Filed"](path).count() == 5


def _breaks(make: Callable[[], DictStore], law: str, name: VoiceName) -> bool:
    """Whether one of the law's cases fails for a store."""
    function = laws_of(VectorStoreContract)[law]
    marks = [m for m in getattr(function, "pytestmark", ()) if m.name == "parametrize"]
    cases = [{m.args[0]: value} for m in marks for value in m.args[1]] or [{}]
    for case in cases:
        voice, store = Voice(name), make()
        known: dict[str, Any] = {"store": store, "subject": store, "voice": voice, **case}
        wanted = list(inspect.signature(function).parameters)[1:]
        try:
            function(Suite(), **{key: known[key] for key in wanted})
        except (Exception, pytest.fail.Exception):
            return True
        finally:
            voice.close()
    return False
