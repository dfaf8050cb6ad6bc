"""A saved file comes back whole, or is refused: truncated, tampered with, foreign, or pickled."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    IndexCorruptError,
    IndexLockedError,
    StoreError,
)
from racto.stores.faiss import FAISSStore
from racto.stores.faiss.replacement import replacement

EXTRA = {"lang": "dé", "when": date(2026, 11, 30), "pair": (1, 2), "$date": "mine", "big": 2**80}


def store_of(count: int, index_type: str = "flat_ip") -> FAISSStore:
    store = FAISSStore(index_type=index_type)
    rows = np.random.default_rng(0).standard_normal((count, 8)).astype(np.float32)
    store.add(
        [
            Chunk(
                content=f"text\x00 {i} \ud800",
                chunk_id=f"c{i}",
                embedding=row,
                metadata=ChunkMetadata(source="ü.md", page=i or None, chunk_index=i, extra=EXTRA),
            )
            for i, row in enumerate(rows)
        ]
    )
    return store


def repacked(path: Path, changes: dict[str, Callable[[bytes], bytes]], honest: bool) -> None:
    """Rewrite members; with their checksums when somebody takes the trouble."""
    with zipfile.ZipFile(path) as members:
        data = {name: members.read(name) for name in members.namelist()}
    manifest = json.loads(data["manifest.json"])
    for name, change in changes.items():
        data[name] = change(data[name])
        if honest and name != "manifest.json":
            sums = {"size": len(data[name]), "sha256": sha256(data[name]).hexdigest()}
            manifest["members"][name] = sums
    if "manifest.json" not in changes:
        data["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as members:
        for name, value in data.items():
            members.writestr(name, value)


def edited(**values: Any) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data), **values}).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store_of(40).save(tmp_path / "chunks.racto")
    return tmp_path / "chunks.racto"


def refused(path: Path, index_type: str = "flat_ip") -> str:
    store = FAISSStore(index_type=index_type)
    store.add([Chunk(content="mine", embedding=[1.0] * 8)])
    with pytest.raises(IndexCorruptError) as caught:
        store.load(path)
    assert store.count() == 1
    return str(caught.value)


def test_all_that_a_chunk_has_comes_back(path: Path) -> None:
    store, other = store_of(40), FAISSStore()
    other.load(path)
    for (one,), (two,) in zip(store.scan(1), other.scan(1), strict=True):
        assert one == two
        assert np.array_equal(np.asarray(one.embedding), np.asarray(two.embedding))


@pytest.mark.parametrize("dimension", [None, 8])
def test_an_empty_store_is_saved_too(tmp_path: Path, dimension: int | None) -> None:
    FAISSStore(dimension).save(tmp_path / "x")
    other = store_of(3)
    other.load(tmp_path / "x")
    assert (other.count(), other.dimension) == (0, dimension)
    other.add([Chunk(content="new", embedding=[1.0] * 8)])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))
    assert str(path) in refused(path)


def test_any_changed_byte_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for at in np.random.default_rng(1).integers(100, len(whole) - 2000, 60).tolist():
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            other = FAISSStore()
            other.load(path)
        except IndexCorruptError:
            continue
        # A byte that the archive's format does not use, such as a date.
        assert other.count() == 40


@pytest.mark.parametrize("name", ["facts.jsonl", "chunks.jsonl", "lengths.f4", "index.faiss"])
def test_a_member_with_another_checksum_is_refused(path: Path, name: str) -> None:
    repacked(path, {name: lambda data: data[:-2] + b"x\n"}, honest=False)
    assert "checksum" in refused(path)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("index.faiss", lambda data: b"IxPQ" + data[4:]),
        ("index.faiss", lambda data: data[:4] + (9).to_bytes(4, "little") + data[8:]),
        ("index.faiss", lambda data: data[:8] + (2**40).to_bytes(8, "little") + data[16:]),
        # The length that Faiss would allocate for.
        ("index.faiss", lambda data: data[:37] + (2**38).to_bytes(8, "little") + data[45:]),
        ("index.faiss", lambda data: data[:-4]),
        ("index.faiss", lambda data: data[:-4] + b"\xff\xff\xff\x7f"),
        ("lengths.f4", lambda data: data[:-4]),
        ("lengths.f4", lambda data: b"\xff" * len(data)),
        ("chunks.jsonl", lambda data: data.replace(b'"c1"', b'"c2"')),
        ("chunks.jsonl", lambda data: b"[" * 100_000 + data),
        ("chunks.jsonl", lambda data: data + data),
        ("facts.jsonl", lambda data: b"{}\n"),
        ("facts.jsonl", lambda data: b""),
        ("manifest.json", lambda data: data + b" " * 70_000),
        ("manifest.json", lambda data: b"[]"),
        ("manifest.json", edited(chunks=41)),
        ("manifest.json", edited(dimension=4)),
        ("manifest.json", edited(dimension=None)),
        ("manifest.json", edited(version=2)),
    ],
)
def test_tampering_with_right_checksums_is_refused(
    path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    repacked(path, {name: change}, honest=True)
    refused(path)


def test_compressed_members_are_refused(path: Path) -> None:
    with zipfile.ZipFile(path) as members:
        data = {name: members.read(name) for name in members.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as members:
        for name, value in data.items():
            members.writestr(name, value)
    assert "compressed" in refused(path)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    path = tmp_path / "store.chunks"
    path.write_bytes(pickle.dumps(Trap()))
    refused(path)
    assert not (tmp_path / "ran").exists()


def test_another_kind_or_dimension_is_named(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="metric='ip'"):
        FAISSStore(index_type="flat_l2").load(path)
    with pytest.raises(DimensionMismatchError, match="vectors of 8"):
        FAISSStore(9).load(path)
    # What only a search uses may be chosen anew.
    FAISSStore(ef_search=5, nprobe=3).load(path)


def test_metadata_that_json_lacks_leaves_the_old_file(path: Path) -> None:
    store = store_of(2)
    odd = ChunkMetadata(source="odd.md", extra={"it": object})
    store.add([Chunk(content="", embedding=[1.0] * 8, metadata=odd)])
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"odd\.md"):
        store.save(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are Unix's")
def test_a_full_disk_leaves_the_old_file(path: Path) -> None:
    # The limit stands in for a full disk: the system refuses to write on, within Faiss's writer.
    program = (
        "import resource, signal, sys\n"
        "from racto.core import Chunk\n"
        "from racto.stores.faiss import FAISSStore\n"
        "store = FAISSStore()\n"
        "store.add([Chunk(content=str(i), embedding=[i, 1.0] * 64) for i in range(5000)])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "try:\n"
        "    store.save(sys.argv[1])\n"
        "except OSError as error:\n"
        "    print(type(error).__name__, store.count())\n"
    )
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["OSError", "5000"], done.stderr
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*.part"))


def test_who_saves_meanwhile_is_told(path: Path) -> None:
    store = store_of(3)
    with replacement(path), pytest.raises(IndexLockedError):
        store.save(path)
