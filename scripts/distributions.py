"""Reads the workspace: which distributions there are, where each lives, and what it declares."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

REQUIREMENT_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def canonical(name: str) -> str:
    """Return a distribution's name as an index compares it: lower case, runs of ``-_.`` as one -."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement_name(requirement: str) -> str:
    """Return the canonical name in a requirement such as ``"numpy>=2; python_version<'3.13'"``."""
    found = REQUIREMENT_NAME.match(requirement.strip())
    return canonical(found.group()) if found else ""


@dataclass(frozen=True)
class Distribution:
    """One folder under ``packages/`` and what its pyproject.toml says."""

    folder: Path

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        """The parsed pyproject.toml; empty where the folder has none."""
        path = self.folder / "pyproject.toml"
        return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}

    @property
    def name(self) -> str:
        """The name it is released under, such as ``racto-stores-memory``."""
        return str(self.pyproject.get("project", {}).get("name", ""))

    @property
    def version(self) -> str:
        """The version in its pyproject.toml."""
        return str(self.pyproject.get("project", {}).get("version", ""))

    @property
    def source(self) -> Path:
        """The folder that stands on the import path."""
        return self.folder / "src"

    @property
    def dependencies(self) -> list[str]:
        """Canonical names of what it always needs."""
        declared = self.pyproject.get("project", {}).get("dependencies", [])
        return [requirement_name(text) for text in declared]

    @property
    def extras(self) -> dict[str, list[str]]:
        """Canonical names of what each of its extras needs."""
        declared = self.pyproject.get("project", {}).get("optional-dependencies", {})
        return {
            extra: [requirement_name(text) for text in texts] for extra, texts in declared.items()
        }

    @property
    def test_group(self) -> list[str]:
        """What its tests need beside itself, as requirements; never published with it."""
        return list(self.pyproject.get("dependency-groups", {}).get("test", []))

    @property
    def import_name(self) -> str:
        """The portion that follows from where the single py.typed lies; empty when there is none."""
        markers = sorted(self.source.rglob("py.typed"))
        if len(markers) != 1:
            return ""
        return ".".join(markers[0].parent.relative_to(self.source).parts)

    @property
    def portion(self) -> Path:
        """The folder of the portion's ``__init__.py``; the source folder when there is none."""
        return (
            self.source.joinpath(*self.import_name.split(".")) if self.import_name else self.source
        )

    def files(self) -> list[Path]:
        """Every Python file of the distribution's source, sorted."""
        return sorted(self.source.rglob("*.py"))


def distributions(root: Path) -> list[Distribution]:
    """Return every distribution of the workspace at ``root``, by folder name."""
    folders = sorted(path for path in (root / "packages").iterdir() if path.is_dir())
    return [Distribution(path) for path in folders if (path / "pyproject.toml").is_file()]


def named(root: Path, name: str) -> Distribution:
    """Return the distribution called ``name``.

    Raises:
        SystemExit: When there is none; the message lists what there is.
    """
    everything = {entry.name: entry for entry in distributions(root)}
    if name not in everything:
        raise SystemExit(f"no package {name!r} here; there are: {', '.join(sorted(everything))}")
    return everything[name]


def dependants(root: Path, names: set[str]) -> Iterator[Distribution]:
    """Yield the distributions in ``names`` and those that depend on one of them, however far.

    Those whose tests need one of them come too, and nobody on their account.
    """
    reached = set(names)
    everything = distributions(root)
    while True:
        more = {e.name for e in everything if reached & set(e.dependencies)} - reached
        if not more:
            break
        reached |= more
    tested = {e.name for e in everything if reached & set(map(requirement_name, e.test_group))}
    yield from (entry for entry in everything if entry.name in reached | tested)
