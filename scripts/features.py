"""Writes the tables of features by provider into the documentation, from what the kits declare.

python scripts/features.py            write docs/providers/index.md again
python scripts/features.py --check    say whether it is up to date, and change nothing
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from racto.providers.capabilities import Capabilities, Feature

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "providers" / "index.md"
BEGIN, END = "<!-- features: begin -->\n", "<!-- features: end -->"

DECLARATIONS = (
    ("openai", "CAPABILITIES"),
    ("openai", "CHAT_CAPABILITIES"),
    ("anthropic", "CAPABILITIES"),
    ("google", "CAPABILITIES"),
    ("google", "INTERACTIONS_CAPABILITIES"),
    ("ollama", "CAPABILITIES"),
    ("huggingface", "CAPABILITIES"),
    ("voyage", "CAPABILITIES"),
    ("local", "CAPABILITIES"),
)
"""Package of each column, and the name of its declaration there."""

GROUPS: Mapping[str, tuple[Feature, ...]] = {
    "Sampling": (
        Feature.TEMPERATURE,
        Feature.TOP_P,
        Feature.TOP_K,
        Feature.SEED,
        Feature.STOP,
        Feature.PENALTIES,
    ),
    "Tools": (
        Feature.TOOLS,
        Feature.TOOL_CHOICE,
        Feature.PARALLEL_TOOL_CONTROL,
        Feature.STRICT_TOOLS,
        Feature.TOOL_RESULT_IMAGES,
    ),
    "Output and thinking": (
        Feature.STRUCTURED_OUTPUT,
        Feature.LOGPROBS,
        Feature.CITATIONS,
        Feature.REFUSALS,
        Feature.THINKING,
        Feature.THINKING_BUDGET,
        Feature.REASONING_EFFORT,
        Feature.REASONING_REPLAY,
    ),
    "Input": (
        Feature.IMAGES,
        Feature.IMAGE_URLS,
        Feature.DOCUMENTS,
        Feature.DOCUMENT_URLS,
        Feature.AUDIO,
        Feature.UPLOADED_FILES,
    ),
    "Caching and usage": (Feature.CACHE, Feature.CACHE_MARKS, Feature.STREAM_USAGE),
    "Embeddings": (
        Feature.EMBEDDINGS,
        Feature.EMBEDDING_DIMENSIONS,
        Feature.EMBEDDING_INPUT_TYPE,
    ),
}
"""The tables: one of all features would be too long to read, and its notes too far away."""


def declared() -> list[Capabilities]:
    """Return what each kit declares, in the order of the tables' columns."""
    return [
        getattr(importlib.import_module(f"racto.providers.{package}.capabilities"), name)
        for package, name in DECLARATIONS
    ]


def tables(columns: Sequence[Capabilities]) -> str:
    """Return the tables in Markdown, each under its heading and with its notes below it.

    Args:
        columns: What each kit declares; who has nothing of a group is left out of its table.
    """
    sections = []
    for title, features in GROUPS.items():
        wanted = set(features)
        shown = [each for each in columns if wanted & (each.features | set(each.notes))]
        sections.append(f"### {title}\n\n{_table(features, shown)}")
    return "\n".join(sections)


def _table(features: Sequence[Feature], columns: Sequence[Capabilities]) -> str:
    notes: list[str] = []
    lines = [
        f"| | {' | '.join(column.title for column in columns)} |",
        "|---|" + ":-:|" * len(columns),
    ]
    for feature in features:
        cells = (_cell(column, feature, notes) for column in columns)
        lines.append(f"| {feature.value} | {' | '.join(cells)} |")
    told = [f"{number}. {note}" for number, note in enumerate(notes, start=1)]
    return "\n".join([*lines, "", *told, ""] if told else [*lines, ""])


def _cell(column: Capabilities, feature: Feature, notes: list[str]) -> str:
    mark = "✓" if feature in column else ""
    note = column.notes.get(feature)
    if note and note not in notes:
        notes.append(note)
    return f"{mark}<sup>{notes.index(note) + 1}</sup>" if note else mark


def written(page: str, columns: Sequence[Capabilities]) -> str:
    """Return the page with the tables between its two marks.

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
    return f"{before}{begin}\n{tables(columns)}\n{end}{after}"


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
