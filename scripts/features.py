"""Writes the table of features by provider into the documentation, from what the kits declare.

python scripts/features.py            write docs/providers/index.md again
python scripts/features.py --check    say whether it is up to date, and change nothing
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from racto.providers.capabilities import Capabilities, Feature

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "providers" / "index.md"
BEGIN, END = "<!-- features: begin -->\n", "<!-- features: end -->"

PROVIDERS = {
    "openai": "CAPABILITIES",
    "openai (Chat Completions)": "CHAT_CAPABILITIES",
    "anthropic": "CAPABILITIES",
    "google": "CAPABILITIES",
    "google (Interactions)": "INTERACTIONS_CAPABILITIES",
    "ollama": "CAPABILITIES",
    "huggingface": "CAPABILITIES",
    "voyage": "CAPABILITIES",
    "local": "CAPABILITIES",
}
"""Package of each column, and the name of its declaration there."""


def declared() -> list[Capabilities]:
    """Return what each kit declares, in the order of the table's columns."""
    return [
        getattr(importlib.import_module(f"racto.providers.{column.split()[0]}.capabilities"), name)
        for column, name in PROVIDERS.items()
    ]


def table(columns: Sequence[Capabilities]) -> str:
    """Return the table in Markdown, with its notes below it.

    Args:
        columns: What each kit declares.
    """
    notes: list[str] = []
    head = " | ".join(column.title for column in columns)
    lines = [f"| | {head} |", "|---|" + ":-:|" * len(columns)]
    for feature in Feature:
        cells = [_cell(column, feature, notes) for column in columns]
        lines.append(f"| {feature.value} | {' | '.join(cells)} |")
    told = "\n".join(f"{number}. {note}" for number, note in enumerate(notes, start=1))
    return "\n".join(lines) + "\n\n✓ the provider's own, ◐ added by racto.\n\n" + told + "\n"


def _cell(column: Capabilities, feature: Feature, notes: list[str]) -> str:
    mark = "✓" if feature in column.native else "◐" if feature in column.emulated else ""
    note = column.emulated.get(feature) or column.notes.get(feature)
    if note and note not in notes:
        notes.append(note)
    return f"{mark}<sup>{notes.index(note) + 1}</sup>" if note else mark


def written(page: str, columns: Sequence[Capabilities]) -> str:
    """Return the page with the table between its two marks.

    Args:
        page: The page as it is.
        columns: What each kit declares.

    Raises:
        SystemExit: If the page lacks one of the marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.relative_to(ROOT)} needs the lines {BEGIN.strip()} and {END}")
    return f"{before}{begin}\n{table(columns)}\n{end}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, write or check the page; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing; 1 when out of date")
    chosen = parser.parse_args(arguments)
    old = PAGE.read_text("utf-8")
    new = written(old, declared())
    if chosen.check:
        print("up to date" if new == old else "out of date: run python scripts/features.py")
        return int(new != old)
    PAGE.write_text(new, "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
