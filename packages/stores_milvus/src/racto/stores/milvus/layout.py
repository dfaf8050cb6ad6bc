"""The collection: which columns it has, how it is made, and whether one that is there fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError

from .connection import library
from .records import MOST_PIECES, PIECE_BYTES
from .settings import MilvusSettings
from .tokens import NUMBERS

COLUMNS = ("key", "vector", "payload", "pieces", "place", "tokens", *NUMBERS)
"""The columns of a collection."""


def schema_of(dimension: int) -> Any:
    """The schema that ``create_collection`` of the client takes.

    Args:
        dimension: Length of the vectors.
    """
    kinds = library().DataType
    schema = library().MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", kinds.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("vector", kinds.FLOAT_VECTOR, dim=dimension)
    schema.add_field("payload", kinds.VARCHAR, max_length=PIECE_BYTES)
    schema.add_field(
        "pieces",
        kinds.ARRAY,
        element_type=kinds.VARCHAR,
        max_length=PIECE_BYTES,
        max_capacity=MOST_PIECES,
    )
    schema.add_field("place", kinds.VARCHAR, max_length=PIECE_BYTES)
    schema.add_field("tokens", kinds.VARCHAR, max_length=PIECE_BYTES)
    for name in NUMBERS:
        schema.add_field(name, kinds.INT64)
    return schema


def indexing(settings: MilvusSettings) -> Any:
    """The index parameters that ``create_index`` of the client takes."""
    index = library().MilvusClient.prepare_index_params()
    index.add_index(
        "vector",
        index_type=settings.index_type,
        metric_type=settings.metric,
        params=dict(settings.index_params),
    )
    return index


def dimension_of(description: Mapping[str, Any], settings: MilvusSettings) -> int:
    """The length of the vectors of a collection that is there.

    Args:
        description: What ``describe_collection`` of the client says.
        settings: The store's.

    Raises:
        ConfigurationError: If the collection was not made by racto.
    """
    fields = {field["name"]: field for field in description["fields"]}
    missing = [name for name in COLUMNS if name not in fields]
    if missing:
        raise ConfigurationError(
            f"collection {settings.collection!r} is there and was not made by racto: it has no "
            f"columns {', '.join(missing)}; choose another name"
        )
    return int(fields["vector"]["params"]["dim"])


def check_metric(index: Mapping[str, Any] | None, settings: MilvusSettings) -> None:
    """Compare the metric of a collection's index with the store's.

    Args:
        index: What ``describe_index`` of the client says; None when there is no index.
        settings: The store's.

    Raises:
        ConfigurationError: If they differ: scores would mean something else than asked for.
    """
    metric = (index or {}).get("metric_type", settings.metric)
    if metric != settings.metric:
        raise ConfigurationError(
            f"collection {settings.collection!r} was made with metric_type={metric!r}, and this "
            f"store has {settings.metric!r}"
        )
