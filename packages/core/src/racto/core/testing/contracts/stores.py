"""The contract of vector stores: writing, searching, round trips, filters, powers and scale."""

from __future__ import annotations

from racto.core.protocols.stores import VectorStore

from .store_filtering import StoreFiltering
from .store_powers import POWERS, StorePowers
from .store_scale import StoreScale
from .store_searching import StoreRoundTrips, StoreSearching
from .store_writing import StoreWriting


class VectorStoreContract(
    StoreWriting,
    StoreSearching,
    StoreRoundTrips,
    StoreFiltering,
    StorePowers,
    StoreScale,
    subject="store",
    protocol=VectorStore,
    powers=POWERS,
):
    """All laws of a vector store.

    Give a fixture ``store``: a new, empty store for vectors of ``self.dimension`` values. Most
    laws search with cosine, dot product and distance in agreement, so any metric will do. A store
    that outlives its process says in ``elsewhere`` how another process opens it.
    """
