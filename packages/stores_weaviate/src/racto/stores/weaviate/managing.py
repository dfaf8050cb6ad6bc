"""The class itself: what it is, and how it is made and dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from racto.core.errors import DimensionMismatchError, StoreError
from racto.core.flows import Flow

from .connections import Connections
from .filters import TOKENS
from .records import RECORD
from .tokens import NUMBERS

_DESCRIPTION = "Chunks of racto. Vectors have {dimension} values."
_TOLD = re.compile(r"Vectors have ([1-9][0-9]{0,5}) values\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a class is.

    Attributes:
        dimension: Length of its vectors; None while no one knows.
        distance: ``cosine``, ``l2-squared`` or ``dot``.
    """

    dimension: int | None
    distance: str


class Space:
    """One class, or one tenant of it.

    Args:
        link: The clients.
        distance: The distance that it is made with, and must have.
    """

    def __init__(self, link: Connections, distance: str) -> None:
        self.link, self.distance = link, distance
        self._shape: Shape | None = None

    def shape(self) -> Flow[Shape | None]:
        """What the class is, asked once; None while it is not there.

        Raises:
            StoreError: If it has another distance than the store was made for.
        """
        if self._shape is not None:
            return self._shape
        try:
            config = yield from self.link.call("config", "get", simple=True)
        except StoreError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise
        distance = _distance_of(config)
        if distance != self.distance:
            raise StoreError(
                f"Weaviate class {self.link.name!r} has the distance {distance!r}, and the store "
                f"was made for {self.distance!r}; pass distance_metric={distance!r}"
            )
        # A class knows no length before its first object, so its description tells it.
        told = _TOLD.search(config.description or "")
        self._shape = Shape(dimension=int(told[1]) if told else None, distance=distance)
        return self._shape

    def made(self, dimension: int) -> Flow[Shape]:
        """What the class is; it is made if it is not there.

        Args:
            dimension: Length of the vectors that a new one is for.
        """
        shape = yield from self.shape()
        if shape is None:
            try:
                yield from _make(self, dimension)
            except StoreError:
                # Somebody else may have made it in the meantime.
                if not (yield from self.link.call("collections", "exists", self.link.name)):
                    raise
            shape = yield from self.shape()
        if shape is None:
            raise StoreError(f"Weaviate class {self.link.name!r} was made, and is gone again")
        return shape

    def forget(self) -> None:
        """Forget what the class is, as after it was dropped."""
        self._shape = None


def create(space: Space, dimension: int) -> Flow[None]:
    """Make the class; fine if it is there for vectors of the same length.

    Args:
        space: The class.
        dimension: Length of its vectors.
    """
    space.forget()
    shape = yield from space.made(dimension)
    if shape.dimension not in (None, dimension):
        raise DimensionMismatchError(
            f"cannot create Weaviate class {space.link.name!r} for vectors of {dimension}: it is "
            f"there for vectors of {shape.dimension}; drop() it first",
            expected=shape.dimension or 0,
            actual=dimension,
        )


def drop(space: Space) -> Flow[None]:
    """Delete the class with all its tenants; fine if it is not there.

    Args:
        space: The class.
    """
    yield from space.link.call("collections", "delete", space.link.name)
    space.forget()


def _make(space: Space, dimension: int) -> Flow[None]:
    from weaviate.classes.config import (
        Configure,
        DataType,
        Property,
        Tokenization,
        VectorDistances,
    )

    hnsw = Configure.VectorIndex.hnsw(distance_metric=VectorDistances(space.distance))
    numbers = [
        Property(name=name, data_type=DataType.INT, index_range_filters=True) for name in NUMBERS
    ]
    tenancy = Configure.multi_tenancy(enabled=True, auto_tenant_creation=True)
    yield from space.link.call(
        "collections",
        "create",
        space.link.name,
        description=_DESCRIPTION.format(dimension=dimension),
        vector_config=Configure.Vectors.self_provided(vector_index_config=hnsw),
        properties=[
            Property(
                name=RECORD, data_type=DataType.TEXT, index_filterable=False, index_searchable=False
            ),
            Property(
                name=TOKENS,
                data_type=DataType.TEXT_ARRAY,
                # Tokens are whole as they are.
                tokenization=Tokenization.FIELD,
                index_searchable=False,
            ),
            *numbers,
        ],
        multi_tenancy_config=None if space.link.tenant is None else tenancy,
    )


def _distance_of(config: Any) -> str:
    for each in (config.vector_config or {}).values():
        found = getattr(each.vector_index_config, "distance_metric", None)
        if found is not None:
            return str(found.value)
    raise StoreError(f"Weaviate class {config.name!r} has no vector index that racto knows")
