"""What a collection is made of: its name, how vectors are compared, and the graph."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from racto.core.errors import ConfigurationError, DimensionMismatchError

Distance: TypeAlias = Literal["cosine", "l2", "ip"]
"""How vectors are compared: by angle, by Euclidean distance, or by inner product."""

DIMENSION = "racto.dimension"
"""Key of the collection's own metadata under which the vectors' length stands."""

DISTANCE = "racto.distance"
"""The same for how they are compared."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,510}[A-Za-z0-9]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class HNSW:
    """The graph by which Chroma finds neighbours; None leaves it to Chroma.

    Attributes:
        max_neighbors: Links of a record: more is exacter and larger.
        ef_construction: Neighbours looked at while building.
        ef_search: Neighbours looked at while searching.
    """

    max_neighbors: int | None = None
    ef_construction: int | None = None
    ef_search: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that decides how the collection is made.

    Attributes:
        distance: How vectors are compared.
        hnsw: The graph; None leaves all of it to Chroma.

    Raises:
        ConfigurationError: If the distance is unknown.
    """

    distance: Distance = "cosine"
    hnsw: HNSW | None = None

    def __post_init__(self) -> None:
        if self.distance not in get_args(Distance):
            raise ConfigurationError(
                f"distance_function is one of {', '.join(get_args(Distance))}, not "
                f"{self.distance!r}"
            )

    def to_create(self, dimension: int) -> dict[str, Any]:
        """The arguments of ``create_collection``, its name excepted."""
        graph: dict[str, Any] = {"space": self.distance}
        if self.hnsw is not None:
            names = ("max_neighbors", "ef_construction", "ef_search")
            given = {name: getattr(self.hnsw, name) for name in names}
            graph |= {name: value for name, value in given.items() if value is not None}
        return {
            "configuration": {"hnsw": graph},
            "metadata": {DIMENSION: dimension, DISTANCE: self.distance},
            # The default one would download a model.
            "embedding_function": None,
        }

    def dimension_of(self, collection: Any) -> int:
        """The length of the vectors of a collection that is there.

        Args:
            collection: Chroma's object for it.

        Raises:
            ConfigurationError: If another program made it, or it compares differently.
        """
        # Its own note, because reading Chroma's configuration warns of embedding functions.
        told: Mapping[str, Any] = collection.metadata or {}
        dimension, distance = told.get(DIMENSION), told.get(DISTANCE)
        if not isinstance(dimension, int):
            raise ConfigurationError(
                f"collection {collection.name!r} was made by another program; give the store one "
                f"of its own"
            )
        if distance != self.distance:
            raise ConfigurationError(
                f"collection {collection.name!r} compares by {distance}, and this store asks for "
                f"{self.distance}"
            )
        return dimension

    def score(self, distance: float) -> float:
        """A score that is higher the nearer, from Chroma's distance."""
        if self.distance == "l2":
            # Chroma gives the square; and zero stays zero, because a negative one prints strangely.
            return 0.0 - math.sqrt(max(0.0, distance))
        return 1.0 - distance


def collection_name(name: str) -> str:
    """The name under which Chroma keeps a collection: the same where it takes it.

    Chroma takes 3 to 512 letters, digits, dots, dashes and underscores. Any other name becomes
    ``racto-`` and a hash of it.

    Raises:
        ConfigurationError: If the name is empty.
    """
    if not name:
        raise ConfigurationError("a collection needs a name")
    if _NAME.fullmatch(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass"))
    return f"racto-{digest.hexdigest()[:40]}"


def check_dimension(name: str, is_there: int, wanted: int | None) -> None:
    """Raise :class:`DimensionMismatchError` if the collection keeps another length."""
    if wanted is not None and is_there != wanted:
        raise DimensionMismatchError(
            f"collection {name!r} keeps vectors of {is_there}, and {wanted} was asked for; drop() "
            f"it first, or use the embedding model that filled it",
            expected=is_there,
            actual=wanted,
        )
