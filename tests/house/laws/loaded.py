"""Laws on import: what a portion loads, asked of a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from laws.report import Report

CORE_LOADS = {
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
}
TEST_LOADS = {
    "pytest",
    "_pytest",
    "pluggy",
    "iniconfig",
    "packaging",
    "pygments",
    "py",
    "hypothesis",
    "_hypothesis_globals",
    "sortedcontainers",
    "attr",
    "attrs",
}
# Third-party modules that a portion may load as it is imported. No provider SDK, no database
# client and no parser of documents is among them: those load at first use.
MAY_LOAD: dict[str, set[str]] = {
    "racto.core": CORE_LOADS,
    "racto.providers": CORE_LOADS,
    "racto.pipelines": CORE_LOADS,
    # The guard is its parser, and loads at its first use.
    "racto.pipelines.sql_analyst.guard": CORE_LOADS | {"sqlglot", "sqlglotc", "mypy_extensions"},
    "racto.rag": CORE_LOADS,
    "racto.retrieval.server": CORE_LOADS | {"orjson"},
    "racto.stores.memory": CORE_LOADS | {"numpy"},
    "racto.testing": CORE_LOADS,
    "racto.core.testing.contracts": CORE_LOADS | TEST_LOADS,
}

# What compiled libraries and the interpreter's build put beside themselves among the modules.
_COMPILED = ("_cython", "cython_runtime", "_sysconfigdata")

_PROGRAM = """
import json, sys
before = set(sys.modules)
__import__(sys.argv[1])
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded_modules(portion: str, paths: Sequence[Path] = ()) -> list[str]:
    """Return the modules that a fresh interpreter loads to import ``portion``.

    Args:
        portion: What to import, such as ``racto.core``.
        paths: Folders to put on the import path first.
    """
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, portion],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"import {portion} failed:\n{done.stderr}")
    modules: list[str] = json.loads(done.stdout)
    return modules


def allowed_for(package: str) -> set[str]:
    """Return what a package may load: by the longest name in :data:`MAY_LOAD` that holds it."""
    holding = [name for name in MAY_LOAD if f"{package}.".startswith(f"{name}.")]
    return MAY_LOAD[max(holding, key=len)] if holding else CORE_LOADS


def _home(package: str) -> str:
    holding = [name for name in MAY_LOAD if f"{package}.".startswith(f"{name}.")]
    return min(holding, key=len) if holding else package


def light_import(portion: str, paths: Sequence[Path] = ()) -> Report:
    """Importing a portion loads the libraries it may, no sibling, and nothing else.

    Args:
        portion: What to import, or a package inside one.
        paths: Folders to put on the import path first.
    """
    report = Report()
    known = sys.stdlib_module_names | allowed_for(portion)
    for module in loaded_modules(portion, paths):
        report.seen += 1
        top = module.split(".")[0]
        if top == "racto":
            own = module in {"racto", *_parents(portion)}
            inside = (f"{_home(portion)}.", "racto.core.")
            if not own and not module.startswith(inside) and module != "racto.core":
                report.add(portion, f"loads its sibling {module}")
        elif top not in known and not top.startswith(_COMPILED):
            report.add(portion, f"loads {module}")
    return report


def _parents(portion: str) -> set[str]:
    parts = portion.split(".")
    return {".".join(parts[: i + 1]) for i in range(len(parts))}
