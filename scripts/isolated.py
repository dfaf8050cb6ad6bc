"""Tests one package in an environment that holds nothing but its own dependencies.

What a package forgot to declare is invisible in the workspace's shared environment, because a
sibling brings it along. Here it is missing, and the tests fail as a user's program would.

    python scripts/isolated.py racto-rag
    python scripts/isolated.py racto-rag --resolution lowest-direct --python 3.12
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from distributions import Distribution, distributions, named, requirement_name

ROOT = Path(__file__).resolve().parent.parent


def find_uv() -> str:
    """Return the path of uv: from the variable UV, from PATH, or from .tools/.

    Raises:
        SystemExit: When there is none; the message says how to get one.
    """
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    found = os.environ.get("UV") or shutil.which("uv") or (str(own) if own.is_file() else None)
    if not found:
        raise SystemExit("uv was not found; `make setup` brings it into .tools/")
    return found


def requirements(package: Distribution) -> list[str]:
    """Return the arguments that make uv install the package, racto-core's testing extra included."""
    core = ["-e", f"{ROOT / 'packages' / 'core'}[testing]"]
    # The package's own optional libraries are tested too; a package without any has no "all".
    extras = "[all]" if "all" in package.extras else ""
    own = [] if package.name == "racto-core" else ["-e", f"{package.folder}{extras}"]
    # What only the tests need is not published, and a sibling among it comes from its folder.
    folders = {entry.name: str(entry.folder) for entry in distributions(ROOT)}
    for text in package.test_group:
        place = folders.get(requirement_name(text))
        own += ["-e", place] if place else [text]
    return core + own


def prepare(package: Distribution, resolution: str, python: str) -> Path:
    """Create the environment and return its interpreter."""
    place = ROOT / ".cache" / "isolated" / f"{package.name}-{resolution}-{python_label(python)}"
    interpreter = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = find_uv()
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", python, str(place)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(interpreter)]
    install += ["--resolution", resolution, *requirements(package)]
    subprocess.run(install, check=True, cwd=ROOT)
    return interpreter


def python_label(python: str) -> str:
    """Return a part of a folder name that tells interpreters apart."""
    return re.sub(r"[^\w.]+", "-", python).strip("-")


def intruders(interpreter: Path, package: Distribution) -> list[str]:
    """Return the siblings that came along although the package must not need them."""
    listed = subprocess.run(
        [find_uv(), "pip", "list", "--python", str(interpreter), "--format", "freeze"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    installed = {line.split("==")[0].split(" @ ")[0].strip() for line in listed.splitlines()}
    wanted = {package.name, "racto-core", *map(requirement_name, package.test_group)}
    siblings = {entry.name for entry in distributions(ROOT)} - wanted
    return sorted(installed & siblings)


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, build the environment, run the tests; return pytest's exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", help="distribution to test, such as racto-rag")
    parser.add_argument(
        "--resolution",
        default="highest",
        choices=["highest", "lowest-direct"],
        help="lowest-direct proves the lower bounds that the package declares",
    )
    parser.add_argument("--python", default=sys.executable, help="version or path of the Python")
    chosen, rest = parser.parse_known_args(arguments)
    package = named(ROOT, chosen.package)
    interpreter = prepare(package, chosen.resolution, chosen.python)
    if unwanted := intruders(interpreter, package):
        print(f"{package.name} brought siblings along: {', '.join(unwanted)}", file=sys.stderr)
        return 1
    tests = str(package.folder / "tests")
    command = [str(interpreter), "-m", "pytest", tests, *rest]
    return subprocess.run(command, cwd=ROOT, env=environment()).returncode


def environment() -> dict[str, str]:
    """Return the variables the tests run under: one BLAS thread, no sibling's import path."""
    single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | single


if __name__ == "__main__":
    raise SystemExit(main())
