"""A store in one file: a zip archive whose members are a JSON manifest, JSON lines, and npy.

Every member carries its checksum, the manifest the version and the counts. Reading it parses
JSON and numbers and nothing else, so a file from a stranger can be wrong but not run anything.

Members: ``manifest.json``; ``origins.jsonl``, what chunks share (:class:`~.records.Origin`);
``chunks.jsonl``, one array a chunk (id, text, number of its origin, index, start, end);
``vectors.npy``, float32 of shape (chunks, d).
"""

from __future__ import annotations

import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np

from racto.core.errors import ConfigurationError, IndexCorruptError, RactoGatewayError
from racto.core.records import plain, revived

from .matrix import Matrix
from .records import Origin, Records
from .similarity import Similarity
from .vectors import LONGEST, lengths_of

FORMAT = "racto-stores-memory"
VERSION = 1

_STRIDE = 4096


def write(
    path: str | PathLike[str], matrix: Matrix | None, records: Records, similarity: Similarity
) -> None:
    """Write a state of a store; the file appears whole or not at all.

    Raises:
        StoreError: If metadata holds what JSON and dates cannot express.
        OSError: If the file cannot be written.
    """
    rows = np.zeros(0, dtype=np.intp) if matrix is None else matrix.live()
    kept = records.kept(rows)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "similarity": similarity,
        "dimension": None if matrix is None else matrix.dimension,
        "chunks": len(kept),
        "origins": len(kept.origins),
    }
    with _replacing(Path(path)) as file, zipfile.ZipFile(file, "w") as members:
        members.writestr("manifest.json", json.dumps(manifest))
        with members.open("origins.jsonl", "w", force_zip64=True) as member:
            for origin in kept.origins:
                member.write(
                    _line([*origin[:-1], plain(origin.extra, f"metadata of {origin.source!r}")])
                )
        with members.open("chunks.jsonl", "w", force_zip64=True) as member:
            for fields in kept.lines():
                member.write(_line(fields))
        if matrix is not None:
            with members.open("vectors.npy", "w", force_zip64=True) as member:
                _write_vectors(member, matrix, rows)


def read(path: str | PathLike[str], similarity: Similarity) -> tuple[Matrix | None, Records]:
    """Read what :func:`write` wrote.

    Raises:
        IndexCorruptError: If the file is damaged, of another version, or no saved store.
        ConfigurationError: If it was saved with another similarity.
        OSError: If the file cannot be read.
    """
    with Path(path).open("rb") as file:
        try:
            with zipfile.ZipFile(file) as members:
                return _read(members, similarity, str(path))
        except RactoGatewayError:
            raise
        except _DAMAGE as error:
            raise IndexCorruptError(
                f"{path} is damaged or no saved store ({error}); save it again from its source"
            ) from error


# All that zipfile, json and numpy raise on bytes which they did not write.
_DAMAGE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def _read(
    members: zipfile.ZipFile, similarity: Similarity, path: str
) -> tuple[Matrix | None, Records]:
    manifest = next(_lines(members, "manifest.json"))
    if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
        raise IndexCorruptError(
            f"{path} has format {manifest['format']!r}, version {manifest['version']!r}; this "
            f"release reads {FORMAT!r}, version {VERSION}"
        )
    if manifest["similarity"] != similarity:
        raise ConfigurationError(
            f"{path} was saved with similarity={manifest['similarity']!r}, and this store has "
            f"{similarity!r}"
        )
    lines = _lines(members, "origins.jsonl")
    origins = [Origin._make([*line[:-1], revived(line[-1])]) for line in lines]
    records = Records.from_lines(origins, _lines(members, "chunks.jsonl"))
    if (len(origins), len(records)) != (manifest["origins"], manifest["chunks"]):
        raise ValueError("the manifest counts other chunks than there are")
    if len(set(records.ids)) != len(records):
        raise ValueError("an id is there twice")
    if manifest["dimension"] is None:
        return None, records
    empty = Matrix(similarity=similarity, dimension=int(manifest["dimension"]))
    with _member(members, "vectors.npy") as member:
        return _read_vectors(member, empty, len(records)), records


def _write_vectors(member: IO[bytes], matrix: Matrix, rows: Any) -> None:
    header = {"descr": "<f4", "fortran_order": False, "shape": (len(rows), matrix.dimension)}
    np.lib.format.write_array_header_1_0(member, header)
    for at in range(0, len(rows), _STRIDE):
        member.write(matrix.rows(rows[at : at + _STRIDE]).astype("<f4", copy=False).tobytes())


def _read_vectors(member: IO[bytes], matrix: Matrix, count: int) -> Matrix:
    if np.lib.format.read_magic(member) != (1, 0):
        raise ValueError("vectors.npy has another version")
    shape, fortran, kind = np.lib.format.read_array_header_1_0(member)
    if (shape, fortran, kind) != ((count, matrix.dimension), False, np.dtype("<f4")):
        raise ValueError("vectors.npy has another shape")
    for at in range(0, count, _STRIDE):
        wanted = min(_STRIDE, count - at)
        data = member.read(4 * wanted * matrix.dimension)
        rows = np.frombuffer(data, dtype="<f4").reshape(wanted, matrix.dimension)
        rows = rows.astype(np.float32, copy=False)
        lengths = lengths_of(rows)
        if not (lengths <= LONGEST).all():
            raise ValueError("vectors.npy holds what is no finite number")
        matrix = matrix.with_rows(rows, lengths, count - at)
    # The checksum is compared at the end of the member, so the end must be read.
    if member.read(1):
        raise ValueError("vectors.npy is too long")
    return matrix


def _member(members: zipfile.ZipFile, name: str) -> IO[bytes]:
    # What is stored as it is cannot unfold into more than the file's own size.
    if members.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    return members.open(name)


def _lines(members: zipfile.ZipFile, name: str) -> Iterator[Any]:
    with _member(members, name) as member:
        for line in member:
            yield json.loads(line.decode("utf-8", "surrogatepass"))


def _line(fields: Sequence[Any]) -> bytes:
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of ``path`` at the end, and is removed on failure."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
