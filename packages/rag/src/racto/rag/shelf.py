"""The vector store of a pipeline: given, or found by its name and filled from the index."""

from __future__ import annotations

import threading
import time

from racto.core import discovery
from racto.core.flows import Flow
from racto.core.protocols.stores import VectorStore
from racto.rag.index import DocumentIndex
from racto.rag.offload import offload

DEFAULT_STORE = "memory"
"""The entry point, in the group ``racto.vector_stores``, that is used when no store is given."""

_REST = 10


class Shelf:
    """Holds a vector store and sees to it that it holds what the index holds.

    A store that was made here is made anew when another process has changed the index; one that
    was given is filled once, because others may have put their chunks into it.

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
        self._state = 0
        self._next_look = 0.0

    def current(self) -> VectorStore | None:
        """The store if it is in use; None while it waits to be filled from the index."""
        with self._guard:
            # One that was given may outlive the process: what leaves the index leaves it too.
            return self._store if self._is_filled or not self._is_own else None

    def open(self) -> VectorStore:
        """The store, filled from the index the first time and when it has fallen behind."""
        # Under the lock, so that two first questions do not fill the store twice.
        with self._guard:
            store = self._store
            if store is None or not self._is_filled or self._is_behind():
                # What is searched meanwhile stays whole: a new store takes the old one's place.
                store = self._store = self._filled(_default_store() if self._is_own else store)
                self._is_filled = True
            return store

    def _is_behind(self) -> bool:
        if not (self._is_own and self._index.is_durable) or time.monotonic() < self._next_look:
            return False
        return self._state != self._index.state_of_others()

    def _filled(self, store: VectorStore | None) -> VectorStore:
        began = time.monotonic()
        store = store if store is not None else _default_store()
        # Before the first page: what is changed after it is seen the next time.
        self._state = self._index.state_of_others()
        for chunks in self._index.pages():
            store.add(chunks)
        # Another process that goes on writing must not have us do nothing else than read.
        ended = time.monotonic()
        self._next_look = ended + _REST * (ended - began)
        return store

    def opened(self) -> Flow[VectorStore]:
        """The same as a step of a flow, off the event loop while it fills."""
        return (yield from offload(self.open))

    def close(self) -> None:
        """Close the store if it was made here; a store that was given belongs to its giver."""
        if self._is_own and self._store is not None:
            self._store.close()


def _default_store() -> VectorStore:
    store: VectorStore = discovery.create("racto.vector_stores", DEFAULT_STORE)
    return store
