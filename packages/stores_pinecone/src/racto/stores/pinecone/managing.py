"""The index itself: made, described and deleted, never as a side effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from racto.core.errors import DimensionMismatchError, StoreError
from racto.core.flows import Flow

from .failures import is_missing
from .space import DEFAULT, Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where and how an index is made.

    Attributes:
        metric: ``cosine``, ``euclidean`` or ``dotproduct``.
        cloud: The cloud, such as ``aws``.
        region: Its region.
        seconds: Longest wait until the index is ready, or gone.
    """

    metric: str
    cloud: str
    region: str
    seconds: int = 300


def described(space: Space) -> Flow[Any]:
    """The description of the index; None when there is none."""
    try:
        return (yield from space.link.manage("describe", space.link.name))
    except StoreError as error:
        if is_missing(error):
            return None
        raise


def create(space: Space, dimension: int, placement: Placement) -> Flow[None]:
    """Make the index; fine if it is there with the same length and metric.

    Args:
        space: The namespace.
        dimension: Length of its vectors.
        placement: Where and how it is made.

    Raises:
        DimensionMismatchError: If it is there for vectors of another length.
        StoreError: If it is there with another metric, or has no dense vectors.
    """
    found = yield from described(space)
    if found is None:
        try:
            yield from _make(space, dimension, placement)
        except StoreError as error:
            # Somebody else made it in the meantime.
            if error.status_code != 409:
                raise
            found = yield from described(space)
    if found is not None:
        _check(found, dimension, placement.metric, space.link.name)
    space.forget()


def drop(space: Space, placement: Placement) -> Flow[None]:
    """Delete the index; fine if it is not there.

    Args:
        space: The namespace.
        placement: How long to wait until it is gone.

    Raises:
        StoreError: If other namespaces of it hold vectors.
    """
    if (yield from described(space)) is None:
        return
    stats = yield from space.stats()
    own = {space.namespace or DEFAULT, space.parts}
    others = sorted(
        name for name, each in stats.namespaces.items() if name not in own and each.vector_count
    )
    if others:
        raise StoreError(
            f"Pinecone index {space.link.name!r} is not dropped: {len(others)} other namespaces "
            f"hold vectors, {others[0]!r} among them; use clear() for this namespace alone"
        )
    try:
        yield from space.link.manage("delete", space.link.name, timeout=placement.seconds)
    except StoreError as error:
        if not is_missing(error):
            raise
    space.forget()


def _make(space: Space, dimension: int, placement: Placement) -> Flow[None]:
    vectors = {"type": "dense_vector", "dimension": dimension, "metric": placement.metric}
    yield from space.link.manage(
        "create",
        name=space.link.name,
        # The name that the API itself gives to the field of an index of plain vectors.
        schema={"fields": {"_values": vectors}},
        deployment={
            "deployment_type": "managed",
            "cloud": placement.cloud,
            "region": placement.region,
        },
        timeout=placement.seconds,
    )


def _check(found: Any, dimension: int, metric: str, name: str) -> None:
    dense = [each for each in found.schema.fields.values() if hasattr(each, "dimension")]
    if not dense:
        raise StoreError(f"Pinecone index {name!r} is there, and has no dense vectors")
    if dense[0].dimension != dimension:
        raise DimensionMismatchError(
            f"cannot create Pinecone index {name!r} for vectors of {dimension}: it is there for "
            f"vectors of {dense[0].dimension}; drop() it first",
            expected=dense[0].dimension,
            actual=dimension,
        )
    if dense[0].metric != metric:
        raise StoreError(
            f"cannot create Pinecone index {name!r} with metric {metric!r}: it is there with "
            f"{dense[0].metric!r}; drop() it first"
        )
