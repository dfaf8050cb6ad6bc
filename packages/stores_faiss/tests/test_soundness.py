"""An index from a file is refused when its numbers do not fit together, before it is searched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import faiss
import numpy as np
import pytest

from racto.stores.faiss.index import FaissIndex
from racto.stores.faiss.kinds import IndexKind, kind_of
from racto.stores.faiss.soundness import check_header, check_index, is_flat

ROWS, WIDTH = 400, 8


def built(name: str) -> tuple[IndexKind, Any]:
    kind = kind_of(name, m=4, nlist=5, nprobe=5)
    index = FaissIndex(kind, WIDTH)
    index.add(np.random.default_rng(0).random((ROWS, WIDTH), dtype=np.float32))
    return kind, index.engine


@pytest.mark.parametrize("name", ["hnsw_dot", "ivf_l2"])
def test_what_was_built_is_sound(name: str) -> None:
    kind, engine = built(name)
    data = faiss.serialize_index(engine).tobytes()
    check_header(data[:16], len(data), kind, ROWS, WIDTH)
    check_index(engine, kind, ROWS, WIDTH)
    assert not is_flat(data)


@pytest.mark.parametrize("name", ["hnsw_l2", "ivf_l2"])
def test_headers_of_something_else_are_refused(name: str) -> None:
    kind, engine = built(name)
    data = faiss.serialize_index(engine).tobytes()
    head, size = data[:16], len(data)
    wrong: list[tuple[bytes, int, int, int]] = [
        (b"IxPQ" + head[4:], size, ROWS, WIDTH),
        (head, size, ROWS + 1, WIDTH),
        (head, size, ROWS, WIDTH + 1),
        (head, 4 * ROWS * WIDTH - 1, ROWS, WIDTH),
        (head, size + 10_000_000, ROWS, WIDTH),
        (b"", 0, ROWS, WIDTH),
    ]
    for first, bytes_, rows, width in wrong:
        with pytest.raises(ValueError, match="the index"):
            check_header(first, bytes_, kind, rows, width)


@pytest.mark.parametrize("name", ["hnsw_l2", "ivf_l2"])
def test_other_rows_than_announced_are_refused(name: str) -> None:
    kind, engine = built(name)
    for rows, width in ((ROWS + 1, WIDTH), (ROWS, WIDTH + 1)):
        with pytest.raises(ValueError, match="other rows"):
            check_index(engine, kind, rows, width)
    with pytest.raises(ValueError, match="other rows"):
        check_index(engine, kind_of(name.replace("l2", "ip")), ROWS, WIDTH)


def _set(field: str, change: Callable[[np.ndarray], None]) -> Callable[[Any], None]:
    def apply(graph: Any) -> None:
        values = faiss.vector_to_array(getattr(graph, field))
        change(values)
        faiss.copy_array_to_vector(values, getattr(graph, field))

    return apply


def _far(values: np.ndarray) -> None:
    values[0] = ROWS


def _shifted(values: np.ndarray) -> None:
    values[1:] += 1


def _tall(values: np.ndarray) -> None:
    values[0] = 60


@pytest.mark.parametrize(
    "damage",
    [
        _set("neighbors", _far),
        _set("offsets", _shifted),
        _set("levels", _tall),
        lambda graph: setattr(graph, "entry_point", ROWS),
        lambda graph: setattr(graph, "max_level", 60),
    ],
)
def test_graphs_that_lead_outside_are_refused(damage: Callable[[Any], None]) -> None:
    kind, engine = built("hnsw_l2")
    damage(engine.hnsw)
    with pytest.raises(ValueError, match="the graph"):
        check_index(engine, kind, ROWS, WIDTH)


def test_a_link_to_a_row_that_ends_below_is_refused() -> None:
    kind, engine = built("hnsw_l2")
    graph = engine.hnsw
    levels = faiss.vector_to_array(graph.levels)
    links, offsets = faiss.vector_to_array(graph.neighbors), faiss.vector_to_array(graph.offsets)
    tall, short = int(np.argmax(levels)), int(np.argmin(levels))
    links[int(offsets[tall]) + 2 * kind.m] = short
    faiss.copy_array_to_vector(links, graph.neighbors)
    with pytest.raises(ValueError, match="end below"):
        check_index(engine, kind, ROWS, WIDTH)


def test_lists_that_hold_a_row_twice_are_refused() -> None:
    kind, engine = built("ivf_l2")
    ids = faiss.rev_swig_ptr(engine.invlists.get_ids(0), engine.invlists.list_size(0))
    ids[0] = ids[1]
    with pytest.raises(ValueError, match="each row once"):
        check_index(engine, kind, ROWS, WIDTH)


def test_other_settings_than_the_stores_are_refused() -> None:
    _, graph = built("hnsw_l2")
    with pytest.raises(ValueError, match="another m"):
        check_index(graph, kind_of("hnsw_l2", m=8), ROWS, WIDTH)
    _, lists = built("ivf_l2")
    with pytest.raises(ValueError, match="5 lists and not 6"):
        check_index(lists, kind_of("ivf_l2", nlist=6, nprobe=1), ROWS, WIDTH)
