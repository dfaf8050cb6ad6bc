"""What a collection is made of: distance, index, compression and the fields to filter by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from racto.core.errors import ConfigurationError, DimensionMismatchError

from .facts import path_to

Distance: TypeAlias = Literal["cosine", "dot", "euclid", "manhattan"]
"""How vectors are compared."""

FieldKind: TypeAlias = Literal["text", "number", "flag", "day", "instant", "moment"]
"""What the values under an indexed key are: strings, numbers, booleans, dates, or times with and
without a zone."""

KEYWORDS = "keywords"
"""Name of the sparse vector beside the dense one."""

# Numbers are indexed as floats even where all are integers: an index of integers cuts off the
# fraction of what they are compared with.
_PLACES: dict[str, tuple[str, str]] = {
    "text": ("facts", "keyword"),
    "number": ("facts", "float"),
    "flag": ("flags", "bool"),
    "day": ("dates.day", "float"),
    "instant": ("dates.instant", "float"),
    "moment": ("dates.moment", "float"),
}
_FIELDS: dict[str, FieldKind] = {"doc_id": "text", "source": "text", "chunk_index": "number"}
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f<>:\"/\\|?*\ud800-\udfff]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HNSW:
    """The graph by which Qdrant finds neighbours; None leaves it to the server.

    Attributes:
        m: Links of a point: more is exacter and larger. 0 builds no graph.
        ef_construct: Neighbours looked at while building.
        ef: Neighbours looked at while searching.
        full_scan_threshold: Kilobytes of vectors below which all are compared.
        on_disk: Whether the graph is read from disk.
    """

    m: int | None = None
    ef_construct: int | None = None
    ef: int | None = None
    full_scan_threshold: int | None = None
    on_disk: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantization:
    """Compressed copies of the vectors that are compared first.

    Attributes:
        kind: ``scalar`` (a byte a value), ``product`` (clusters), or ``binary`` (a bit a value).
        always_ram: Keep them in memory while the vectors are on disk.
        quantile: Share of values that decides the byte's range, 0.5 to 1.0; scalar only.
        compression: How many times smaller: 4, 8, 16, 32 or 64; product only.
        rescore: Whether the best are compared again by their full vectors.
        oversampling: How many times more candidates are compared again than are asked for.
    """

    kind: Literal["scalar", "product", "binary"] = "scalar"
    always_ram: bool | None = None
    quantile: float | None = None
    compression: Literal[4, 8, 16, 32, 64] = 16
    rescore: bool | None = None
    oversampling: float | None = None

    def to_create(self) -> dict[str, Any]:
        """What Qdrant is told when the collection is made, in its REST form."""
        told: dict[str, Any] = {} if self.always_ram is None else {"always_ram": self.always_ram}
        if self.kind == "scalar":
            told["type"] = "int8"
            if self.quantile is not None:
                told["quantile"] = self.quantile
        if self.kind == "product":
            told["compression"] = f"x{self.compression}"
        return {self.kind: told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that decides how the collection is made and searched.

    Attributes:
        name: The collection's name.
        distance: How vectors are compared.
        vector_name: Name of the vector; empty for Qdrant's unnamed one.
        hnsw: The graph; None leaves all of it to the server.
        quantization: Compressed copies; None makes none.
        indexes: Kind of the values by metadata key.
        keywords: Whether each chunk has a sparse vector of its words too.
        on_disk: Whether vectors are read from disk.
        exact: Whether a search compares all vectors instead of following the graph.

    Raises:
        ConfigurationError: If one of them cannot be.
    """

    name: str
    distance: Distance = "cosine"
    vector_name: str = ""
    hnsw: HNSW | None = None
    quantization: Quantization | None = None
    indexes: Mapping[str, FieldKind] = field(default_factory=dict)
    keywords: bool = False
    on_disk: bool | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in (".", ".."):
            raise ConfigurationError(
                f"Qdrant takes no collection named {self.name!r}: 1 to 255 characters, none of "
                f'< > : " / \\ | ? *'
            )
        if self.distance not in get_args(Distance):
            raise ConfigurationError(
                f"distance is one of {', '.join(get_args(Distance))}, not {self.distance!r}"
            )
        for key, kind in self.indexes.items():
            if kind not in _PLACES or path_to("facts", key) is None:
                raise ConfigurationError(
                    f"cannot index {key!r} as {kind!r}: kinds are {', '.join(_PLACES)}, and keys "
                    f"hold no quotes, backslashes or brackets"
                )
        if self.vector_name == KEYWORDS:
            raise ConfigurationError(f"the vector cannot be named {KEYWORDS!r}, as the sparse one")

    def to_create(self, dimension: int) -> dict[str, Any]:
        """The arguments of ``create_collection``, in their REST form."""
        vector: dict[str, Any] = {"size": dimension, "distance": self.distance.capitalize()}
        if self.on_disk is not None:
            vector["on_disk"] = self.on_disk
        told: dict[str, Any] = {
            "vectors": {self.vector_name: vector} if self.vector_name else vector
        }
        if self.hnsw is not None:
            names = ("m", "ef_construct", "full_scan_threshold", "on_disk")
            given = {name: getattr(self.hnsw, name) for name in names}
            told["hnsw_config"] = {k: v for k, v in given.items() if v is not None}
        if self.quantization is not None:
            told["quantization_config"] = self.quantization.to_create()
        if self.keywords:
            told["sparse_vectors"] = {KEYWORDS: {"modifier": "idf"}}
        return told

    def payload_indexes(self) -> dict[str, str]:
        """Which paths of the payload the server indexes, and as what."""
        wanted = {"keys": "keyword", "nulls": "keyword"}
        for key, kind in {**_FIELDS, **self.indexes}.items():
            part, schema = _PLACES[kind]
            wanted[path_to(part, key) or part] = schema
        return wanted

    def to_search(self) -> dict[str, Any] | None:
        """Search parameters in their REST form; None leaves all to the server."""
        told: dict[str, Any] = {"exact": True} if self.exact else {}
        if self.hnsw is not None and self.hnsw.ef is not None:
            told["hnsw_ef"] = self.hnsw.ef
        if self.quantization is not None:
            names = ("rescore", "oversampling")
            given = {name: getattr(self.quantization, name) for name in names}
            if chosen := {k: v for k, v in given.items() if v is not None}:
                told["quantization"] = chosen
        return told or None

    def score(self, found: float) -> float:
        """Qdrant's score with its sign turned where it is a distance."""
        # Zero stays zero: a negative one would print strangely.
        return float(found) if self.distance in ("cosine", "dot") else 0.0 - float(found)

    def dimension_of(self, parameters: Mapping[str, Any]) -> int:
        """The length of the vectors of a collection that is there.

        Args:
            parameters: Its ``config.params``, as plain data.

        Raises:
            ConfigurationError: If it compares differently or lacks what this store needs.
        """
        vectors = parameters.get("vectors") or {}
        mine = vectors.get(self.vector_name) if self.vector_name else vectors
        if not mine or "size" not in mine:
            raise ConfigurationError(
                f"collection {self.name!r} has no vector named {self.vector_name!r}; give "
                f"vector_name as it was made, or another collection"
            )
        if mine["distance"].lower() != self.distance:
            raise ConfigurationError(
                f"collection {self.name!r} compares by {mine['distance'].lower()}, and this store "
                f"asks for {self.distance}"
            )
        if self.keywords and KEYWORDS not in (parameters.get("sparse_vectors") or {}):
            raise ConfigurationError(
                f"collection {self.name!r} was made without keywords; copy it into one with them"
            )
        return int(mine["size"])

    def check_dimension(self, is_there: int, wanted: int | None) -> None:
        """Raise :class:`DimensionMismatchError` if the collection keeps another length."""
        if wanted is not None and is_there != wanted:
            raise DimensionMismatchError(
                f"collection {self.name!r} keeps vectors of {is_there}, and {wanted} was asked "
                f"for; drop() it first, or use the embedding model that filled it",
                expected=is_there,
                actual=wanted,
            )
