"""The kinds of index: how rows are compared, and by which structure they are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from racto.core.errors import ConfigurationError

Metric: TypeAlias = Literal["ip", "dot", "l2"]
"""``ip`` is the product of normalised vectors, which is the cosine; ``dot`` is the product of
vectors as they are; ``l2`` the distance with its sign turned."""

Structure: TypeAlias = Literal["flat", "hnsw", "ivf"]
"""``flat`` compares all rows; ``hnsw`` walks a graph; ``ivf`` looks into the nearest of some lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexKind:
    """A structure, a metric, and their settings.

    Attributes:
        structure: How rows are found.
        metric: How rows are compared.
        m: Neighbours a row has in the graph of ``hnsw``.
        ef_construction: Candidates looked at while a row is put into the graph.
        ef_search: Candidates looked at by a search in the graph; more find better and slower.
        nlist: Lists of ``ivf``; it compares all rows until there are 39 a list to learn from.
        nprobe: Lists that a search looks into; more find better and slower.

    Raises:
        ConfigurationError: If a setting is below 1, or more lists are probed than there are.
    """

    structure: Structure = "flat"
    metric: Metric = "ip"
    m: int = 32
    ef_construction: int = 80
    ef_search: int = 64
    nlist: int = 100
    nprobe: int = 10

    def __post_init__(self) -> None:
        for name, least in (("m", 2), ("ef_construction", 1), ("ef_search", 1), ("nlist", 1)):
            if getattr(self, name) < least:
                raise ConfigurationError(
                    f"{name} must be at least {least}, not {getattr(self, name)}"
                )
        if not 1 <= self.nprobe <= self.nlist:
            raise ConfigurationError(
                f"nprobe must be from 1 to nlist={self.nlist}, not {self.nprobe}"
            )

    @property
    def name(self) -> str:
        """The structure and the metric as ``index_type`` names them."""
        return f"{self.structure}_{self.metric}"

    @property
    def normalised(self) -> bool:
        """Whether rows and queries are brought to length 1."""
        return self.metric == "ip"


def kind_of(index_type: str, **settings: int) -> IndexKind:
    """The kind of this name, such as ``flat_ip`` or ``hnsw_l2``.

    Args:
        index_type: A structure and a metric, joined by ``_``.
        **settings: Settings of :class:`IndexKind`.

    Raises:
        ConfigurationError: If there is none, or a setting is wrong.
    """
    for structure in get_args(Structure):
        for metric in get_args(Metric):
            if index_type == f"{structure}_{metric}":
                return IndexKind(structure=structure, metric=metric, **settings)
    names = [f"{one}_{two}" for one in get_args(Structure) for two in get_args(Metric)]
    raise ConfigurationError(f"index_type={index_type!r} is unknown; choose among {names}")
