"""Spools: parts within the limits, lines found again."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from racto.batch.hosts import BatchLimits
from racto.batch.spooling import Spool, joined, line_at, spool_path
from racto.core import ConfigurationError

LIMITS = BatchLimits(requests=3, bytes=100, line_bytes=90, frame_bytes=10)


def add(spool: Spool, line: bytes, lane: str = "a", weight: int = 1) -> int:
    return spool.add(line, lane=lane, path="/p", model="m", weight=weight).part


def test_a_part_ends_at_the_limit_of_requests(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMITS)
    assert [add(spool, b"x") for _ in range(7)] == [0, 0, 0, 1, 1, 1, 2]
    assert [part.count for part in spool.finish()] == [3, 3, 1]


def test_a_part_ends_at_the_limit_of_bytes_frame_included(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMITS)
    # 45 bytes twice with their breaks are 92, and the frame has 10.
    assert [add(spool, b"x" * 45), add(spool, b"x" * 45)] == [0, 1]
    assert [add(spool, b"x" * 21), add(spool, b"x" * 22)] == [1, 2]


def test_weights_count_as_requests(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMITS)
    assert [add(spool, b"x", weight=2), add(spool, b"x", weight=2)] == [0, 1]


def test_lanes_do_not_mix_and_are_filled_side_by_side(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMITS)
    assert [add(spool, b"x", lane) for lane in "abab"] == [0, 1, 0, 1]


def test_a_line_above_the_limits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="above the 100"):
        add(Spool(tmp_path, LIMITS), b"x" * 95)


def test_headers_of_all_requests_are_joined() -> None:
    both = joined({"anthropic-beta": "a, b"}, {"Anthropic-Beta": "b,c", "x": "1"})
    assert both == {"anthropic-beta": "a,b,c", "x": "1"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_files_are_for_the_user_alone(tmp_path: Path) -> None:
    spool = Spool(tmp_path, LIMITS)
    add(spool, b"x")
    spool.finish()
    assert stat.S_IMODE(spool_path(tmp_path, 0).stat().st_mode) == 0o600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(lines=st.lists(st.tuples(st.sampled_from("ab"), st.binary(max_size=80)), min_size=1))
def test_every_line_is_found_where_it_was_put(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    spool = Spool(folder, LIMITS)
    places = [spool.add(line, lane=lane, path="/p", model="m") for lane, line in lines]
    parts = spool.finish()
    assert [line_at(folder, place) for place in places] == [line for _, line in lines]
    for part in parts:
        assert spool_path(folder, part.number).stat().st_size == part.size <= LIMITS.bytes - 10
