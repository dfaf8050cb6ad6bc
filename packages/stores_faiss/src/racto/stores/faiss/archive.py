"""A store in one file: a zip archive of JSON lines and of the index as Faiss writes it.

Members, none of them compressed: ``facts.jsonl``, what chunks share (:class:`~.records.Facts`);
``chunks.jsonl``, one array a chunk (id, text, number of its facts, index, start, end);
``lengths.f4``, lengths of the vectors as they were given; ``index.faiss``; ``manifest.json``, with
the size and the SHA-256 of each. Reading parses JSON and numbers; nothing in the file is ever run.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields, replace
from hashlib import sha256
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from racto.core.documents import METADATA_FIELDS, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    IndexCorruptError,
    RactoGatewayError,
)
from racto.core.records import dumped, loaded, plain, revived

from .contents import Contents
from .failures import translated
from .flat import FlatRows, library
from .index import FaissIndex
from .kinds import IndexKind
from .records import Facts, Records
from .replacement import replacement
from .soundness import check_header, check_index, is_flat
from .vectors import LONGEST, lengths_of

FORMAT = "racto-stores-faiss"
VERSION = 1

_MEMBERS = ("facts.jsonl", "chunks.jsonl", "lengths.f4", "index.faiss")
_BLOCK = 1 << 20
_LONGEST_MANIFEST = 1 << 16
# Settings that a search may choose anew; the others are built into the index.
_FREE = {"ef_construction", "ef_search", "nprobe"}
# All that zipfile, json, numpy and Faiss raise on bytes which they did not write.
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_LIMITING = Lock()


def write(path: str | PathLike[str], contents: Contents) -> None:
    """Write contents of which no row was removed; the file appears whole or not at all.

    Raises:
        IndexLockedError: If somebody else is writing it now.
        StoreError: If metadata holds what JSON and dates cannot express.
        OSError: If the file cannot be written.
    """
    records, index = contents.records, contents.index
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "kind": asdict(contents.kind),
        "dimension": contents.dimension,
        "chunks": len(records),
        "facts": len(records.facts),
        "members": {},
    }
    parts: dict[str, Callable[[Callable[[bytes], None]], None]] = {
        "facts.jsonl": lambda write: _write_lines(write, map(_facts_line, records.facts)),
        "chunks.jsonl": lambda write: _write_lines(write, records.lines()),
        "lengths.f4": lambda write: write(contents.lengths[: len(records)].astype("<f4").tobytes()),
    }
    if index is not None:
        parts["index.faiss"] = lambda write: _write_index(write, index)
    # The manifest comes last, since only then the checksums are known.
    with replacement(Path(path)) as file, zipfile.ZipFile(file, "w") as members:
        for name, part in parts.items():
            manifest["members"][name] = _written(members, name, part)
        members.writestr("manifest.json", json.dumps(manifest))


def read(path: str | PathLike[str], kind: IndexKind, dimension: int | None) -> Contents:
    """Read what :func:`write` wrote.

    Args:
        path: The file.
        kind: What its index must be.
        dimension: Values a vector must have; None takes any number.

    Raises:
        IndexCorruptError: If the file is damaged, of another version, or no saved store.
        ConfigurationError: If its index is of another kind.
        DimensionMismatchError: If its vectors have another length.
        OSError: If the file cannot be read.
    """
    with Path(path).open("rb") as file:
        try:
            with zipfile.ZipFile(file) as members:
                manifest = _manifest(members, kind, dimension, str(path))
                return _read(members, manifest, kind)
        except IndexCorruptError as error:
            raise _refusal(path, error) from error
        except RactoGatewayError:
            raise
        except _DAMAGE as error:
            raise _refusal(path, error) from error


def _refusal(path: str | PathLike[str], error: Exception) -> IndexCorruptError:
    return IndexCorruptError(
        f"{path} is damaged or no saved store ({error}); save it again from its source"
    )


def _manifest(
    members: zipfile.ZipFile, kind: IndexKind, dimension: int | None, path: str
) -> dict[str, Any]:
    with _opened(members, "manifest.json") as member:
        text = member.read(_LONGEST_MANIFEST + 1)
    # Bounded before it is parsed, because nothing has vouched for it yet.
    if len(text) > _LONGEST_MANIFEST:
        raise ValueError("the manifest is too long")
    manifest: dict[str, Any] = json.loads(text)
    if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
        raise ValueError(
            f"it has format {manifest['format']!r}, version {manifest['version']!r}, and this "
            f"release reads {FORMAT!r}, version {VERSION}"
        )
    saved, here = manifest["kind"], asdict(kind)
    built_in = [field.name for field in fields(IndexKind) if field.name not in _FREE]
    for name in built_in:
        if saved[name] != here[name]:
            raise ConfigurationError(
                f"{path} was saved with {name}={saved[name]!r}, and this store has {here[name]!r}"
            )
    actual = manifest["dimension"]
    if actual is not None and dimension not in (None, actual):
        raise DimensionMismatchError(
            f"{path} holds vectors of {actual} and the store is for {dimension}",
            expected=dimension or 0,
            actual=int(actual),
        )
    return manifest


def _read(members: zipfile.ZipFile, manifest: dict[str, Any], kind: IndexKind) -> Contents:
    count, dimension = manifest["chunks"], manifest["dimension"]
    # A store that never learned its dimension has no index to save.
    names = _MEMBERS if dimension is not None else _MEMBERS[:-1]
    for name in names:
        _check_sum(members, name, manifest["members"][name])
    facts = list(map(_facts, _lines(members, "facts.jsonl")))
    records = Records.from_lines(facts, _lines(members, "chunks.jsonl"))
    if (len(facts), len(records)) != (manifest["facts"], count):
        raise ValueError("the manifest counts other chunks than there are")
    with _opened(members, "lengths.f4") as member:
        lengths = np.frombuffer(member.read(), dtype="<f4").astype(np.float32)
    if len(lengths) != count or not np.isfinite(lengths).all():
        raise ValueError("the lengths are not those of the chunks")
    if dimension is None:
        if count:
            raise ValueError("there are chunks without vectors")
        return Contents(kind, None)
    index = _read_index(members, kind, count, dimension)
    return Contents.restored(index, records, lengths)


def _read_index(
    members: zipfile.ZipFile, kind: IndexKind, count: int, dimension: int
) -> FaissIndex:
    faiss, size = library(), members.getinfo("index.faiss").file_size
    with _opened(members, "index.faiss") as member:
        head = member.read(16)
    if kind.structure != "hnsw" and (kind.structure == "flat" or is_flat(head)):
        with _opened(members, "index.faiss") as member:
            flat = FlatRows.read(member.read, size, kind, count, dimension)
        return FaissIndex(kind, dimension, engine=flat)
    check_header(head, size, kind, count, dimension)
    with _opened(members, "index.faiss") as member, _LIMITING:
        # No table in the file can be longer than the file, whatever it says of itself.
        limit = faiss.get_deserialization_vector_byte_limit()
        faiss.set_deserialization_vector_byte_limit(size + _BLOCK)
        try:
            engine = faiss.read_index(faiss.PyCallbackIOReader(member.read, _BLOCK))
        finally:
            faiss.set_deserialization_vector_byte_limit(limit)
    # The map from rows to lists is made anew from lists that were checked, not taken from the file.
    if kind.structure == "ivf":
        engine.set_direct_map_type(faiss.DirectMap.NoMap)
        check_index(engine, kind, count, dimension)
        engine.set_direct_map_type(faiss.DirectMap.Array)
    else:
        check_index(engine, kind, count, dimension)
    if hasattr(engine, "hnsw"):
        engine.hnsw.efConstruction = kind.ef_construction
    index = FaissIndex(kind, dimension, engine=engine)
    for at in range(0, count, 4096):
        rows = index.rows(np.arange(at, min(at + 4096, count)))
        if not (lengths_of(rows) <= LONGEST).all():
            raise ValueError("the vectors hold what is no finite number")
    return index


def _write_index(write: Callable[[bytes], None], index: FaissIndex) -> None:
    if isinstance(index.engine, FlatRows):
        index.engine.write(write)
        return
    faiss = library()
    with translated("save the index"):
        faiss.write_index(index.engine, faiss.PyCallbackIOWriter(write, _BLOCK))


def _written(
    members: zipfile.ZipFile, name: str, part: Callable[[Callable[[bytes], None]], None]
) -> dict[str, Any]:
    digest, size = sha256(), 0
    with members.open(name, "w", force_zip64=True) as member:

        def write(data: bytes) -> None:
            nonlocal size
            member.write(data)
            digest.update(data)
            size += len(data)

        part(write)
    return {"size": size, "sha256": digest.hexdigest()}


def _check_sum(members: zipfile.ZipFile, name: str, wanted: dict[str, Any]) -> None:
    digest, seen, size = sha256(), 0, wanted["size"]
    if members.getinfo(name).file_size != size:
        raise ValueError(f"{name} has {members.getinfo(name).file_size} bytes and not {size}")
    with _opened(members, name) as member:
        while block := member.read(_BLOCK):
            digest.update(block)
            seen += len(block)
    if seen != size or digest.hexdigest() != wanted["sha256"]:
        raise ValueError(f"{name} has another checksum than it was saved with")


def _opened(members: zipfile.ZipFile, name: str) -> Any:
    # What is stored as it is cannot unfold into more than the file's own size.
    if members.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    return members.open(name)


def _lines(members: zipfile.ZipFile, name: str) -> Iterator[Any]:
    with _opened(members, name) as member:
        for line in member:
            yield loaded(line.decode())


def _write_lines(write: Callable[[bytes], None], lines: Iterable[list[Any]]) -> None:
    for line in lines:
        write(dumped(line).encode() + b"\n")


def _facts_line(facts: Facts) -> list[Any]:
    shared = facts.metadata
    values = [getattr(shared, name) for name in METADATA_FIELDS]
    return [facts.doc_id, values, plain(shared.extra, f"metadata of {shared.source!r}")]


def _facts(line: Any) -> Facts:
    doc_id, values, extra = line
    metadata = ChunkMetadata(**dict(zip(METADATA_FIELDS, values, strict=True)))
    return Facts(doc_id, replace(metadata, extra=revived(extra)))
