"""The endpoints of an index: vectors are written, searched, fetched, listed and counted."""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from racto.testing.exchange import Incoming

from .failures import refusal
from .filters import Test, compiled
from .indexes import Index
from .metadata import kept
from .namespaces import StoredVector, score
from .requests import (
    MOST_IDS,
    MOST_LISTED,
    MOST_VECTORS,
    DeleteRequest,
    MetadataFetchRequest,
    QueryRequest,
    StatsRequest,
    UpsertRequest,
    asked,
    checked_id,
    read,
)

Prepared: TypeAlias = tuple[Callable[[], Any], Callable[[], dict[str, str]]]
"""What a sound request does and answers, and the headers of the answer."""

_LARGEST = 3.4028234663852886e38


def upsert(request: Incoming, index: Index) -> Prepared:
    """``POST /vectors/upsert``."""
    wanted = read(UpsertRequest, request)
    if len(wanted.vectors) > MOST_VECTORS:
        raise refusal(f"The number of vectors exceeds the limit of {MOST_VECTORS} per request")
    vectors = [
        _stored(checked_id(each.id), each.values, kept(each.metadata, each.id), index)
        for each in wanted.vectors
    ]
    number: list[int] = []

    def write() -> Any:
        namespace, lsn = index.written(wanted.namespace)
        namespace.put(vectors, lsn)
        number.append(lsn)
        return {"upsertedCount": len(vectors)}

    return write, lambda: {"x-pinecone-request-lsn": str(number[-1])}


def query(request: Incoming, index: Index) -> Prepared:
    """``POST /query``."""
    wanted = read(QueryRequest, request)
    if (wanted.vector is None) == (wanted.id is None):
        raise refusal("Exactly one of 'vector' and 'id' must be given")
    if wanted.vector is not None:
        _check_length(wanted.vector, index, "Query vector")
    test = _test(wanted.filter)

    def search() -> Any:
        seen = _seen(index, wanted.namespace)
        vector = wanted.vector
        if vector is None:
            known = seen.get(wanted.id or "")
            vector = None if known is None else list(known.values)
        chosen = [] if vector is None else _nearest(seen.values(), vector, wanted.topK, test, index)
        matches = [
            {
                **each.told(values=wanted.includeValues, metadata=wanted.includeMetadata),
                "score": found,
            }
            for found, each in chosen
        ]
        return {"matches": matches, "namespace": wanted.namespace, "usage": {"readUnits": 1}}

    return search, lambda: _freshness(index, wanted.namespace)


def fetch(request: Incoming, index: Index) -> Prepared:
    """``GET /vectors/fetch``."""
    fields = _known_fields(request, "ids", "namespace")
    ids = [checked_id(each) for each in fields.get("ids", ())]
    if not 0 < len(ids) <= MOST_IDS:
        raise refusal(f"Fetch takes 1 to {MOST_IDS} ids, got {len(ids)}")
    namespace = fields.get("namespace", [""])[-1]

    def look() -> Any:
        seen = _seen(index, namespace)
        found = {each: seen[each].told(values=True, metadata=True) for each in ids if each in seen}
        return {"vectors": found, "namespace": namespace, "usage": {"readUnits": 1}}

    return look, dict


def fetch_by_metadata(request: Incoming, index: Index) -> Prepared:
    """``POST /vectors/fetch_by_metadata``."""
    wanted = read(MetadataFetchRequest, request)
    if not wanted.filter:
        raise refusal("Empty filter provided for fetch by metadata request")
    test = compiled(wanted.filter)

    def look() -> Any:
        seen = _seen(index, wanted.namespace)
        after = wanted.paginationToken or ""
        left = (each for each in sorted(seen) if each > after and test(seen[each].metadata or {}))
        page, more = _page(left, wanted.limit)
        found = {each: seen[each].told(values=True, metadata=True) for each in page}
        return {"vectors": found, "namespace": wanted.namespace, **more}

    return look, dict


def delete(request: Incoming, index: Index) -> Prepared:
    """``POST /vectors/delete``."""
    wanted = read(DeleteRequest, request)
    selectors = (wanted.ids is not None, wanted.deleteAll, wanted.filter is not None)
    if sum(selectors) != 1:
        raise refusal("Exactly one of 'ids', 'deleteAll' and 'filter' must be given")
    if wanted.filter == {}:
        raise refusal("Delete with empty metadata filter is not allowed")
    ids = {checked_id(each) for each in wanted.ids or ()}
    if wanted.ids is not None and not 0 < len(wanted.ids) <= MOST_IDS:
        raise refusal(f"Delete takes 1 to {MOST_IDS} ids, got {len(wanted.ids)}")
    test = _test(wanted.filter)
    if index.found(wanted.namespace) is None:
        raise refusal("Namespace not found", status=HTTPStatus.NOT_FOUND)

    def remove() -> Any:
        namespace, lsn = index.written(wanted.namespace)
        if wanted.ids is not None:
            namespace.remove(lambda each: each.id in ids, lsn)
        else:
            namespace.remove(lambda each: test(each.metadata or {}), lsn)
        return {}

    return remove, dict


def list_ids(request: Incoming, index: Index) -> Prepared:
    """``GET /vectors/list``."""
    fields = _known_fields(request, "namespace", "prefix", "limit", "paginationToken")
    told = {name: values[-1] for name, values in fields.items()}
    limit = int(told.get("limit", MOST_LISTED)) if told.get("limit", "1").isdecimal() else 0
    if not 1 <= limit <= MOST_LISTED:
        raise refusal(f"limit must be 1 to {MOST_LISTED}")
    prefix, after = told.get("prefix", ""), told.get("paginationToken", "")
    namespace = told.get("namespace", "")

    def look() -> Any:
        seen = sorted(_seen(index, namespace))
        page, more = _page((i for i in seen if i > after and i.startswith(prefix)), limit)
        return {"vectors": [{"id": each} for each in page], "namespace": namespace, **more}

    return look, dict


def stats(request: Incoming, index: Index) -> Prepared:
    """``POST /describe_index_stats``."""
    if read(StatsRequest, request).filter:
        raise refusal("Serverless indexes do not support describing stats with a filter")

    def count() -> Any:
        counts = {name: len(each.visible()) for name, each in index.namespaces.items()}
        return {
            "namespaces": {name: {"vectorCount": n} for name, n in counts.items() if n},
            "dimension": index.dimension,
            "metric": index.metric,
            "vectorType": "dense",
            "indexFullness": 0,
            "totalVectorCount": sum(counts.values()),
        }

    return count, dict


def _stored(
    vector_id: str, values: list[float], metadata: dict[str, Any] | None, index: Index
) -> StoredVector:
    _check_length(values, index, f"Vector '{vector_id}'")
    if not any(values):
        raise refusal(
            "Dense vectors must contain at least one non-zero value. "
            f"Vector ID {vector_id} contains only zeros."
        )
    # The service keeps and tells single precision.
    single = array("f", values)
    length = math.hypot(*single)
    return StoredVector(id=vector_id, values=single, metadata=metadata, length=length)


def _check_length(values: list[float], index: Index, what: str) -> None:
    if len(values) != index.dimension:
        raise refusal(
            f"{what} dimension {len(values)} does not match the dimension of the index "
            f"{index.dimension}"
        )
    if not all(abs(value) <= _LARGEST for value in values):
        raise refusal(f"{what} holds a number that is not finite in single precision")


def _test(given: Mapping[str, Any] | None) -> Test:
    return compiled(given) if given else lambda _metadata: True


def _seen(index: Index, namespace: str) -> dict[str, StoredVector]:
    found = index.found(namespace)
    return {} if found is None else found.visible()


def _freshness(index: Index, namespace: str) -> dict[str, str]:
    found = index.found(namespace)
    return {"x-pinecone-max-indexed-lsn": str(0 if found is None else found.indexed)}


def _nearest(
    vectors: Iterable[StoredVector], wanted: list[float], most: int, test: Test, index: Index
) -> list[tuple[float, StoredVector]]:
    length = math.hypot(*wanted)
    scored = (
        (score(index.metric, wanted, length, each), each)
        for each in vectors
        if test(each.metadata or {})
    )
    sign = 1 if index.metric == "euclidean" else -1
    return heapq.nsmallest(most, scored, key=lambda pair: (sign * pair[0], pair[1].id))


def _page(ids: Iterable[str], limit: int) -> tuple[list[str], dict[str, Any]]:
    found: list[str] = []
    for each in ids:
        if len(found) == limit:
            return found, {"pagination": {"next": found[-1]}}
        found.append(each)
    return found, {}


def _known_fields(request: Incoming, *names: str) -> dict[str, list[str]]:
    fields = {name: list(values) for name, values in asked(request).items()}
    if unknown := fields.keys() - set(names):
        raise refusal(f"Unknown query parameter '{min(unknown)}'")
    return fields
