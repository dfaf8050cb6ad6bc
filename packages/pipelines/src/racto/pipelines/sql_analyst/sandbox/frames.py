"""Frames of polars and pandas as Arrow streams, on their way in and, with suspicion, out."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.pipelines.errors import SandboxViolationError
from racto.pipelines.sql_analyst.libraries import pandas, polars

from .envelopes import check_plain
from .flatbuffers import MalformedError

POLARS, PANDAS = "polars", "pandas"
ENGINES = (POLARS, PANDAS)


def require(engine: str) -> None:
    """See that an engine's library is installed.

    Raises:
        MissingExtraError: If it is not.
    """
    purpose = f"an analysis sandbox with engine={engine!r}"
    polars(purpose) if engine == POLARS else pandas(purpose)


def packed(frame: Any, engine: str) -> bytes:
    """A frame as an Arrow stream for the process.

    Args:
        frame: A ``polars.DataFrame``; for the engine pandas also a ``pandas.DataFrame``.
        engine: ``"polars"`` or ``"pandas"``.

    Raises:
        ConfigurationError: If it is no frame, or holds what Arrow has no type for.
    """
    held = io.BytesIO()
    # By name, so that a polars frame needs no pandas here and the other way round.
    origin = type(frame).__module__.partition(".")[0]
    if origin == PANDAS and engine == PANDAS:
        return _packed_pandas(frame)
    if origin != POLARS or not hasattr(frame, "write_ipc_stream"):
        raise ConfigurationError(
            f"the sandbox with engine={engine!r} takes a frame of it, not {type(frame).__name__}"
        )
    if any(map(_holds_objects, frame.dtypes)):
        raise ConfigurationError("the frame has a column of Python objects, which stay outside")
    # What pyarrow reads too; polars' own newest form has types that it does not know.
    level = polars().CompatLevel.oldest() if engine == PANDAS else None
    try:
        frame.write_ipc_stream(held, compression="uncompressed", compat_level=level)
    except Exception as error:
        raise ConfigurationError(f"the frame does not go into the sandbox: {error}") from error
    return held.getvalue()


def _holds_objects(dtype: Any) -> bool:
    """Whether a type of polars is, or holds, objects of Python: their bytes are addresses."""
    inner = [getattr(dtype, "inner", None), *(f.dtype for f in getattr(dtype, "fields", ()))]
    return dtype == polars().Object or any(_holds_objects(kind) for kind in inner if kind)


def _arrow() -> Any:
    """The module pyarrow, which comes with the extra that brings pandas."""
    pandas()
    # Loaded with pandas, in the one room that imports it.
    return sys.modules["pyarrow"]


def _packed_pandas(frame: Any) -> bytes:
    arrow = _arrow()
    held = io.BytesIO()
    try:
        table = arrow.Table.from_pandas(frame)
    except (arrow.ArrowException, TypeError, ValueError) as error:
        raise ConfigurationError(f"the frame does not go into the sandbox: {error}") from error
    with arrow.ipc.new_stream(held, table.schema) as stream:
        stream.write_table(table)
    return held.getvalue()


def unpacked(data: bytes, engine: str) -> Any:
    """A frame out of an Arrow stream that a stranger may have written.

    Raises:
        SandboxViolationError: If it is no plain Arrow.
    """
    try:
        check_plain(data)
        return _read(data, engine)
    except (KeyboardInterrupt, SystemExit, MissingExtraError, MalformedError):
        raise
    # A panic of the library is no Exception, and means the same: these are not its bytes.
    except BaseException as error:
        kind = type(error).__name__
        raise SandboxViolationError(
            f"the analysis sent Arrow that does not load: {kind}"
        ) from error


def _read(data: bytes, engine: str) -> Any:
    if engine == POLARS:
        return polars().read_ipc_stream(io.BytesIO(data))
    arrow = _arrow()
    table = arrow.ipc.open_stream(data).read_all()
    # pyarrow believes offsets and text unless it is asked to look at every one.
    table.validate(full=True)
    return table.to_pandas()


def labelled(frame: Any, columns: Sequence[Any], index: Sequence[Any]) -> Any:
    """A pandas frame of numbered columns under its own labels, the index taken out of the front."""
    pd = pandas()
    if frame.shape[1] != len(index) + len(columns):
        raise SandboxViolationError("the analysis sent a frame without its labels")
    body = frame.iloc[:, len(index) :]
    body.columns = pd.Index(columns, tupleize_cols=True) if columns else body.columns[:0]
    if len(index) == 1:
        # The bare array: a series would lend the index its number for a name.
        body.index = pd.Index(frame.iloc[:, 0].array, name=index[0])
    elif index:
        levels = [frame.iloc[:, at].array for at in range(len(index))]
        body.index = pd.MultiIndex.from_arrays(levels, names=list(index))
    return body
