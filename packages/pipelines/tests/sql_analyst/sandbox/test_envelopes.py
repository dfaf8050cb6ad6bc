"""Arrow of a stranger: what is not plain is refused, and no bytes bring the reader down."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings, strategies as st

from racto.pipelines.errors import SandboxViolationError
from racto.pipelines.sql_analyst.sandbox.envelopes import check_plain
from racto.pipelines.sql_analyst.sandbox.flatbuffers import MalformedError
from racto.pipelines.sql_analyst.sandbox.frames import unpacked

from .corpora import sales

FRAME = pl.DataFrame(
    {
        "text": ["hello", "longer than twelve bytes", None, "yy"] * 3,
        "list": [[1, 2], [3], [], [4, 5, 6]] * 3,
        "day": [date(2024, 1, 1)] * 12,
        "at": [datetime(2024, 1, 1)] * 12,
        "money": [Decimal("1.25")] * 12,
        "flag": [True, None] * 6,
        "nothing": [None] * 12,
        "inner": [{"a": 1, "b": "x"}] * 12,
        "long": [timedelta(1)] * 12,
        "raw": [b"x"] * 12,
    }
)


def stream(frame: pl.DataFrame, *, compressed: bool = False, views: bool = False) -> bytes:
    held = io.BytesIO()
    level = pl.CompatLevel.newest() if views else pl.CompatLevel.oldest()
    if compressed:
        frame.write_ipc_stream(held, compression="zstd", compat_level=level)
    else:
        frame.write_ipc_stream(held, compression="uncompressed", compat_level=level)
    return held.getvalue()


PLAIN = stream(FRAME)


@pytest.mark.parametrize("frame", [FRAME, FRAME.head(0), sales(), pl.DataFrame()])
def test_plain_streams_pass(frame: pl.DataFrame) -> None:
    check_plain(stream(frame))
    assert unpacked(stream(frame), "polars").equals(frame)


def file_form(frame: pl.DataFrame) -> bytes:
    held = io.BytesIO()
    frame.write_ipc(held)
    return held.getvalue()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: stream(FRAME, compressed=True), "compressed"),
        (lambda: stream(FRAME.select("text"), views=True), "type"),
        (lambda: stream(FRAME.select(pl.col("text").cast(pl.Categorical))), "dictionary"),
        (lambda: file_form(FRAME), "begin"),
        (lambda: b"", "no schema"),
        (lambda: PLAIN[:-3], "ends within"),
        (lambda: PLAIN + b"x" * 8, "follow"),
        (lambda: PLAIN + PLAIN, "follow"),
        (lambda: b"\xff" * 64, "begin"),
    ],
)
def test_what_is_not_plain_is_refused(make: Callable[[], bytes], why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        check_plain(make())
    with pytest.raises(SandboxViolationError):
        unpacked(make(), "polars")


def test_extension_types_are_refused() -> None:
    import pyarrow as pa  # type: ignore[import-untyped]

    class Evil(pa.ExtensionType):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(pa.int64(), "evil")

        def __arrow_ext_serialize__(self) -> bytes:
            return b"x"

    array = pa.ExtensionArray.from_storage(Evil(), pa.array([1]))
    table = pa.table({"x": array})
    held = io.BytesIO()
    with pa.ipc.new_stream(held, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(MalformedError, match="metadata"):
        check_plain(held.getvalue())


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_no_change_of_bytes_brings_the_reader_down(changes: list[tuple[int, int]]) -> None:
    data = bytearray(PLAIN)
    for at, byte in changes:
        data[at] = byte
    with contextlib.suppress(SandboxViolationError):
        unpacked(bytes(data), "polars")


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_nor_the_reader_of_pandas(changes: list[tuple[int, int]]) -> None:
    data = bytearray(PLAIN)
    for at, byte in changes:
        data[at] = byte
    with contextlib.suppress(SandboxViolationError):
        unpacked(bytes(data), "pandas")


@given(st.binary(max_size=200))
def test_no_bytes_bring_the_check_down(data: bytes) -> None:
    with contextlib.suppress(MalformedError):
        check_plain(data)
