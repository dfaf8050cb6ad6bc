"""Limits on time, memory and output, and errors that say to a model what to mend."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import polars as pl
import pytest

from racto.core.errors import ConfigurationError, RactoGatewayTimeoutError
from racto.pipelines.errors import SandboxError, SandboxLimitError
from racto.pipelines.sql_analyst.sandbox import AnalysisSandbox

from .corpora import Snippet, corpus, sales

LIMITS = corpus("limits_polars")


def of(kind: str) -> list[Snippet]:
    return [snippet for snippet in LIMITS if snippet.expects == kind]


def children() -> set[str]:
    """Processes of this one that are there, zombies included."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


@pytest.mark.parametrize("snippet", of("limit"), ids=lambda s: s.name)
def test_code_is_stopped_at_a_limit(snippet: Snippet, small_sandbox: AnalysisSandbox) -> None:
    with pytest.raises(SandboxLimitError, match=r"seconds|memory|bytes") as caught:
        small_sandbox.run(snippet.code, sales())
    assert isinstance(caught.value, RactoGatewayTimeoutError)


@pytest.mark.parametrize("snippet", of("error"), ids=lambda s: s.name)
def test_code_that_fails_is_told_how(snippet: Snippet, small_sandbox: AnalysisSandbox) -> None:
    with pytest.raises(SandboxError) as caught:
        small_sandbox.run(snippet.code, sales())
    assert type(caught.value) is SandboxError


@pytest.mark.parametrize("snippet", of("result"), ids=lambda s: s.name)
def test_what_is_printed_is_cut(snippet: Snippet, small_sandbox: AnalysisSandbox) -> None:
    done = small_sandbox.run(snippet.code, sales())
    assert done.value == 1
    assert len(done.printed) == 2 << 20
    assert done.dropped == 200_000 * 101 - len(done.printed)


def test_every_piece_says_what_it_expects() -> None:
    assert len(of("limit")) + len(of("error")) + len(of("result")) == len(LIMITS)


def test_an_error_names_type_text_and_line(polars_sandbox: AnalysisSandbox) -> None:
    code = "total = df['amount'].sum()\nratio = total / 0\nresult = ratio"
    with pytest.raises(SandboxError) as caught:
        polars_sandbox.run(code, sales())
    assert str(caught.value) == (
        "ZeroDivisionError: float division by zero (line 2: ratio = total / 0)"
    )


def test_an_error_of_the_syntax_names_the_line(polars_sandbox: AnalysisSandbox) -> None:
    with pytest.raises(SandboxError, match=r"^SyntaxError: .*line 2: result = \(") as caught:
        polars_sandbox.run("x = 1\nresult = (", sales())
    assert type(caught.value) is SandboxError


@pytest.mark.parametrize(
    "code",
    [
        "from polars import nothing_like_it",
        "import numpy as n\nresult = n.nothing",
        "import polars\nresult = polars",
        "raise ValueError(repr(pl))",
        "raise ValueError(repr(np.linalg))",
    ],
)
def test_an_error_names_no_place_of_this_machine(
    code: str, polars_sandbox: AnalysisSandbox
) -> None:
    with pytest.raises(SandboxError) as caught:
        polars_sandbox.run(code, sales())
    site = str(Path(pl.__file__).parent.parent)
    assert site not in str(caught.value)
    assert not re.search(r"/(root|home|usr|work)/", str(caught.value))


def test_nothing_is_left_of_a_killed_run(small_sandbox: AnalysisSandbox) -> None:
    small_sandbox.warm()
    before = children()
    with pytest.raises(SandboxLimitError):
        small_sandbox.run("while True:\n    pass", sales())
    waiting = {str(process.pid) for process in small_sandbox._pool._waiting}
    assert children() - before <= waiting


def test_the_kernel_ends_a_process_whose_parent_is_gone() -> None:
    from racto.pipelines.sql_analyst.sandbox.frames import packed as packed_frame
    from racto.pipelines.sql_analyst.sandbox.jail.channel import packed

    with AnalysisSandbox(pool=0, timeout_s=0.2) as sandbox:
        process = sandbox._pool._start()
        process.await_ready(60)
        code = "while True:\n    pass"
        process.send(packed({"code": code, "printable": 10}, [packed_frame(sales(), "polars")]))
        assert process.reply(60, 1 << 16).text("kind") == "started"
        # Nobody watches the clock now; the grace behind the limit is two seconds.
        deadline = time.monotonic() + 30
        while process.alive() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not process.alive()
        process.end()


@pytest.mark.parametrize(
    "wrong",
    [
        {"engine": "duckdb"},
        {"timeout_s": 0},
        {"timeout_s": float("nan")},
        {"memory_bytes": 10},
        {"memory_bytes": 1e9},
        {"max_output_bytes": -1},
        {"pool": -1},
        {"pool": 1.5},
        {"sandbox": "loose"},
    ],
)
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        AnalysisSandbox(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("frame", [None, [1], {"a": [1]}, "frame"])
def test_what_is_no_frame_is_refused(frame: object, polars_sandbox: AnalysisSandbox) -> None:
    with pytest.raises(ConfigurationError, match="takes a frame"):
        polars_sandbox.run("result = 1", frame)


def test_a_column_of_objects_does_not_go_in(polars_sandbox: AnalysisSandbox) -> None:
    frame = pl.DataFrame({"x": pl.Series([object()], dtype=pl.Object)})
    with pytest.raises(ConfigurationError):
        polars_sandbox.run("result = 1", frame)
