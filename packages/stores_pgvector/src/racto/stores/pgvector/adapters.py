"""What a connection learns: to send values that are packed already, and to read vectors as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from .packing import Packed


def register(adapters: Any) -> None:
    """Teach a connection that knows pgvector's types.

    Args:
        adapters: The connection's.
    """
    from psycopg.adapt import Dumper, Loader
    from psycopg.pq import Format

    class PackedDumper(Dumper):
        format = Format.BINARY

        # A dumper sends one type, so each type gets one of its own.
        def get_key(self, obj: Packed, format: Any) -> Any:
            return (self.cls, obj.oid)

        def upgrade(self, obj: Packed, format: Any) -> Any:
            other = PackedDumper(self.cls)
            other.oid = obj.oid
            return other

        def dump(self, obj: Packed) -> bytes:
            return obj.data

    class VectorLoader(Loader):
        format = Format.BINARY
        wire = ">f4"

        def load(self, data: Any) -> Any:
            return np.frombuffer(data, self.wire, offset=4).astype(np.float32)

    class HalfvecLoader(VectorLoader):
        wire = ">f2"

    adapters.register_dumper(Packed, PackedDumper)
    adapters.register_loader("vector", VectorLoader)
    adapters.register_loader("halfvec", HalfvecLoader)
