"""What makes two vectors near: pgvector's operators, their index classes, and racto's scores."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from racto.core.errors import ConfigurationError

Distance: TypeAlias = Literal["cosine", "dot", "euclidean", "manhattan"]
"""How vectors are compared."""

NO_DIRECTION = -1.0
"""The cosine score where one of the two vectors is zero: the least, as the server sorts it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One way of comparing vectors.

    Attributes:
        name: The distance.
        sign: pgvector's operator, which is smaller the nearer.
        family: The middle of the operator classes' names, as in ``vector_cosine_ops``.
        indexes: The index methods that have such a class.
    """

    name: Distance
    sign: str
    family: str
    indexes: tuple[str, ...] = ("hnsw", "ivfflat")

    def score(self, distance: float) -> float:
        """racto's score of what the operator gave: higher is nearer."""
        if math.isnan(distance):
            return NO_DIRECTION
        return 1.0 - distance if self.name == "cosine" else -distance


_MEASURES = {
    measure.name: measure
    for measure in (
        Measure(name="cosine", sign="<=>", family="cosine"),
        Measure(name="dot", sign="<#>", family="ip"),
        Measure(name="euclidean", sign="<->", family="l2"),
        Measure(name="manhattan", sign="<+>", family="l1", indexes=("hnsw",)),
    )
}
_OTHER_NAMES = {"ip": "dot", "inner_product": "dot", "l2": "euclidean", "l1": "manhattan"}


def measure_of(distance: str) -> Measure:
    """The measure of this name; ``l2``, ``ip``, ``inner_product`` and ``l1`` are other names.

    Raises:
        ConfigurationError: If there is none.
    """
    found = _MEASURES.get(_OTHER_NAMES.get(distance, distance))  # type: ignore[call-overload]
    if found is None:
        known = ", ".join([*_MEASURES, *_OTHER_NAMES])
        raise ConfigurationError(f"distance={distance!r} is unknown; choose among {known}")
    return found  # type: ignore[no-any-return]
