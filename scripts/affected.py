"""Says which packages a change touches, so that CI tests those and no others.

A package is affected when a file of its own changed, or a package that it depends on is. A change
to what all share (the lock file, the tools, the workflows) affects every package; a change to
prose alone affects none.

    python scripts/affected.py --base origin/main            one name a line
    python scripts/affected.py --base origin/main --json     a JSON list, for a CI matrix
    git diff --name-only HEAD~1 | python scripts/affected.py --stdin
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from distributions import dependants, distributions

ROOT = Path(__file__).resolve().parent.parent
PROSE = {".md", ".txt", ".png", ".svg"}
APART = ("docs/", "benchmarks/", "LICENSE", "mkdocs.yml")


def changed_since(base: str) -> list[str]:
    """Return the paths that differ from the point where the branch left ``base``."""
    done = subprocess.run(
        ["git", "diff", "--name-only", f"{base}...HEAD"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split("\n")


def affected(root: Path, paths: Iterable[str]) -> list[str]:
    """Return the names of the distributions that a change of ``paths`` touches, sorted.

    Args:
        root: The workspace.
        paths: Changed files, relative to the root, with forward slashes.
    """
    everything = distributions(root)
    owners = {entry.folder.name: entry.name for entry in everything}
    touched: set[str] = set()
    for path in filter(None, (text.strip() for text in paths)):
        parts = PurePosixPath(path).parts
        if parts[0] == "packages" and len(parts) > 2:
            # A deleted package owns nothing any more, but its dependants need a look.
            touched |= {owners[parts[1]]} if parts[1] in owners else set(owners.values())
        elif PurePosixPath(path).suffix in PROSE or path.startswith(APART):
            continue
        else:
            return sorted(owners.values())
    return sorted(entry.name for entry in dependants(root, touched))


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and print the affected packages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--base", default="origin/main", help="branch or commit to compare with")
    source.add_argument("--stdin", action="store_true", help="read the changed paths instead")
    source.add_argument("--all", action="store_true", help="list every package")
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    chosen = parser.parse_args(arguments)
    if chosen.all:
        names = sorted(entry.name for entry in distributions(ROOT))
    else:
        names = affected(ROOT, sys.stdin if chosen.stdin else changed_since(chosen.base))
    print(json.dumps(names) if chosen.json else "\n".join(names))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
