"""Frames of every type that polars has: drawn, checked and written, or refused with our own error."""

from __future__ import annotations

import contextlib
import json

import polars as pl
import pytest
from hypothesis import given, strategies as st
from polars.testing.parametric import dataframes

from racto.core.errors import ConfigurationError
from racto.pipelines.errors import ChartError
from racto.pipelines.sql_analyst.answers import check_answer
from racto.pipelines.sql_analyst.charts import CHART_TYPES, draw
from racto.pipelines.sql_analyst.exports import FORMATS, table_bytes

FRAMES = dataframes(max_size=12, max_cols=4, excluded_dtypes=[pl.Object])


@given(FRAMES, st.sampled_from([*CHART_TYPES, "auto"]))
def test_any_frame_is_drawn_or_refused(frame: pl.DataFrame, kind: str) -> None:
    with contextlib.suppress(ChartError):
        chart = draw(frame, kind)
        if chart.figure is not None:
            json.loads(chart.to_bytes("json"))


@given(FRAMES)
def test_any_frame_can_be_checked_against(frame: pl.DataFrame) -> None:
    answer = "12, 55 % and 3.4M on 2024-01-31 at 13:50"
    checked = check_answer(answer, frame)
    assert len(checked.numbers) == 5


@pytest.mark.parametrize("kind", FORMATS)
@given(frame=FRAMES)
def test_any_frame_is_written(kind: str, frame: pl.DataFrame) -> None:
    with contextlib.suppress(ConfigurationError):
        content = table_bytes(frame, kind)
        if kind == "json":
            assert len(json.loads(content)) == frame.height
