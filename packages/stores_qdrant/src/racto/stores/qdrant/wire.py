"""Plain data in Qdrant's REST form, as the models that qdrant-client takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .plan import KEYWORDS, Plan
from .records import READ, Point

if TYPE_CHECKING:
    from qdrant_client import models


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


def batch_of(
    points: Sequence[Point], plan: Plan, words: Sequence[Mapping[int, float]] | None
) -> models.Batch:
    """Points to be written in one call.

    Args:
        points: Checked points.
        plan: The collection's.
        words: Weight by word of each point, where the collection keeps keywords.
    """
    from qdrant_client import models

    vectors: Any = [point.vector for point in points]
    if plan.vector_name or words is not None:
        vectors = {plan.vector_name: vectors}
    if words is not None:
        vectors[KEYWORDS] = [sparse_of(weights) for weights in words]
    # Not validated: each of 384 values would be looked at once more, and all of them are floats.
    return models.Batch.model_construct(
        ids=[point.id for point in points],
        vectors=vectors,
        payloads=[point.payload for point in points],
    )


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
