"""What the code left behind, as JSON with tags, and frames as Arrow streams beside it."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import math
import sys
from collections.abc import Mapping, Set
from typing import Any

_DEEPEST = 12
_MOST_FRAMES = 32
# Bits: beyond, Python takes quadratic time to write it, and refuses to read it.
_LONGEST_INTEGER = 13_000
# How pandas says that a value is missing.
_MISSING = ("NAType", "NaTType")

Encoded = Any
"""JSON values; what JSON lacks is ``{"t": kind, "v": text}``."""


class Answer:
    """One result on its way out.

    Args:
        engine: ``"polars"`` or ``"pandas"``.
    """

    def __init__(self, engine: str) -> None:
        self._tables = _POLARS if engine == "polars" else _PANDAS
        self.blobs: list[bytes] = []

    def encode(self, value: Any, depth: int = 0) -> Encoded:
        """A value as JSON; frames go to ``blobs``.

        Raises:
            TypeError: If it is no frame, series, scalar, list or dictionary.
        """
        if depth > _DEEPEST:
            raise TypeError(f"the result is nested more than {_DEEPEST} levels deep")
        if value is None or type(value).__name__ in _MISSING:
            return None
        if isinstance(value, (bool, str)):
            return value
        if type(value) is int or type(value) is float:
            return _number(value)
        if isinstance(value, Mapping):
            items = value.items()
            return {
                "t": "dict",
                "v": [[self.encode(_key(k)), self.encode(v, depth + 1)] for k, v in items],
            }
        if isinstance(value, (list, tuple, Set)):
            return [self.encode(entry, depth + 1) for entry in value]
        table = self._tables(value)
        if table is not None:
            return self._attached(*table)
        return self.encode(_plain(value), depth) if hasattr(value, "item") else _tagged(value)

    def _attached(self, head: dict[str, Any], blob: bytes) -> Encoded:
        if len(self.blobs) >= _MOST_FRAMES:
            raise TypeError(f"the result holds more than {_MOST_FRAMES} frames")
        self.blobs.append(blob)
        return {**head, "v": len(self.blobs) - 1}


def _key(key: Any) -> Any:
    # Keys of a grouping are tuples; they leave as text, since a list is no key.
    return key if not isinstance(key, (tuple, list, Mapping)) else str(key)


def _number(value: float) -> Encoded:
    if isinstance(value, float) and not math.isfinite(value):
        return {"t": "float", "v": repr(value)}
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        raise TypeError("the result holds an integer of more than 4,000 digits")
    return value


def _plain(value: Any) -> Any:
    """A scalar or an array of numpy as Python has it."""
    plain = value.tolist() if hasattr(value, "tolist") else value.item()
    if type(plain) is type(value):
        raise TypeError(_advice(value))
    return plain


def _tagged(value: Any) -> Encoded:
    # A datetime is a date too, so it comes first.
    for kind, name in (
        (dt.datetime, "datetime"),
        (dt.date, "date"),
        (dt.time, "time"),
    ):
        if isinstance(value, kind):
            return {"t": name, "v": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"t": "timedelta", "v": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, decimal.Decimal):
        return {"t": "decimal", "v": str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {"t": "bytes", "v": bytes(value).hex()}
    if isinstance(value, int):
        return _number(int(value))
    if isinstance(value, float):
        return _number(float(value))
    raise TypeError(_advice(value))


def _advice(value: Any) -> str:
    kind = type(value).__name__
    return f"`result` is or holds a {kind}; leave a frame, a series, a scalar, a list or a dict"


def _polars_table(value: Any) -> tuple[dict[str, Any], bytes] | None:
    pl: Any = sys.modules["polars"]
    if isinstance(value, pl.LazyFrame):
        value = value.collect()
    if isinstance(value, pl.Series):
        return {"t": "series", "name": value.name}, _polars_bytes(value.to_frame())
    return ({"t": "frame"}, _polars_bytes(value)) if isinstance(value, pl.DataFrame) else None


def _polars_bytes(frame: Any) -> bytes:
    pl: Any = sys.modules["polars"]
    wanted = {name: _polars_plain(pl, dtype, name) for name, dtype in frame.schema.items()}
    held = io.BytesIO()
    # Offsets and no views: a reader can check each of them.
    oldest = pl.CompatLevel.oldest()
    frame.cast(wanted).write_ipc_stream(held, compression="uncompressed", compat_level=oldest)
    return held.getvalue()


def _polars_plain(pl: Any, dtype: Any, name: str) -> Any:
    """A type without dictionaries and objects of Python."""
    if dtype == pl.Object:
        raise TypeError(f"column {name!r} holds Python objects; give it one plain type")
    if dtype in (pl.Categorical, pl.Enum):
        return pl.String
    if isinstance(dtype, pl.List):
        return pl.List(_polars_plain(pl, dtype.inner, name))
    if isinstance(dtype, pl.Array):
        return pl.Array(_polars_plain(pl, dtype.inner, name), dtype.size)
    if isinstance(dtype, pl.Struct):
        return pl.Struct({f.name: _polars_plain(pl, f.dtype, name) for f in dtype.fields})
    return dtype


def _pandas_table(value: Any) -> tuple[dict[str, Any], bytes] | None:
    pd: Any = sys.modules["pandas"]
    if isinstance(value, pd.Index):
        value = value.to_series().reset_index(drop=True)
    if not isinstance(value, (pd.Series, pd.DataFrame)):
        return None
    series = isinstance(value, pd.Series)
    kind = "series" if series else "frame"
    frame = value.to_frame() if series else value
    plain = type(frame.index) is pd.RangeIndex and frame.index.name is None
    index = [] if plain else [frame.index.get_level_values(i) for i in range(frame.index.nlevels)]
    labels = [_label(label) for label in frame.columns]
    head = {"t": kind, "columns": labels, "index": [_label(level.name) for level in index]}
    columns = [*index, *(frame.iloc[:, at] for at in range(frame.shape[1]))]
    return head, _pandas_bytes(columns)


def _pandas_bytes(columns: list[Any]) -> bytes:
    pa: Any = sys.modules["pyarrow"]
    arrays = [_arrow(pa, column) for column in columns]
    # Numbered, since labels repeat, and need not be text.
    table = pa.Table.from_arrays(arrays, names=[str(at) for at in range(len(arrays))])
    held = io.BytesIO()
    with pa.ipc.new_stream(held, table.schema) as stream:
        stream.write_table(table)
    return held.getvalue()


def _arrow(pa: Any, column: Any) -> Any:
    kind = getattr(getattr(column.dtype, "categories", None), "dtype", column.dtype)
    # Types that Arrow knows as an extension of pandas only; they leave as they are printed.
    if str(kind).startswith(("period", "interval")):
        column = column.map(str, na_action="ignore")
    try:
        made = pa.array(column, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError):
        # Values of several kinds, as describe() leaves them, have text in common.
        made = pa.array(column.map(str, na_action="ignore"), from_pandas=True)
    return made.dictionary_decode() if pa.types.is_dictionary(made.type) else made


def _label(label: Any) -> Any:
    """A label of a column: text, number, None, or a list of them for several levels."""
    if isinstance(label, tuple):
        return [_label(part) for part in label]
    if hasattr(label, "item"):
        label = label.item()
    return label if label is None or isinstance(label, (str, int)) else str(label)


_POLARS = _polars_table
_PANDAS = _pandas_table
