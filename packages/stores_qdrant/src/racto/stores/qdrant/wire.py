"""Plain data in Qdrant's REST form, as the models that qdrant-client takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .keywords import weights_of
from .plan import KEYWORDS, Plan
from .records import READ

if TYPE_CHECKING:
    from qdrant_client import models

    from .vectors import Row


class Item(NamedTuple):
    """What is written for one chunk.

    Attributes:
        id: The point's id, a UUID that follows from the chunk's.
        row: Its embedding, shape (d,), float32.
        payload: Text, exact metadata, and what filters need.
        text: Its text as it is.
    """

    id: str
    row: Row
    payload: dict[str, Any]
    text: str


def filter_of(told: Mapping[str, Any] | None) -> models.Filter | None:
    """A filter; None lets everything through."""
    from qdrant_client import models

    return None if told is None else models.Filter.model_validate(told)


def creation(plan: Plan, dimension: int) -> dict[str, Any]:
    """The arguments of ``create_collection``."""
    from qdrant_client import models

    made = models.CreateCollection.model_validate(plan.to_create(dimension))
    return {
        "collection_name": plan.name,
        "vectors_config": made.vectors,
        "sparse_vectors_config": made.sparse_vectors,
        "hnsw_config": made.hnsw_config,
        "quantization_config": made.quantization_config,
    }


def points_of(items: Sequence[Item], plan: Plan, is_local: bool) -> list[models.PointStruct]:
    """Points to be written in one call.

    Args:
        items: What is written, checked.
        plan: The collection's.
        is_local: Whether Qdrant runs in this process and takes arrays as they are.
    """
    from qdrant_client import models

    # Not validated: each of 384 values would be looked at once more, and all of them are floats.
    made = models.PointStruct.model_construct
    is_named = bool(plan.vector_name) or plan.keywords or is_local
    points: list[models.PointStruct] = []
    for item in items:
        row: Any = item.row if is_local else item.row.tolist()
        vector: Any = {plan.vector_name: row} if is_named else row
        if plan.keywords:
            vector[KEYWORDS] = sparse_of(weights_of(item.text))
        points.append(made(id=item.id, vector=vector, payload=item.payload))
    return points


def sparse_of(weights: Mapping[int, float]) -> models.SparseVector:
    """A sparse vector of weights by word."""
    from qdrant_client import models

    return models.SparseVector(indices=list(weights), values=list(weights.values()))


def queries_of(
    vectors: Iterable[Sequence[float]],
    plan: Plan,
    told: Mapping[str, Any] | None,
    limit: int,
    with_vectors: bool,
) -> list[models.QueryRequest]:
    """One request a query vector, to be asked in one call."""
    from qdrant_client import models

    chosen, parameters = filter_of(told), parameters_of(plan)
    return [
        models.QueryRequest.model_construct(
            query=models.NearestQuery.model_construct(nearest=vector),
            using=plan.vector_name or None,
            filter=chosen,
            params=parameters,
            limit=limit,
            with_vector=vector_names(plan, with_vectors),
            with_payload=list(READ),
        )
        for vector in vectors
    ]


def alone(request: models.QueryRequest) -> dict[str, Any]:
    """A request as the arguments of ``query_points``, which copies less than a batch of one."""
    return {
        "query": request.query,
        "using": request.using,
        "query_filter": request.filter,
        "search_params": request.params,
        "limit": request.limit,
        "with_payload": request.with_payload,
        "with_vectors": request.with_vector,
    }


def fusion_of(
    vector: Sequence[float],
    words: Mapping[int, float],
    plan: Plan,
    told: Mapping[str, Any] | None,
    depth: int,
) -> dict[str, Any]:
    """The arguments of ``query_points`` that fuse the nearest with the best by words."""
    from qdrant_client import models

    chosen = filter_of(told)
    nearest = models.Prefetch(
        query=list(vector),
        using=plan.vector_name or None,
        filter=chosen,
        params=parameters_of(plan),
        limit=depth,
    )
    worded = models.Prefetch(query=sparse_of(words), using=KEYWORDS, filter=chosen, limit=depth)
    return {
        "prefetch": [nearest, worded],
        "query": models.FusionQuery(fusion=models.Fusion.RRF),
    }


def parameters_of(plan: Plan) -> models.SearchParams | None:
    """How to search."""
    from qdrant_client import models

    told = plan.to_search()
    return None if told is None else models.SearchParams.model_validate(told)


def everything() -> models.FilterSelector:
    """Selects all points."""
    from qdrant_client import models

    return models.FilterSelector(filter=models.Filter())


def vector_names(plan: Plan, with_vectors: bool) -> list[str] | bool:
    """Which vectors to return: the dense one, or none."""
    if not with_vectors or not plan.keywords:
        return with_vectors
    return [plan.vector_name]


def vector_in(point: Any, plan: Plan) -> Any:
    """The dense vector of a point that was returned; None if it was not asked for."""
    vector = point.vector
    return vector.get(plan.vector_name) if isinstance(vector, dict) else vector
