"""Each built wheel installs alone, imports, and brings nothing but its own dependencies."""

from __future__ import annotations

import subprocess
import zipfile
from importlib.metadata import distributions as installed_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from distributions import Distribution, canonical, distributions
from laws import metadata
from laws.report import Report

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = distributions(ROOT)

# One worker builds the wheels and tests them; the others need not build them again.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheels")]

LAWFUL = """\
Metadata-Version: 2.4
Name: racto-shelf
Version: 0.1.0
Summary: A shelf
License-Expression: Apache-2.0
Requires-Python: >=3.11
Requires-Dist: racto-core<0.2,>=0.1
Description-Content-Type: text/markdown

# racto-shelf
See https://example.org/home/page and `packages/shelf`.
"""


def wheel_of(package: Distribution, wheels: Path) -> Path:
    found = list(wheels.glob(f"{package.name.replace('-', '_')}-*.whl"))
    assert len(found) == 1, f"{package.name}: {found}"
    return found[0]


def test_every_distribution_was_built(wheels: Path) -> None:
    assert len(list(wheels.glob("*.whl"))) == len(PACKAGES) > 0


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_wheel_holds_its_portion_and_leaks_nothing(package: Distribution, wheels: Path) -> None:
    verdict = metadata.wheel_law(wheel_of(package, wheels), ROOT).verdict()
    assert not verdict, verdict


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_wheel_installs_alone(
    package: Distribution, wheels: Path, uv: str, tmp_path: Path
) -> None:
    place = tmp_path / "clean"
    subprocess.run([uv, "venv", "--quiet", str(place)], check=True)
    python = place / "bin" / "python"
    command = [uv, "pip", "install", "--quiet", "--python", str(python), "--find-links"]
    done = subprocess.run(
        [*command, str(wheels), str(wheel_of(package, wheels))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    program = (
        f"import {package.import_name} as portion; [getattr(portion, n) for n in dir(portion)]"
    )
    done = subprocess.run(
        [str(python), "-I", "-W", "error", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    came = installed(next(place.glob("lib/python*/site-packages")))
    assert came.keys() == closure(package.name, came)
    assert {name for name in came if name.startswith("racto")} <= {"racto-core", package.name}


def installed(site: Path) -> dict[str, list[str]]:
    """Requirements of each distribution that lies in a site-packages folder."""
    found = installed_distributions(path=[str(site)])
    return {canonical(entry.name): entry.requires or [] for entry in found}


def closure(name: str, requirements: dict[str, list[str]]) -> set[str]:
    """The distribution and what it needs, however far, without any extra."""
    reached: set[str] = set()
    waiting = [(name, "")]
    done: set[tuple[str, str]] = set()
    while waiting:
        current, extra = waiting.pop()
        if (current, extra) in done:
            continue
        done.add((current, extra))
        reached.add(current)
        for text in requirements.get(current, []):
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                wanted = canonical(needed.name)
                waiting += [(wanted, part) for part in ("", *needed.extras)]
    return reached


PLANTED = {
    "Metadata-Version: 2.4": ("Metadata-Version: 2.5", "not 2.4"),
    "racto-core<0.2,>=0.1": ("racto-rag>=0.1", "sibling racto-rag"),
    ">=0.1\nDesc": (">=0.1\nRequires-Dist: x @ file:///somewhere/x.whl\nDesc", "leaks a path"),
    "# racto-shelf": ("built in /home/somebody/racto", "leaks a path"),
    "`packages/shelf`": ("`C:\\Users\\me\\racto`", "leaks a path"),
    "Summary: A shelf": ("Keywords: shelf", "no Summary"),
}


def test_lawful_metadata_passes() -> None:
    assert not metadata.metadata_law(LAWFUL, "METADATA").verdict()


@pytest.mark.parametrize("old", PLANTED)
def test_planted_metadata_is_found(old: str) -> None:
    new, says = PLANTED[old]
    assert old in LAWFUL
    report: Report = metadata.metadata_law(LAWFUL.replace(old, new), "METADATA")
    assert any(says in text for text in report.violations), report.violations


def test_the_place_of_the_workspace_is_a_leak(tmp_path: Path) -> None:
    text = LAWFUL + f"\nbuilt in {tmp_path}\n"
    assert metadata.metadata_law(text, "METADATA", tmp_path).violations


@pytest.mark.parametrize(
    ("stray", "says"),
    [
        ("racto/__init__.py", "not of its portion"),
        ("racto/rag/__init__.py", "not of its portion"),
        ("tests/test_x.py", "not of its portion"),
    ],
)
def test_planted_wheels_are_found(stray: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "racto_shelf-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("racto/shelf/__init__.py", "")
        archive.writestr("racto/shelf/py.typed", "")
        archive.writestr("racto_shelf-0.1.0.dist-info/METADATA", LAWFUL)
    assert not metadata.wheel_law(path).verdict()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(stray, "")
    assert any(says in text for text in metadata.wheel_law(path).violations)
