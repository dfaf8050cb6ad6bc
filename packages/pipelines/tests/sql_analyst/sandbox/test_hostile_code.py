"""Hostile code against each wall alone: the checker without a process, the process without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core.flows import run
from racto.pipelines.errors import SandboxError, SandboxViolationError
from racto.pipelines.sql_analyst.sandbox import AnalysisSandbox
from racto.pipelines.sql_analyst.sandbox.checker import check_code

from .corpora import Scene, Snippet, corpus, sales

POLARS, PANDAS = corpus("hostile_polars"), corpus("hostile_pandas")


def unchecked(sandbox: AnalysisSandbox, code: str) -> str:
    """What became of code that no checker has read: its result, what it printed, its error."""
    try:
        done = run(sandbox._carry(code, sales()))
    except SandboxError as error:
        return f"{type(error).__name__}: {error}"
    return f"{done.value!r} {done.printed}"


@pytest.mark.parametrize("snippet", POLARS, ids=lambda s: s.name)
def test_the_checker_alone_refuses_code_for_polars(snippet: Snippet, scene: Scene) -> None:
    with pytest.raises(SandboxViolationError):
        check_code(scene.code(snippet), "polars")


@pytest.mark.parametrize("snippet", PANDAS, ids=lambda s: s.name)
def test_the_checker_alone_refuses_code_for_pandas(snippet: Snippet, scene: Scene) -> None:
    with pytest.raises(SandboxViolationError):
        check_code(scene.code(snippet), "pandas")


@pytest.mark.parametrize("snippet", POLARS, ids=lambda s: s.name)
def test_the_process_alone_holds_code_for_polars(
    snippet: Snippet, scene: Scene, polars_sandbox: AnalysisSandbox
) -> None:
    scene.assert_untouched(unchecked(polars_sandbox, scene.code(snippet)))
    assert not Path("/dev/shm/racto-hostile").exists()


@pytest.mark.parametrize("snippet", PANDAS, ids=lambda s: s.name)
def test_the_process_alone_holds_code_for_pandas(
    snippet: Snippet, scene: Scene, pandas_sandbox: AnalysisSandbox
) -> None:
    scene.assert_untouched(unchecked(pandas_sandbox, scene.code(snippet)))


def test_the_corpus_is_as_large_as_it_was_meant_to_be() -> None:
    assert len(POLARS) + len(PANDAS) >= 250


@pytest.mark.parametrize(
    "name",
    [
        "open_secret",
        "open_passwd",
        "open_by_os",
        "write_file",
        "fork",
        "exec_python",
        "kill_parent",
        "proc_self_mem",
        "dev_shm",
        "memfd_by_os",
        "polars_read_csv",
        "socket_connect",
        "symlink",
        "remove",
    ],
)
def test_what_the_kernel_refuses_is_told_as_a_violation(
    name: str, scene: Scene, polars_sandbox: AnalysisSandbox
) -> None:
    snippet = next(s for s in POLARS if s.name == name)
    seen = unchecked(polars_sandbox, scene.code(snippet))
    assert seen.startswith(("SandboxViolationError", "SandboxError: ModuleNotFoundError"))
