"""A saved store comes back whole, and a damaged file is an error, never a wrong store."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    IndexCorruptError,
    StoreError,
)
from racto.core.testing.contracts.generators import METADATA
from racto.core.testing.contracts.samples import same
from racto.stores.memory import InMemoryVectorStore


def chunk(number: int, extra: dict[str, Any] | None = None) -> Chunk:
    return Chunk(
        content=f"täxt {number} \n\u2028",
        chunk_id=f"c{number}",
        doc_id="d",
        embedding=[float(number), 1.0, -1.0],
        metadata=ChunkMetadata(source="a.md", page=2, start_char=number, extra=extra or {}),
    )


def everything(store: InMemoryVectorStore) -> list[tuple[Chunk, list[float]]]:
    return [(c, np.asarray(c.embedding).tolist()) for page in store.scan() for c in page]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    store = InMemoryVectorStore()
    store.add([chunk(at, {"lang": "en"}) for at in range(5)])
    store.save(tmp_path / "store.racto")
    return tmp_path / "store.racto"


def test_a_saved_store_comes_back(tmp_path: Path) -> None:
    store = InMemoryVectorStore()
    extra = {"lang": "en"}
    store.add([chunk(at, extra) for at in range(10_000)])
    store.delete(["c3", "c9999"])
    store.save(tmp_path / "store")
    other = InMemoryVectorStore()
    other.add([chunk(77, {"old": True})])
    other.load(str(tmp_path / "store"))
    assert everything(other) == everything(store)
    assert other.get(["c3"]) == [None]
    other.add([chunk(3)])
    assert other.count() == 9_999
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


async def test_twins(tmp_path: Path) -> None:
    store = InMemoryVectorStore("dot")
    await store.aadd([chunk(1)])
    await store.asave(tmp_path / "store")
    other = InMemoryVectorStore("dot")
    await other.aload(tmp_path / "store")
    assert everything(other) == everything(store)


@pytest.mark.parametrize("dimension", [None, 3])
def test_an_empty_store_comes_back(tmp_path: Path, dimension: int | None) -> None:
    InMemoryVectorStore(dimension=dimension).save(tmp_path / "store")
    other = InMemoryVectorStore()
    other.add([chunk(1)])
    other.load(tmp_path / "store")
    assert (other.count(), other.dimension) == (0, dimension)


@settings(max_examples=40, deadline=None)
@given(extra=METADATA)
def test_metadata_keeps_value_and_kind(
    tmp_path_factory: pytest.TempPathFactory, extra: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("metadata") / "store"
    assert same(_returned(extra, path), extra)


@pytest.mark.parametrize(
    "value",
    [
        (1, (2, [3])), date(2024, 2, 29), datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
        {"$tuple": [1]}, {"$date": "x", "$$": {"$datetime": None}}, float("inf"), 10**40, "\ud800",
        [{"a": (date(1, 1, 1),)}],
    ],
    ids=repr,
)  # fmt: skip
def test_what_json_lacks_comes_back(tmp_path: Path, value: Any) -> None:
    found = _returned({"value": value}, tmp_path / "store")["value"]
    assert found == value
    assert type(found) is type(value)


def test_numpy_scalars_become_plain(tmp_path: Path) -> None:
    found = _returned({"value": np.int64(3)}, tmp_path / "store")["value"]
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize("value", [{1, 2}, object(), b"bytes", {1: "key"}])
def test_what_cannot_be_saved_is_refused_and_the_old_file_stays(saved: Path, value: Any) -> None:
    before = saved.read_bytes()
    store = InMemoryVectorStore()
    store.add([chunk(1, {"value": value})])
    with pytest.raises(StoreError, match=r"metadata of 'a\.md' (holds a|has the key) "):
        store.save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damage") / "store"
    store = InMemoryVectorStore()
    store.add([chunk(at, {"lang": "en"}) for at in range(4)])
    store.save(path)
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    kind = data.draw(st.sampled_from(["flip", "cut"]))
    bit = data.draw(st.integers(0, 7))
    damaged = whole[:at] if kind == "cut" else _flipped(whole, at, bit)
    path.write_bytes(damaged)
    other = InMemoryVectorStore()
    other.add([chunk(99)])
    try:
        other.load(path)
    except IndexCorruptError:
        assert [item.chunk_id for item, _ in everything(other)] == ["c99"]
    else:
        # Some bits say nothing, such as the time at which a member was written.
        assert everything(other) == everything(store)


@pytest.mark.parametrize("content", [b"", b"PK", b"not a store", b"\x00" * 4096])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store"
    path.write_bytes(content)
    with pytest.raises(IndexCorruptError, match="no saved store"):
        InMemoryVectorStore().load(path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"}, {"version": 2}, {"chunks": 4}, {"origins": 9}, {"dimension": 2},
        {"dimension": "x"}, {"dimension": -1}, {"dimension": 2**40},
    ],
    ids=str,
)  # fmt: skip
def test_a_manifest_that_does_not_fit_is_refused(saved: Path, change: dict[str, Any]) -> None:
    _rewritten(saved, "manifest.json", lambda data: json.dumps({**json.loads(data), **change}))
    with pytest.raises(IndexCorruptError):
        InMemoryVectorStore().load(saved)


@pytest.mark.parametrize("line", ['["c1","t",0,0,0,0]', "[]", "{}", "7", '["x","t",-1,0,0,0]'])
def test_chunks_that_do_not_fit_are_refused(saved: Path, line: str) -> None:
    _rewritten(saved, "chunks.jsonl", lambda data: "\n".join([*data.splitlines()[:-1], line]))
    with pytest.raises(IndexCorruptError):
        InMemoryVectorStore().load(saved)


def test_vectors_that_are_no_numbers_are_refused(saved: Path) -> None:
    with zipfile.ZipFile(saved) as members:
        data = bytearray(members.read("vectors.npy"))
    data[-4:] = np.float32("nan").tobytes()
    _rewritten(saved, "vectors.npy", lambda _data: bytes(data))
    with pytest.raises(IndexCorruptError, match="finite"):
        InMemoryVectorStore().load(saved)


def test_a_pickled_member_is_never_read(saved: Path, tmp_path: Path) -> None:
    objects = tmp_path / "objects.npy"
    np.save(objects, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    _rewritten(saved, "vectors.npy", lambda _data: objects.read_bytes())
    with pytest.raises(IndexCorruptError):
        InMemoryVectorStore().load(saved)


def test_compressed_members_are_refused(saved: Path) -> None:
    _rewritten(saved, "chunks.jsonl", lambda data: data, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(IndexCorruptError, match="compressed"):
        InMemoryVectorStore().load(saved)


def test_another_similarity_or_dimension_is_refused(saved: Path) -> None:
    with pytest.raises(ConfigurationError, match="similarity='cosine'"):
        InMemoryVectorStore("dot").load(saved)
    with pytest.raises(DimensionMismatchError):
        InMemoryVectorStore(dimension=4).load(saved)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        InMemoryVectorStore().load(tmp_path / "nothing")


def _returned(extra: dict[str, Any], path: Path) -> Any:
    store = InMemoryVectorStore()
    store.add([chunk(1, extra)])
    store.save(path)
    other = InMemoryVectorStore()
    other.load(path)
    return everything(other)[0][0].metadata.extra


def _flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def _rewritten(path: Path, name: str, change: Any, compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path) as members:
        contents = {member: members.read(member) for member in members.namelist()}
    if name.endswith("npy"):
        contents[name] = change(contents[name])
    else:
        contents[name] = change(contents[name].decode()).encode()
    with zipfile.ZipFile(path, "w", compression) as members:
        for member, data in contents.items():
            members.writestr(member, data)
