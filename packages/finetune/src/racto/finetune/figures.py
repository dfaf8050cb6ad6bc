"""The one place that imports plotly: figures for what is drawn here, and pages that hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError


def plotly_modules() -> tuple[Any, Any]:
    """plotly's ``graph_objects`` and ``subplots``.

    Raises:
        MissingExtraError: If plotly is not installed.
    """
    try:
        from plotly import graph_objects, subplots  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError(
            "plotly", install="racto-finetune[plots]", purpose="Drawing a figure"
        ) from error
    return graph_objects, subplots


def escaped(text: str) -> str:
    """A text for a title, which plotly would read as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def write_page(figure: Any, path: str | Path, *, overwrite: bool = False) -> None:
    """Write a figure as one HTML file, which opens without a network.

    Args:
        figure: A plotly figure.
        path: Where to.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        ConfigurationError: If the file is there already, or cannot be written.
    """
    # The library goes into the page, for machines without a network.
    page = figure.to_html(include_plotlyjs=True, full_html=True)
    try:
        with Path(path).open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(page)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} is there already; name another file, or allow it to be replaced"
        ) from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
