"""Names of index types are read as they are documented; wrong settings are refused."""

from __future__ import annotations

import pytest

from racto.core.errors import ConfigurationError
from racto.stores.faiss import FAISSStore, IndexKind
from racto.stores.faiss.kinds import kind_of


@pytest.mark.parametrize("name", ["flat_ip", "flat_l2", "hnsw_dot", "ivf_ip"])
def test_a_name_is_a_structure_and_a_metric(name: str) -> None:
    kind = kind_of(name)
    assert kind.name == name
    assert kind.normalised is name.endswith("ip")


@pytest.mark.parametrize("name", ["", "flat", "ip", "flat_cosine", "pq_ip"])
def test_unknown_names_are_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigurationError, match="hnsw_l2"):
        FAISSStore(index_type=name)


@pytest.mark.parametrize(
    "settings", [{"m": 1}, {"ef_construction": 0}, {"ef_search": 0}, {"nlist": 0}]
)
def test_settings_out_of_range_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(settings))):
        kind_of("flat_ip", **settings)


def test_no_more_lists_are_probed_than_there_are() -> None:
    with pytest.raises(ConfigurationError, match="nprobe"):
        IndexKind(structure="ivf", nlist=4, nprobe=5)
