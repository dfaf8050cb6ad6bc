"""What an index must satisfy before it is searched: numbers from a file are used as addresses.

Newer versions of Faiss compare some of it themselves; not all that are supported do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .flat import library
from .kinds import IndexKind

_CODES = {"hnsw": b"IHNf", "ivf": b"IwFl"}


def is_flat(head: bytes) -> bool:
    """Whether an index that begins so is a flat one: IVF indexes are until they have learned."""
    return head[:3] == b"IxF"


def check_header(head: bytes, size: int, kind: IndexKind, count: int, dimension: int) -> None:
    """Compare the first bytes and the size of a graph or of lists with what they must be.

    Args:
        head: Its first 16 bytes.
        size: All its bytes.
        kind: What it must be.
        count: Rows that it must have.
        dimension: Values a row.

    Raises:
        ValueError: If it is something else.
    """
    code = _CODES[kind.structure]
    expected = code + dimension.to_bytes(4, "little") + count.to_bytes(8, "little")
    if head[:16] != expected:
        raise ValueError(f"the index is no {kind.name} of {count} x {dimension}")
    # A length that is out of all proportion would be allocated before it is found wrong.
    vectors = 4 * count * dimension
    around = count * (64 + 16 * kind.m) + kind.nlist * (4 * dimension + 64) + 65_536
    if not vectors <= size <= vectors + around:
        raise ValueError(f"the index has {size} bytes for {vectors} bytes of vectors")


def check_index(engine: Any, kind: IndexKind, count: int, dimension: int) -> None:
    """Compare an index that Faiss has read with what it must be.

    Raises:
        ValueError: If it is something else, or its rows, links or lists do not fit together.
    """
    measure = library().METRIC_L2 if kind.metric == "l2" else library().METRIC_INNER_PRODUCT
    if (engine.ntotal, engine.d, engine.metric_type) != (count, dimension, measure):
        raise ValueError("the index has other rows than the manifest says")
    if not engine.is_trained:
        raise ValueError("the index is not trained")
    if hasattr(engine, "hnsw"):
        _check_graph(engine, kind, count)
    else:
        _check_lists(engine, kind, count)


def _check_graph(engine: Any, kind: IndexKind, count: int) -> None:
    graph, array = engine.hnsw, library().vector_to_array
    levels, offsets = array(graph.levels), array(graph.offsets).astype(np.int64)
    room, links = array(graph.cum_nneighbor_per_level), array(graph.neighbors)
    storage = library().downcast_index(engine.storage)
    if storage.ntotal != count or storage.codes.size() != 4 * count * engine.d:
        raise ValueError("the graph has other vectors than rows")
    if room[1] != 2 * kind.m or (np.diff(room[1:]) != kind.m).any():
        raise ValueError(f"the graph was made with another m than {kind.m}")
    if len(levels) != count or (count and not 1 <= levels.min() <= levels.max() < len(room)):
        raise ValueError("the graph has other levels than rows")
    # Where the links of a row begin follows from the levels of the rows before it.
    expected = np.concatenate([[0], np.cumsum(room[levels])])
    if not np.array_equal(offsets, expected) or len(links) != expected[-1]:
        raise ValueError("the graph has another number of links")
    if len(links) and not -1 <= links.min() <= links.max() < count:
        raise ValueError("the graph leads to rows that are not there")
    if count and not (0 <= graph.entry_point < count and graph.max_level == levels.max() - 1):
        raise ValueError("the graph has no entry")
    if count and levels[graph.entry_point] != levels.max():
        raise ValueError("the graph's entry is not at its top")
    for level in range(1, int(levels.max(initial=0))):
        for row in np.flatnonzero(levels > level).tolist():
            own = links[offsets[row] + room[level] : offsets[row] + room[level + 1]]
            # A row that ends below has no links up here; reading them would leave its place.
            if (levels[own[own >= 0]] <= level).any():
                raise ValueError("the graph leads to rows that end below")


def _check_lists(engine: Any, kind: IndexKind, count: int) -> None:
    if engine.nlist != kind.nlist or engine.quantizer.ntotal != kind.nlist:
        raise ValueError(f"the index has {engine.nlist} lists and not {kind.nlist}")
    # The heads of the lists are an index of their own, which a file could swap for any other.
    heads = library().downcast_index(engine.quantizer)
    if heads.d != engine.d or heads.codes.size() != 4 * kind.nlist * engine.d:
        raise ValueError("the lists have no heads")
    lists = engine.invlists
    if lists.nlist != kind.nlist or lists.code_size != 4 * engine.d:
        raise ValueError("the index has other lists than it says")
    found = [
        library().rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
        for number in range(kind.nlist)
        if lists.list_size(number)
    ]
    # Rows are fetched by number later on, so none may be missing, doubled or beyond the end.
    rows = np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    if not np.array_equal(rows, np.arange(count)):
        raise ValueError("the lists do not hold each row once")
