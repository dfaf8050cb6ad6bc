"""Putting off: since when is told by a header, and whatever a header says does no harm."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.celery import TaskRun
from racto.celery.deferrals import SINCE, waiting_since


def _run(value: Any) -> TaskRun:
    return TaskRun(
        task_id="t",
        name="n",
        kind="generate",
        attempt=1,
        headers={SINCE: value},
        payload=None,  # type: ignore[arg-type]
        workshop=None,  # type: ignore[arg-type]
        task=None,
    )


def test_first_time_is_kept() -> None:
    assert waiting_since(_run("1000.5")) == 1000.5


@pytest.mark.parametrize("value", ["soon", None, "nan", "inf", "-5", "1e300", [], "9" * 400])
def test_other_values_mean_now(value: Any) -> None:
    assert abs(waiting_since(_run(value)) - time.time()) < 5


@given(st.one_of(st.text(), st.floats(), st.integers(), st.binary()))
def test_never_ahead_of_now(value: Any) -> None:
    assert 0 < waiting_since(_run(value)) <= time.time()
