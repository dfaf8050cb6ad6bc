"""Laws on the lock file and the shared settings: portable, and in step with the packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from distributions import distributions
from laws.report import Report

# The index itself, and the store of its files.
CANONICAL_HOSTS = 2
PRIVATE = re.compile(r"localhost|\.local$|\.internal$|^\d+\.\d+\.\d+\.\d+$|^[^.]+$|^$")
REFERENCE = re.compile(r'\b(registry|url|path|git|find-links|directory)\s*=\s*"([^"]*)"')


def portable_lock(root: Path) -> Report:
    """uv.lock names one public index and one store of files, and no place of one machine."""
    report = Report()
    hosts: dict[str, set[str]] = {"registry": set(), "url": set()}
    for number, line in enumerate((root / "uv.lock").read_text("utf-8").splitlines(), 1):
        for kind, target in REFERENCE.findall(line):
            report.seen += 1
            if kind not in hosts:
                report.add(f"uv.lock:{number}", f"refers to {kind} {target!r}")
                continue
            parts = urlsplit(target)
            hosts[kind].add(parts.hostname or "")
            if parts.scheme != "https" or parts.username or PRIVATE.search(parts.hostname or ""):
                report.add(f"uv.lock:{number}", f"refers to {target!r}, which others cannot reach")
    for kind, found in hosts.items():
        if len(found) > CANONICAL_HOSTS - 1:
            report.add("uv.lock", f"names several hosts as {kind}: {', '.join(sorted(found))}")
    return report


def locked_members(root: Path) -> Report:
    """uv.lock knows every distribution of the workspace."""
    report = Report()
    lock = tomllib.loads((root / "uv.lock").read_text("utf-8"))
    members = set(lock.get("manifest", {}).get("members", []))
    for entry in distributions(root):
        report.seen += 1
        if entry.name not in members:
            report.add("uv.lock", f"does not know {entry.name}; run `make lock`")
    return report


def typed_paths(root: Path) -> Report:
    """The type checker's path in pyproject.toml names each package's source, and nothing else."""
    report = Report()
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    listed = {text.removeprefix("$MYPY_CONFIG_FILE_DIR/") for text in settings["mypy_path"]}
    wanted = {f"packages/{entry.folder.name}/src" for entry in distributions(root)}
    report.seen = len(wanted)
    for path in sorted(wanted - listed):
        report.add("pyproject.toml", f"mypy_path lacks {path}")
    for path in sorted(listed - wanted):
        report.add("pyproject.toml", f"mypy_path names {path}, which is no package")
    return report


def same_settings(root: Path) -> Report:
    """Every member builds with the same back end, metadata version, licence and Python floor."""
    report = Report()
    for entry in distributions(root):
        report.seen += 1
        data = entry.pyproject
        project, wheel = data["project"], data["tool"]["hatch"]["build"]["targets"]["wheel"]
        facts = {
            "build-backend": (data["build-system"]["build-backend"], "hatchling.build"),
            "requires-python": (project.get("requires-python"), ">=3.11"),
            "license": (project.get("license"), "Apache-2.0"),
            "packages": (wheel.get("packages"), ["src/racto"]),
            "core-metadata-version": (wheel.get("core-metadata-version"), "2.4"),
        }
        for field, (found, wanted) in facts.items():
            if found != wanted:
                report.add(entry.folder.name, f"{field} is {found!r}, and should be {wanted!r}")
        for name in ("README.md", "CHANGELOG.md"):
            if not (entry.folder / name).is_file():
                report.add(entry.folder.name, f"has no {name}")
    return report
