"""Charts as files: whole, protected, closed to what stands in the data, and really drawn."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import struct
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.pipelines.sql_analyst.charts import awrite_chart, chart_bytes, draw, write_chart
from racto.pipelines.sql_analyst.charts.palette import OTHERS, SERIES
from racto.pipelines.sql_analyst.charts.wording import plain

HOSTILE = "</script><script>alert(1)</script>"
FRAME = pl.DataFrame({"name": [HOSTILE, "<img src=x onerror=alert(1)>", "$a$"], "n": [1, 2, 3]})


@pytest.fixture
def figure() -> Any:
    return draw(FRAME, {"chart_type": "bar", "title": HOSTILE}).figure


@pytest.fixture(scope="module")
def browser() -> str:
    """A browser to draw with; without one the test is skipped, or fails where all must be there."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        refuse = pytest.fail if os.environ.get("RACTO_REQUIRE_SERVICES") == "1" else pytest.skip
        refuse("there is no Chrome or Chromium to draw with: apt-get install chromium")
    assert found is not None
    return found


class _Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.starts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.starts.append(tag)


def _tags(page: str) -> list[str]:
    parser = _Scripts()
    parser.feed(page)
    return parser.starts


def test_no_data_breaks_out_of_a_page(figure: Any) -> None:
    page = chart_bytes(figure, "html", plotlyjs="cdn").decode()
    harmless = draw([{"name": "a", "n": 1}, {"name": "b", "n": 2}]).figure
    expected = chart_bytes(harmless, "html", plotlyjs="cdn").decode()
    assert _tags(page) == _tags(expected)
    assert "alert(1)</" not in page


@given(st.text(max_size=60))
def test_no_text_ends_a_script(text: str) -> None:
    chart = draw(
        [{"name": text, "n": 1}, {"name": "b", "n": 2}], {"chart_type": "bar", "title": text}
    )
    page = chart_bytes(chart.figure, "html", plotlyjs="cdn").decode()
    assert _tags(page).count("script") == page.count("<script")
    assert page.count("</script>") == page.count("<script")


def test_text_is_shown_letter_by_letter() -> None:
    assert plain("<b>x</b> & AT&T &amp;") == "&lt;b>x&lt;/b> & AT&T &amp;amp;"
    assert plain("$5") == "$5"
    assert "$" not in plain("$a$")


def test_a_page_opens_without_a_network_or_is_small(figure: Any) -> None:
    whole = chart_bytes(figure, "html")
    small = chart_bytes(figure, "html", plotlyjs="cdn")
    assert len(whole) > 3_000_000 > 50_000 > len(small)
    sources = re.findall(rb'<script[^>]* src="([^"]*)"', whole)
    assert sources == []
    assert re.findall(rb'<script[^>]* src="(https://[^"]*)"', small)


def test_json_is_plotly_s_own(figure: Any) -> None:
    content = json.loads(chart_bytes(figure, "json"))
    assert content["data"][0]["type"] == "bar"
    assert content["layout"]["title"]["text"].startswith("&lt;/script>")


def test_files_are_whole_and_never_replaced_unasked(figure: Any, tmp_path: Path) -> None:
    path = tmp_path / "chart.json"
    assert write_chart(figure, path) == path
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="overwrite=True"):
        write_chart(figure, path)
    write_chart(figure, path, overwrite=True)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["chart.json"]


def test_unknown_formats_and_figures_are_refused(figure: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"'bmp' is not known.*png, svg, html, json"):
        write_chart(figure, tmp_path / "chart.bmp")
    with pytest.raises(ConfigurationError, match="Plotly figure"):
        chart_bytes({"data": []}, "html")
    assert list(tmp_path.iterdir()) == []


def test_both_voices_write(tmp_path: Path) -> None:
    chart = draw([{"name": "a", "n": 1}, {"name": "b", "n": 2}])

    async def written() -> None:
        await chart.awrite(tmp_path / "a.json")
        await awrite_chart(chart.figure, tmp_path / "b.json")
        assert await chart.ato_bytes("json") == chart.to_bytes("json")

    asyncio.run(written())
    chart.write(tmp_path / "c.json")
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_is_drawn(browser: str, figure: Any, kind: str, tmp_path: Path) -> None:
    path = write_chart(figure, tmp_path / f"chart.{kind}", width=640, height=400, scale=1)
    content = path.read_bytes()
    if kind == "png":
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", content[16:24]) == (640, 400)
        # An empty page packs to next to nothing.
        assert len(content) > 5_000
    else:
        assert b"<script" not in content
        assert b"alert(1)" in content


def test_no_browser_is_said(figure: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="install Chrome or Chromium"):
        chart_bytes(figure, "png")


@pytest.mark.parametrize(("library", "extra"), [("plotly", "charts"), ("kaleido", "png")])
def test_a_missing_library_prints_the_line(
    figure: Any, monkeypatch: pytest.MonkeyPatch, library: str, extra: str
) -> None:
    monkeypatch.setitem(__import__("sys").modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"racto-pipelines\[{extra}\]"):
        draw(FRAME, "bar") if library == "plotly" else chart_bytes(figure, "png")


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("page", ["#ffffff", "#14181f"])
@pytest.mark.parametrize("colour", [*SERIES, OTHERS, "#74797f"])
def test_colours_are_seen_on_light_and_dark(colour: str, page: str) -> None:
    light, dark = sorted((_luminance(colour), _luminance(page)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3
