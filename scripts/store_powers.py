"""Writes the table of vector stores by capability into the documentation, from the code itself.

python scripts/store_powers.py            write docs/stores.md again
python scripts/store_powers.py --check    say whether it is up to date, and change nothing

A power is a small protocol of racto-core. A store has it when it has its methods, and then its
contract suite tests it; what an engine cannot do stands there as a declared gap.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from racto.core import discovery
from racto.core.protocols.stores import (
    BatchSearch,
    ChunkLookup,
    ChunkScan,
    Collection,
    FilterDelete,
)

PAGE = Path(__file__).resolve().parents[1] / "docs" / "stores.md"
BEGIN, END = "<!-- stores: begin -->\n", "<!-- stores: end -->"
GROUP = "racto.vector_stores"

POWERS: Mapping[str, type] = {
    "many questions in one pass": BatchSearch,
    "remove by filter": FilterDelete,
    "fetch by id": ChunkLookup,
    "go through all": ChunkScan,
    "make and drop collections": Collection,
}
"""What the columns are called, and the protocol behind each."""


def stores() -> dict[str, type]:
    """The installed stores of racto's own, by the names of their plug-ins."""
    found = {name: discovery.find(GROUP, name) for name in discovery.names(GROUP)}
    return {name: kind for name, kind in found.items() if kind.__module__.startswith("racto.")}


def table(kinds: Mapping[str, type]) -> str:
    """The table as Markdown, a row a store."""
    lines = [
        f"| Store | Plug-in | {' | '.join(POWERS)} |",
        f"|---|---|{':-:|' * len(POWERS)}",
    ]
    for name, kind in kinds.items():
        page = f"packages/racto-stores-{name}.md"
        marks = ["✓" if issubclass(kind, power) else "" for power in POWERS.values()]
        lines.append(f"| [`{kind.__name__}`]({page}) | `{name}` | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


def written(page: str, kinds: Mapping[str, type]) -> str:
    """A page with its table made anew."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name} needs the lines {BEGIN.strip()} and {END}")
    return f"{before}{begin}\n{table(kinds)}\n{end}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args(arguments)
    page = PAGE.read_text(encoding="utf-8")
    wanted = written(page, stores())
    if page == wanted:
        return 0
    if options.check:
        print(f"{PAGE.name} is not up to date: python scripts/{Path(__file__).name}")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
