"""The vector store of a pipeline: given, or found by its name and filled from the index."""

from __future__ import annotations

import threading

from racto.core import discovery
from racto.core.flows import Flow
from racto.core.protocols.stores import VectorStore
from racto.rag.index import DocumentIndex
from racto.rag.offload import offload

DEFAULT_STORE = "memory"
"""The entry point, in the group ``racto.vector_stores``, that is used when no store is given."""


class Shelf:
    """Holds a vector store and sees to it that it holds what the index holds.

    Args:
        index: The truth, when it lies in a folder.
        store: The store; None makes the default one when it is first wanted.
    """

    def __init__(self, index: DocumentIndex, store: VectorStore | None) -> None:
        self._index = index
        self._guard = threading.Lock()
        self._store = store if store is not None or index.is_durable else _default_store()
        self._is_own = store is None
        self._is_filled = not index.is_durable

    def current(self) -> VectorStore | None:
        """The store if it is in use; None while it waits to be filled from the index."""
        with self._guard:
            return self._store if self._is_filled else None

    def open(self) -> VectorStore:
        """The store, filled from the index the first time."""
        # Under the lock, so that two first questions do not fill the store twice.
        with self._guard:
            store = self._store if self._store is not None else _default_store()
            if not self._is_filled:
                for chunks in self._index.pages():
                    store.add(chunks)
            self._store, self._is_filled = store, True
            return store

    def opened(self) -> Flow[VectorStore]:
        """The same as a step of a flow, off the event loop while it fills."""
        store = self.current()
        if store is None:
            store = yield from offload(self.open)
        return store

    def close(self) -> None:
        """Close the store if it was made here; a store that was given belongs to its giver."""
        if self._is_own and self._store is not None:
            self._store.close()


def _default_store() -> VectorStore:
    store: VectorStore = discovery.create("racto.vector_stores", DEFAULT_STORE)
    return store
