"""Laws on what is built: a wheel holds one portion, names no sibling, and leaks no path."""

from __future__ import annotations

import re
import zipfile
from email.parser import HeaderParser
from pathlib import Path

from distributions import requirement_name
from laws.report import Report

CORE = "racto-core"
METADATA_VERSION = "2.4"
# An absolute path of somebody's machine, or a reference to one.
LEAK = re.compile(
    r"""(?x) file:// | (?<![\w./:-]) (?: /(?:home|root|tmp|Users|var|opt|work|workspace|mnt|srv)/ )
    | \b[A-Za-z]:\\\\?\w | @\s+\.{0,2}/""",
)


def metadata_law(text: str, where: str, root: Path | None = None) -> Report:
    """Check one METADATA file.

    Args:
        text: Its content.
        where: What a message calls it.
        root: The workspace it was built in, whose path must not occur.
    """
    report = Report(seen=1)
    headers = HeaderParser().parsestr(text)
    name = str(headers["Name"])
    if headers["Metadata-Version"] != METADATA_VERSION:
        report.add(where, f"is metadata {headers['Metadata-Version']}, not {METADATA_VERSION}")
    for requirement in headers.get_all("Requires-Dist") or []:
        needed = requirement_name(requirement)
        if needed.startswith("racto") and needed not in {CORE, name}:
            report.add(where, f"asks for its sibling {needed}")
    for number, line in enumerate(text.splitlines(), 1):
        if LEAK.search(line) or (root is not None and str(root) in line):
            report.add(f"{where}:{number}", f"leaks a path: {line.strip()[:100]}")
    for field in ("Summary", "Requires-Python", "License-Expression", "Description-Content-Type"):
        if not headers[field]:
            report.add(where, f"has no {field}")
    return report


def wheel_law(path: Path, root: Path | None = None) -> Report:
    """Check one built wheel: its files, and its METADATA.

    Args:
        path: The wheel.
        root: The workspace it was built in.
    """
    report = Report(seen=1)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        text = archive.read(metadata).decode("utf-8")
    portion = path.name.split("-")[0].replace("_", "/")
    for wanted in ("__init__.py", "py.typed"):
        if f"{portion}/{wanted}" not in names:
            report.add(path.name, f"lacks {portion}/{wanted}")
    for name in names:
        if not name.startswith(f"{portion}/") and ".dist-info/" not in name:
            report.add(path.name, f"holds {name}, which is not of its portion")
    report.violations += metadata_law(text, f"{path.name} METADATA", root).violations
    return report
