"""Laws on the documentation: a page for each package, a place for each page, no link to nowhere."""

from __future__ import annotations

import re
from pathlib import Path

from distributions import distributions
from laws.report import Report

ENTRY = re.compile(r"^ *- .*: (\S+\.md) *$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s#]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def pages_in_contents(root: Path) -> Report:
    """The table of contents names every page there is, and no other, and each package has one."""
    report = Report()
    folder = root / "docs"
    listed = set(ENTRY.findall((root / "mkdocs.yml").read_text("utf-8")))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
    wanted = {f"packages/{entry.name}.md" for entry in distributions(root)}
    report.seen = len(there | listed)
    for page in sorted(listed - there):
        report.add("mkdocs.yml", f"lists {page}, which is not there")
    for page in sorted(there - listed):
        report.add(f"docs/{page}", "is in no table of contents; add it to mkdocs.yml")
    for page in sorted(wanted - there):
        report.add(f"docs/{page}", "is missing: each package has a page")
    return report


def links_lead_somewhere(root: Path) -> Report:
    """Each relative link in a Markdown file leads to a file that is there."""
    report = Report()
    found = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("packages/*/*.md")]
    for path in found:
        report.seen += 1
        text = FENCE.sub("", path.read_text("utf-8"))
        for target in LINK.findall(text):
            outside = re.match(r"^[a-z][a-z0-9+.-]*:", target)
            if not outside and not (path.parent / target).exists():
                report.add(path.relative_to(root), f"links to {target}, which is not there")
    return report
