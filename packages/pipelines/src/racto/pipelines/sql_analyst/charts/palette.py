"""Colours that are seen on white and on black pages alike, and a template that changes with either."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

SERIES = (
    "#3b7dd8",
    "#d9730d",
    "#1f9d63",
    "#c2509f",
    "#0e8f9f",
    "#d64545",
    "#8a63d2",
    "#87801f",
)
"""Of series, in their order; each has a contrast of 3 to 1 or more on white and on dark."""

OTHERS = "#7f8792"
"""Of what was summed up, and of what stands for nothing of its own."""

SEQUENTIAL = [[0.0, "#d7e6fa"], [0.5, "#5b95e2"], [1.0, "#173f7a"]]
DIVERGING = [[0.0, "#b0402f"], [0.5, "#e9e9e9"], [1.0, "#2a66b5"]]

# Grey of middle lightness: text in it is read on either page.
_INK = "#74797f"
_GRID = "rgba(128,128,128,0.22)"

Theme: TypeAlias = Literal["light", "dark", "neutral"]
"""The page that a picture is made for; ``neutral`` is transparent."""

_PAGES: dict[str, dict[str, Any]] = {
    "light": {"paper_bgcolor": "#ffffff", "font": {"color": "#26303c"}},
    "dark": {"paper_bgcolor": "#14181f", "font": {"color": "#dfe4ea"}},
    "neutral": {},
}


def template() -> dict[str, Any]:
    """Everything of a figure's looks, so that a user's own template replaces all of it."""
    # Both axes alike, or one would seem to matter more.
    axis = {
        "gridcolor": _GRID,
        "linecolor": _GRID,
        "zerolinecolor": "rgba(128,128,128,0.5)",
        "automargin": True,
        "ticklabelstandoff": 5,
        "title": {"standoff": 12},
    }
    layout = {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(SERIES),
        "font": {"color": _INK, "family": "Inter, Helvetica, Arial, sans-serif", "size": 13},
        "title": {"x": 0.02, "xanchor": "left", "font": {"size": 18}},
        "xaxis": axis,
        "yaxis": axis,
        "hoverlabel": {"align": "left"},
        "legend": {"title": {"font": {"size": 12}}},
        "margin": {"l": 70, "r": 30, "t": 70, "b": 60},
    }
    return {"layout": layout}


def page(theme: Theme) -> dict[str, Any]:
    """What a picture's layout gets for a page; empty for ``neutral``."""
    return _PAGES[theme]


def colour(place: int) -> str:
    """The colour of a series by its place, from 0."""
    return SERIES[place % len(SERIES)]
