"""Charts as files: PNG and SVG drawn by a browser, HTML that no data can break out of, JSON."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Literal, TypeAlias

from racto.core.errors import ConfigurationError
from racto.pipelines.sql_analyst.exports.files import kind_of, write_whole

from .palette import Theme, page
from .plotting import figure_of, picture_of

FORMATS = ("png", "svg", "html", "json")
"""The kinds of file."""

Embedding: TypeAlias = Literal["embed", "cdn"]
"""Where a page has plotly.js from: in itself, about 5 MB, or from the network."""

_HEIGHT = 540


def chart_bytes(
    figure: Any,
    format: str,
    *,
    plotlyjs: Embedding = "embed",
    theme: Theme = "light",
    width: int = 960,
    height: int | None = None,
    scale: float = 2.0,
) -> bytes:
    """A figure as the bytes of a file.

    Args:
        figure: A Plotly figure.
        format: ``png``, ``svg``, ``html`` or ``json``.
        plotlyjs: For HTML: ``"embed"`` opens without a network, ``"cdn"`` is small.
        theme: The page that it is drawn for: ``light``, ``dark``, or ``neutral`` (transparent).
        width: Width in pixels, of PNG and SVG.
        height: Height in pixels; None for the figure's own, else 540.
        scale: Pixels of a PNG for each of them; 2 is sharp on today's screens.

    Raises:
        ConfigurationError: If the format is unknown, or there is no browser to draw with.
        MissingExtraError: If plotly or kaleido is not installed.
    """
    kind = kind_of("chart", format, known=FORMATS)
    if kind == "json":
        return str(figure.to_json()).encode()
    content = _on_page(figure, theme)
    if kind == "html":
        return _html(content, plotlyjs)
    # A chart with many lying bars says itself how high it must be.
    own = content["layout"].get("height")
    return picture_of(content, kind, width=width, height=height or own or _HEIGHT, scale=scale)


def write_chart(
    figure: Any,
    path: str | Path,
    *,
    format: str | None = None,
    overwrite: bool = False,
    plotlyjs: Embedding = "embed",
    theme: Theme = "light",
    width: int = 960,
    height: int | None = None,
    scale: float = 2.0,
) -> Path:
    """Write a figure into a file, which is there as a whole or not at all.

    Args:
        figure: A Plotly figure.
        path: Where to.
        format: ``png``, ``svg``, ``html`` or ``json``; None for the end of the name.
        overwrite: Whether a file that is there may be replaced.
        plotlyjs: For HTML: ``"embed"`` opens without a network, ``"cdn"`` is small.
        theme: The page that it is drawn for: ``light``, ``dark``, or ``neutral`` (transparent).
        width: Width in pixels, of PNG and SVG.
        height: Height in pixels; None for the figure's own, else 540.
        scale: Pixels of a PNG for each of them.

    Raises:
        ConfigurationError: If the file is there already, the format is unknown, or there is no
            browser to draw with.
        MissingExtraError: If plotly or kaleido is not installed.
    """
    kind = kind_of(path, format, known=FORMATS)
    # Before the drawing, which takes seconds.
    if Path(path).exists() and not overwrite:
        return write_whole(path, b"", overwrite=False)
    content = chart_bytes(
        figure, kind, plotlyjs=plotlyjs, theme=theme, width=width, height=height, scale=scale
    )
    return write_whole(path, content, overwrite=overwrite)


async def awrite_chart(
    figure: Any,
    path: str | Path,
    *,
    format: str | None = None,
    overwrite: bool = False,
    plotlyjs: Embedding = "embed",
    theme: Theme = "light",
    width: int = 960,
    height: int | None = None,
    scale: float = 2.0,
) -> Path:
    """Async twin of :func:`write_chart`, run in a worker thread."""
    return await asyncio.to_thread(
        write_chart,
        figure,
        path,
        format=format,
        overwrite=overwrite,
        plotlyjs=plotlyjs,
        theme=theme,
        width=width,
        height=height,
        scale=scale,
    )


def _on_page(figure: Any, theme: Theme) -> dict[str, Any]:
    if not hasattr(figure, "to_plotly_json"):
        raise ConfigurationError(f"a Plotly figure is needed, not {type(figure).__name__}")
    content: dict[str, Any] = json.loads(figure.to_json())
    layout = content["layout"]
    looks = layout.setdefault("template", {}).setdefault("layout", {})
    for name, value in page(theme).items():
        looks[name] = {**looks.get(name, {}), **value} if isinstance(value, dict) else value
    return content


def _html(content: dict[str, Any], plotlyjs: Embedding) -> bytes:
    # Plotly writes "<" and "/" of all data as escapes, so that no text ends the script.
    text = figure_of(content).to_html(
        include_plotlyjs=True if plotlyjs == "embed" else "cdn",
        full_html=True,
        config={"displaylogo": False, "responsive": True},
    )
    return str(text).encode()
