"""A folder is looked at before Chroma opens it: damaged files are refused by name.

Chroma trusts its own files. From a damaged graph it reads beyond the end of what it holds, which
ends the process instead of raising anything, and an empty database beside graphs it takes for new.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from racto.core.errors import IndexCorruptError

DATABASE = "chroma.sqlite3"
"""The file that holds all but the graphs."""

_MAGIC = b"SQLite format 3\x00"
_SQLITE_HEADER = 100
# version, start of links, room, records, bytes a record, places of label and vector, highest level,
# where a search begins, most links above and at the lowest level, and three settings.
_GRAPH_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")
_VERSION = 1
_HIGHEST = 64


def check_folder(folder: str) -> None:
    """Refuse a folder that Chroma cannot open safely.

    Args:
        folder: Where Chroma keeps, or will keep, its files.

    Raises:
        IndexCorruptError: If a file in it is cut or overwritten; the message names the file.
    """
    place = Path(folder)
    if not place.exists():
        return
    if not place.is_dir():
        raise IndexCorruptError(f"{folder} is no folder; give the folder in which Chroma is")
    graphs = sorted(path.parent for path in place.glob("*/header.bin"))
    _check_database(place / DATABASE, bool(graphs))
    for graph in graphs:
        try:
            _check_graph(graph)
        except (OSError, ValueError, struct.error) as error:
            raise _damaged(graph, str(error)) from error


def _damaged(place: Path, what: str) -> IndexCorruptError:
    return IndexCorruptError(
        f"{place} is damaged: {what}; take the folder from a backup, or fill a new one"
    )


def _check_database(file: Path, is_filled: bool) -> None:
    if not file.exists():
        if is_filled:
            raise _damaged(file, "it is gone, and its graphs are there")
        return
    size = file.stat().st_size
    if size == 0:
        # SQLite leaves such a file where nothing was written yet.
        if is_filled:
            raise _damaged(file, "it is empty, and its graphs are there")
        return
    with file.open("rb") as opened:
        head = opened.read(_SQLITE_HEADER)
    if len(head) < _SQLITE_HEADER or not head.startswith(_MAGIC):
        raise _damaged(file, "it is no database of SQLite")
    # What a crash left in a journal is put right by SQLite itself.
    if any(Path(f"{file}-{end}").exists() for end in ("wal", "journal")):
        return
    (page,), (pages,) = struct.unpack(">H", head[16:18]), struct.unpack(">I", head[28:32])
    page = 65536 if page == 1 else page
    # The number of pages counts only where it was written together with the change counter.
    if head[24:28] == head[92:96] and size < page * pages:
        raise _damaged(file, f"{page * pages - size} of its {page * pages} bytes are missing")


def _check_graph(folder: Path) -> None:
    head = (folder / "header.bin").read_bytes()
    if len(head) != _GRAPH_HEADER.size:
        raise ValueError(f"header.bin has {len(head)} bytes, not {_GRAPH_HEADER.size}")
    fields = _GRAPH_HEADER.unpack(head)
    version, start, room, records, size, label, vector, top, entry, above, lowest = fields[:11]
    if not (
        version == _VERSION and start == 0 and records <= room and vector == 4 + 4 * lowest
        and vector < label == size - 8 and -1 <= top <= _HIGHEST and 0 < above <= lowest < 1 << 16
        and (records == 0 or (entry < records and top >= 0))
    ):  # fmt: skip
        raise ValueError("header.bin holds what cannot be")
    needed = {"data_level0.bin": records * size, "length.bin": 4 * records}
    for name, least in needed.items():
        if (found := (folder / name).stat().st_size) < least:
            raise ValueError(f"{name} has {found} bytes, not {least}")
    if records:
        # Without it Chroma finds some records and says nothing of the others.
        if not (folder / "index_metadata.pickle").exists():
            raise ValueError("index_metadata.pickle is gone")
        _check_lowest(folder / "data_level0.bin", records, size, vector)
        levels = _check_above(folder / "link_lists.bin", records, 4 + 4 * above)
        if levels.get(entry, 0) != top:
            raise ValueError("header.bin begins where no level is so high")


def _check_lowest(file: Path, records: int, size: int, end: int) -> None:
    """Whether each record links to as many others as there is room for, and to records only."""
    import numpy as np

    bytes_of = np.memmap(file, dtype=np.uint8, mode="r", shape=(records, size))
    links: Any = np.ascontiguousarray(bytes_of[:, :end]).view("<u4")
    # The upper half of the count says whether the record was deleted.
    counts = links[:, 0] & 0xFFFF
    used = np.arange(1, links.shape[1]) <= counts[:, None]
    if (counts >= links.shape[1]).any() or (links[:, 1:][used] >= records).any():
        raise ValueError(f"{file.name} links to what is not there")


def _check_above(file: Path, records: int, size: int) -> dict[int, int]:
    """The level of each record that is above the lowest; all that they link to is as high."""
    data, at, lists = file.read_bytes(), 0, {}
    for record in range(records):
        (length,) = struct.unpack_from("<I", data, at)
        at += 4
        if length:
            if length % size or length // size > _HIGHEST or at + length > len(data):
                raise ValueError(f"{file.name} ends within record {record}, or is overwritten")
            lists[record] = data[at : at + length]
            at += length
    levels = {record: len(each) // size for record, each in lists.items()}
    for each in lists.values():
        for level, count, links in _levels(each, size):
            if count > len(links) or any(levels.get(to, 0) < level for to in links[:count]):
                raise ValueError(f"{file.name} links to what is not there")
    return levels


def _levels(lists: bytes, size: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Level, number of links, and room of links, of one record."""
    for level, words in enumerate(struct.iter_unpack(f"<{size // 4}I", lists), 1):
        yield level, words[0] & 0xFFFF, words[1:]
