"""The one room that loads polars and pandas: at first use, with the install line when missing."""

from __future__ import annotations

from typing import Any

from racto.core.errors import MissingExtraError


def polars(purpose: str = "the SQL analyst") -> Any:
    """The polars module.

    Args:
        purpose: What needs it, for the error.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import polars
    except ImportError as error:
        raise MissingExtraError(
            "polars", install="racto-pipelines[sql]", purpose=purpose
        ) from error
    return polars


def pandas(purpose: str = "a frame of pandas") -> Any:
    """The pandas module, and pyarrow, which polars hands frames over with.

    Args:
        purpose: What needs it, for the error.

    Raises:
        MissingExtraError: If one of them is not installed.
    """
    try:
        import pandas  # type: ignore[import-untyped]
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401 - polars looks for it
    except ImportError as error:
        raise MissingExtraError(
            "pandas and pyarrow", install="racto-pipelines[pandas]", purpose=purpose
        ) from error
    return pandas
