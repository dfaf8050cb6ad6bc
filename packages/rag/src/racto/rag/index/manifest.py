"""What an index was made with, so that vectors of two models never meet in it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields

from racto.core.errors import ConfigurationError, DimensionMismatchError
from racto.core.protocols.embedders import Embedder, Fingerprinted


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Facts about a whole index.

    Attributes:
        embedder: Name of the embedder, for messages; empty before the first vector.
        fingerprint: Its vector space; see :class:`~racto.core.protocols.Fingerprinted`.
        dimension: Length of the vectors; 0 before the first one.
        chunker: Chunker of the last ingestion, with its settings.
        chunk_size: Its chunk size in characters; 0 when it has none.
        overlap: Its overlap in characters.
    """

    embedder: str = ""
    fingerprint: str = ""
    dimension: int = 0
    chunker: str = ""
    chunk_size: int = 0
    overlap: int = 0

    def check(self, embedder: Embedder, where: str) -> None:
        """Raise when an embedder's vectors cannot be compared with those of the index.

        Raises:
            DimensionMismatchError: If its vectors have another length.
            ConfigurationError: If they are of another model.
        """
        if not self.dimension:
            return
        other = name_of(embedder)
        # Some embedders learn their dimension from the first reply; they are checked then.
        if embedder.dimension > 0:
            self.check_dimension(embedder.dimension, where, other)
        if self.fingerprint != fingerprint_of(embedder):
            raise ConfigurationError(
                f"index {where} was made with the embedder {self.embedder}, not {other}; {_ADVICE}"
            )

    def check_dimension(self, dimension: int, where: str, embedder: str) -> None:
        """Raise DimensionMismatchError when vectors of this length do not fit the index."""
        if self.dimension and dimension != self.dimension:
            raise DimensionMismatchError(
                f"index {where} holds vectors of length {self.dimension} made by "
                f"{self.embedder}, and {embedder} makes vectors of length {dimension}; {_ADVICE}",
                expected=self.dimension,
                actual=dimension,
            )


_ADVICE = "use the embedder that made it, or ingest into another folder with --index"


def name_of(embedder: Embedder) -> str:
    """A name for people: the class's, and the model's where it tells."""
    model = getattr(embedder, "model", None)
    name = type(embedder).__name__
    return f"{name} ({model})" if isinstance(model, str) and model else name


def fingerprint_of(embedder: Embedder) -> str:
    """The embedder's own fingerprint, or the name of its class where it has none."""
    # Without a fingerprint the class and model are the best that can be known.
    if isinstance(embedder, Fingerprinted):
        return embedder.fingerprint
    return f"{type(embedder).__module__}.{name_of(embedder)}"


def read_manifest(connection: sqlite3.Connection) -> Manifest:
    """The manifest as it is now; entries of later versions are ignored."""
    stored = dict(connection.execute("SELECT key, value FROM manifest").fetchall())
    values = {
        item.name: type(item.default)(stored[item.name])  # type: ignore[misc]
        for item in fields(Manifest)
        if item.name in stored
    }
    return Manifest(**values)


def write_manifest(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Write a manifest inside the caller's transaction."""
    connection.executemany(
        "INSERT OR REPLACE INTO manifest (key, value) VALUES (?, ?)",
        [(item.name, str(getattr(manifest, item.name))) for item in fields(Manifest)],
    )
