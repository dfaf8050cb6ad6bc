"""Plans: settings reach the server in its own words, and what cannot be is refused early."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.errors import ConfigurationError, DimensionMismatchError
from racto.stores.qdrant import HNSW, Quantization
from racto.stores.qdrant.plan import Plan


@pytest.mark.parametrize("name", ["", "a/b", "..", "a\\b", "x" * 256, "a\nb", "a?b", "\ud800"])
def test_names_that_qdrant_refuses(name: str) -> None:
    with pytest.raises(ConfigurationError, match="collection"):
        Plan(name=name)


def test_every_setting_is_told() -> None:
    from qdrant_client import models

    plan = Plan(
        name="notes", distance="dot", vector_name="text", keywords=True, on_disk=True, exact=True,
        hnsw=HNSW(m=32, ef_construct=200, ef=128, full_scan_threshold=100, on_disk=True),
        quantization=Quantization(quantile=0.99, always_ram=True, rescore=True, oversampling=2.0),
        indexes={"lang": "text", "year": "number", "ok": "flag", "day": "day", "a.b": "instant"},
    )  # fmt: skip
    told = plan.to_create(3)
    models.CreateCollection.model_validate(told)
    assert told == {
        "vectors": {"text": {"size": 3, "distance": "Dot", "on_disk": True}},
        "hnsw_config": {
            "m": 32, "ef_construct": 200, "full_scan_threshold": 100, "on_disk": True
        },
        "quantization_config": {"scalar": {"type": "int8", "quantile": 0.99, "always_ram": True}},
        "sparse_vectors": {"keywords": {"modifier": "idf"}},
    }  # fmt: skip
    assert plan.to_search() == {
        "exact": True, "hnsw_ef": 128, "quantization": {"rescore": True, "oversampling": 2.0}
    }  # fmt: skip
    models.SearchParams.model_validate(plan.to_search())
    assert plan.payload_indexes() == {
        "keys": "keyword", "nulls": "keyword", "facts.doc_id": "keyword",
        "facts.source": "keyword", "facts.chunk_index": "float", "facts.lang": "keyword",
        "facts.year": "float", "flags.ok": "bool", "dates.day.day": "float",
        'dates.instant."a.b"': "float",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["scalar", "product", "binary"])
def test_quantization_of_each_kind_is_valid(kind: Any) -> None:
    from qdrant_client import models

    told = Plan(name="n", quantization=Quantization(kind=kind)).to_create(8)
    made = models.CreateCollection.model_validate(told)
    assert kind in made.model_dump(exclude_none=True)["quantization_config"]


@pytest.mark.parametrize(
    "settings",
    [
        {"distance": "hamming"}, {"indexes": {"lang": "keyword"}}, {"indexes": {'a"b': "text"}},
        {"vector_name": "keywords"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(settings: Any) -> None:
    with pytest.raises(ConfigurationError):
        Plan(name="notes", **settings)


def test_a_collection_that_is_there_must_fit() -> None:
    plan = Plan(name="notes", keywords=True)
    fitting: dict[str, Any] = {"vectors": {"size": 3, "distance": "Cosine"}}
    with pytest.raises(ConfigurationError, match="without keywords"):
        plan.dimension_of(fitting)
    assert plan.dimension_of({**fitting, "sparse_vectors": {"keywords": {}}}) == 3
    for wrong in ({"size": 3, "distance": "Dot"}, {"text": {"size": 3, "distance": "Cosine"}}):
        with pytest.raises(ConfigurationError):
            plan.dimension_of({"vectors": wrong})
    with pytest.raises(DimensionMismatchError, match="drop"):
        plan.check_dimension(3, 4)


def test_distances_become_scores() -> None:
    assert Plan(name="n", distance="euclid").score(2.0) == -2.0
    assert str(Plan(name="n", distance="manhattan").score(0.0)) == "0.0"
    assert Plan(name="n", distance="dot").score(2.0) == 2.0
