"""Plans: names that Chroma takes, settings in its own words, and scores that grow with nearness."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.stores.chroma.plan import HNSW, Plan, collection_name


def test_names_become_what_chroma_takes() -> None:
    assert collection_name("notes-2026.v1_a") == "notes-2026.v1_a"
    others = ["ab", "a b", "-abc", "日本語", "x" * 513, "a/../b", "\ud800"]
    made = {collection_name(name) for name in others}
    assert len(made) == len(others)
    assert all(collection_name(name) == name for name in made)
    with pytest.raises(ConfigurationError):
        collection_name("")


def test_settings_and_notes() -> None:
    told = Plan(distance="l2", hnsw=HNSW(max_neighbors=32, ef_search=200)).to_create(3)
    graph = {"space": "l2", "max_neighbors": 32, "ef_search": 200}
    assert told["configuration"] == {"hnsw": graph}
    assert told["embedding_function"] is None
    made = SimpleNamespace(name="n", metadata=told["metadata"])
    assert Plan(distance="l2").dimension_of(made) == 3
    with pytest.raises(ConfigurationError, match="compares by l2"):
        Plan().dimension_of(made)
    with pytest.raises(ConfigurationError, match="another program"):
        Plan().dimension_of(SimpleNamespace(name="n", metadata=None))
    unknown: Any = "hamming"
    with pytest.raises(ConfigurationError):
        Plan(distance=unknown)


def test_distances_become_scores() -> None:
    assert Plan(distance="l2").score(9.0) == -3.0
    assert str(Plan(distance="l2").score(0.0)) == "0.0"
    assert Plan(distance="ip").score(-5.0) == 6.0
    assert Plan().score(0.25) == 0.75
