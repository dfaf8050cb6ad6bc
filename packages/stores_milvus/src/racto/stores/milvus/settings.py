"""Everything that a Milvus store is told, checked before anything is connected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from racto.core.errors import ConfigurationError

Metric: TypeAlias = Literal["IP", "COSINE", "L2"]
Consistency: TypeAlias = Literal["Strong", "Session", "Bounded", "Eventually"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_MOST_PER_BATCH = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class MilvusSettings:
    """Where a store is and how it works.

    Attributes:
        collection: Name of the collection.
        uri: Address of the server, or a path that ends in ``.db`` for Milvus Lite.
        token: ``user:password`` or a key of Zilliz Cloud; never printed.
        database: Database of the server; empty for its default.
        dimension: Length of the vectors; None learns it.
        metric: How vectors are compared.
        index_type: Index of a new collection.
        index_params: Its parameters.
        search_params: Parameters of each search, such as ``ef``.
        batch_size: Most chunks a request.
        batch_bytes: Most bytes a request, about; one chunk may be longer.
        timeout: Seconds for each request.
        consistency: How fresh what is read must be.
        vectors_in_results: Whether a search brings the vectors of what it finds.

    Raises:
        ConfigurationError: If one of them is out of its range.
    """

    collection: str
    uri: str
    token: str = field(default="", repr=False)
    database: str = ""
    dimension: int | None = None
    metric: Metric = "IP"
    index_type: str = "AUTOINDEX"
    index_params: Mapping[str, Any] = field(default_factory=dict)
    search_params: Mapping[str, Any] = field(default_factory=dict)
    batch_size: int = 100
    batch_bytes: int = 8_000_000
    timeout: float = 30.0
    consistency: Consistency = "Strong"
    vectors_in_results: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.collection):
            raise ConfigurationError(
                f"collection={self.collection!r} is no name of Milvus: a letter or _, then "
                f"letters, digits and _, at most 255"
            )
        _one_of("metric_type", self.metric, ("IP", "COSINE", "L2"))
        _one_of(
            "consistency_level", self.consistency, ("Strong", "Session", "Bounded", "Eventually")
        )
        if not 1 <= self.batch_size <= _MOST_PER_BATCH:
            raise ConfigurationError(
                f"batch_size must be from 1 to {_MOST_PER_BATCH}, not {self.batch_size}"
            )
        for name in ("dimension", "batch_bytes", "timeout"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigurationError(f"{name} must be above 0, not {value}")
        if "://" not in self.uri and not self.uri.endswith(".db"):
            raise ConfigurationError(
                f"uri={self.uri!r} is neither an address such as http://localhost:19530 nor a "
                f"path of Milvus Lite, which ends in .db"
            )


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ConfigurationError(f"{name}={value!r} is unknown; choose among {', '.join(known)}")
