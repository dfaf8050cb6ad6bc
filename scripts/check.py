"""Runs the gates on style and types, and fails when a gate looked at fewer files than there are.

A linter or type checker that is pointed at the wrong place says "success" after reading nothing.
Each gate here is asked how many files it saw, and the answer is compared with the files on disk.

    python scripts/check.py lint      ruff check, ruff format --check
    python scripts/check.py types     mypy strict over every package and tests/typing
    python scripts/check.py all       both
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINTED = ("packages", "scripts", "tests", "benchmarks", "examples")
MYPY_COUNT = re.compile(r"(?:no issues found in|checked) (\d+) source files?")


def python_files(*folders: Path) -> set[Path]:
    """Return the Python files below ``folders`` that belong to the project."""
    found = (path for folder in folders for path in folder.rglob("*.py"))
    return {path for path in found if not {"__pycache__", ".cache"} & set(path.parts)}


def typed_folders(root: Path) -> list[Path]:
    """Return what mypy checks: each package's source, and code as a user would type it."""
    sources = sorted(path for path in root.glob("packages/*/src") if path.is_dir())
    typing = root / "tests" / "typing"
    return [*sources, typing] if typing.is_dir() else sources


def mypy_saw(output: str) -> int:
    """Return the number of files that mypy says it checked; 0 when it does not say."""
    found = MYPY_COUNT.search(output)
    return int(found.group(1)) if found else 0


def shortfall(gate: str, seen: int, wanted: int) -> str | None:
    """Return what to say when a gate saw another number of files than there are, else None."""
    if seen == wanted and wanted > 0:
        return None
    return f"{gate} looked at {seen} files, but there are {wanted}: its paths are wrong"


def run(*command: str) -> tuple[int, str]:
    """Run a tool of this environment from the root; return its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def types() -> int:
    """Run mypy; return 0 when there is no error and no file was missed."""
    folders = typed_folders(ROOT)
    code, output = run("mypy", *(str(path.relative_to(ROOT)) for path in folders))
    print(output, end="")
    problem = shortfall("mypy", mypy_saw(output), len(python_files(*folders)))
    if problem:
        print(problem, file=sys.stderr)
    return 1 if code or problem else 0


def lint() -> int:
    """Run ruff's linter and formatter; return 0 when both are content and no file was missed."""
    folders = [ROOT / name for name in LINTED if (ROOT / name).is_dir()]
    _, listing = run("ruff", "check", "--show-files", *map(str, folders))
    shown = {Path(line) for line in listing.splitlines() if line.endswith(".py")}
    problem = shortfall("ruff", len(shown), len(python_files(*folders)))
    if problem:
        print(problem, file=sys.stderr)
    checked, complaints = run("ruff", "check", *map(str, folders))
    formatted, differences = run("ruff", "format", "--check", *map(str, folders))
    print(complaints + differences + f"ruff saw {len(shown)} files")
    return 1 if checked or formatted or problem else 0


GATES = {"lint": [lint], "types": [types], "all": [lint, types]}


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and run the gate that it names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gate", nargs="?", default="all", choices=sorted(GATES))
    chosen = parser.parse_args(arguments)
    return max(gate() for gate in GATES[chosen.gate])


if __name__ == "__main__":
    raise SystemExit(main())
