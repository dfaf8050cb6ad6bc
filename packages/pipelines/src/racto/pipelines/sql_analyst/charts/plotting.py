"""The one room that loads plotly and kaleido: figures from JSON, and pictures of figures."""

from __future__ import annotations

from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError


def figure_of(content: dict[str, Any]) -> Any:
    """A ``plotly.graph_objects.Figure`` of plotly's own JSON.

    Args:
        content: ``data`` and ``layout``.

    Raises:
        MissingExtraError: If plotly is not installed.
    """
    # Checked by plotly itself, which takes a third of a millisecond, and finds our own slips.
    return graphs().Figure(content)


def graphs() -> Any:
    """The module ``plotly.graph_objects``.

    Raises:
        MissingExtraError: If plotly is not installed.
    """
    try:
        from plotly import graph_objects  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError(
            "plotly", install="racto-pipelines[charts]", purpose="Drawing a chart"
        ) from error
    return graph_objects


def picture_of(
    content: dict[str, Any], kind: str, *, width: int, height: int, scale: float
) -> bytes:
    """A picture, drawn by a browser that kaleido starts and ends.

    Args:
        content: ``data`` and ``layout`` of a figure.
        kind: ``png`` or ``svg``.
        width: Width in pixels.
        height: Height in pixels.
        scale: Pixels of the picture for each of them.

    Raises:
        MissingExtraError: If kaleido is not installed.
        ConfigurationError: If there is no browser, or it does not draw.
    """
    try:
        import kaleido  # type: ignore[import-untyped]
        from kaleido import errors
    except ImportError as error:
        raise MissingExtraError(
            "kaleido", install="racto-pipelines[png]", purpose=f"A chart as {kind.upper()}"
        ) from error
    opts = {"format": kind, "width": width, "height": height, "scale": scale}
    try:
        # Formulas would be fetched from the network, and no text of ours holds one.
        drawn = kaleido.calc_fig_sync(content, opts=opts, kopts={"mathjax": False})
    except errors.ChromeNotFoundError as error:
        raise ConfigurationError(
            f"a chart as {kind.upper()} is drawn by a browser, and none was found: install Chrome "
            "or Chromium, or name one in the variable BROWSER_PATH; HTML and JSON need none"
        ) from error
    except (
        errors.BrowserClosedError,
        errors.BrowserFailedError,
        errors.JavascriptError,
        errors.KaleidoError,
        TimeoutError,
    ) as error:
        raise ConfigurationError(
            f"the browser did not draw the chart: {type(error).__name__}; HTML and JSON need none"
        ) from error
    return bytes(drawn)
