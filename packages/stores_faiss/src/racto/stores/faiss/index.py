"""Rows that are numbered by their order, with or without a Faiss index, and the ways to search them.

Rows are not moved when some are removed: a search is told which to look at, by a bitmap. An
``IndexIDMap2`` would move all vectors for each removal, which takes 16 ms at 100,000 x 384.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .failures import translated
from .flat import FlatRows, library, measure_of, selector_of
from .kinds import IndexKind
from .vectors import Floats, Numbers

ROWS_A_LIST = 39
"""So many rows a list Faiss wants for the training of an IVF index."""

# Up to so many rows, or this share of all, comparing all of them beats a walk that skips most.
_FEW_ROWS = 2_000
_FEW_SHARE = 0.1


class FaissIndex:
    """Rows of one kind; not safe to read while somebody adds.

    Args:
        kind: Structure, metric and settings.
        dimension: Values a row.
        engine: Rows or an index of this kind that were read; new ones unless given.
    """

    def __init__(self, kind: IndexKind, dimension: int, *, engine: Any = None) -> None:
        self.kind = kind
        self.dimension = dimension
        with translated("make an index"):
            self.engine = engine or self._new()

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.engine.ntotal)

    @property
    def learned(self) -> bool:
        """Whether it is what its kind says; an IVF index compares all rows until it can learn."""
        return self.kind.structure != "ivf" or hasattr(self.engine, "nlist")

    def add(self, rows: Floats) -> None:
        """Append rows of shape (n, d).

        Raises:
            StoreError: If Faiss gave up.
        """
        with translated(f"add {len(rows)} vectors"):
            self.engine.add(rows)
            if not self.learned and self.size >= ROWS_A_LIST * self.kind.nlist:
                self.engine = self._trained(self.rows(np.arange(self.size)))

    def rows(self, numbers: Numbers) -> Floats:
        """Copies of rows, shape (n, d)."""
        if not len(numbers):
            return np.zeros((0, self.dimension), dtype=np.float32)
        if isinstance(self.engine, FlatRows):
            return self.engine.rows[numbers]
        found: Floats = self.engine.reconstruct_batch(numbers)
        return found

    def nearest(
        self, queries: Floats, count: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """The rows nearest to each query.

        Args:
            queries: Shape (q, d).
            count: Most rows a query, at least 1.
            allowed: Which rows may be found, shape (size,); None for all.

        Returns:
            Row numbers, shape (q, count), best first, padded with -1.

        Raises:
            StoreError: If Faiss gave up.
        """
        possible = self.size if allowed is None else int(np.count_nonzero(allowed))
        wanted = min(count, possible)
        if not wanted:
            return np.full((len(queries), 0), -1, dtype=np.int64)
        with translated("search"):
            if self._compares_all(possible):
                return self._search(queries, wanted, allowed, exact=True)
            found = self._search(queries, wanted, allowed, exact=False)
            # A graph or list may run out of rows before enough were met that are allowed.
            short = (found < 0).any(axis=1)
            if short.any():
                found[short] = self._search(queries[short], wanted, allowed, exact=True)
            return found

    def _compares_all(self, possible: int) -> bool:
        if self.kind.structure == "flat" or not self.learned:
            return True
        return possible <= max(_FEW_ROWS, int(_FEW_SHARE * self.size))

    def _search(
        self, queries: Floats, count: int, allowed: NDArray[np.bool_] | None, *, exact: bool
    ) -> NDArray[np.int64]:
        faiss, engine = library(), self.engine
        if isinstance(engine, FlatRows):
            return engine.nearest(queries, count, allowed)
        settings: dict[str, Any] = {}
        if allowed is not None:
            settings["sel"] = selector_of(allowed)
        make = faiss.SearchParameters
        # Each structure takes its own parameters, and refuses those of another.
        if hasattr(engine, "nlist"):
            make = faiss.SearchParametersIVF
            settings["nprobe"] = engine.nlist if exact else self.kind.nprobe
        elif hasattr(engine, "hnsw"):
            if exact:
                # A graph keeps its rows in a flat index, which answers exactly.
                engine = engine.storage
            else:
                make = faiss.SearchParametersHNSW
                settings["efSearch"] = max(self.kind.ef_search, count)
        _, found = engine.search(queries, count, params=make(**settings) if settings else None)
        return np.asarray(found)

    def kept(self, rows: Numbers) -> FaissIndex:
        """An index of just these rows, in this order; a graph is built anew."""
        fresh = FaissIndex(self.kind, self.dimension, engine=self._untrained_copy())
        for at in range(0, len(rows), _STRIDE):
            fresh.add(self.rows(rows[at : at + _STRIDE]))
        return fresh

    def without(self, gone: NDArray[np.bool_]) -> None:
        """Remove rows in place, which moves those after them; for flat indexes.

        Args:
            gone: Which rows, shape (size,).
        """
        with translated("remove vectors"):
            self.engine.remove(gone)

    def _new(self) -> Any:
        kind = self.kind
        if kind.structure != "hnsw":
            return FlatRows(kind, self.dimension)
        graph = library().IndexHNSWFlat(self.dimension, kind.m, measure_of(kind))
        graph.hnsw.efConstruction = kind.ef_construction
        return graph

    def _untrained_copy(self) -> Any:
        if not hasattr(self.engine, "nlist"):
            return self._new()
        # The lists that were learned stay good for what is left of the rows.
        copy = library().clone_index(self.engine)
        copy.reset()
        copy.set_direct_map_type(library().DirectMap.Array)
        return copy

    def _trained(self, rows: Floats) -> Any:
        faiss, kind = library(), self.kind
        measure = measure_of(kind)
        quantiser = faiss.IndexFlat(self.dimension, measure)
        lists = faiss.IndexIVFFlat(quantiser, self.dimension, kind.nlist, measure)
        lists.train(rows)
        # Without the map a row could be found by search but not by its number.
        lists.set_direct_map_type(faiss.DirectMap.Array)
        lists.add(rows)
        return lists


_STRIDE = 4096
