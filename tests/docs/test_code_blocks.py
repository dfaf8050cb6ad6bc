"""Every Python block in the README and the documentation runs as it stands.

The blocks of one page run in order in one namespace and in an empty folder. A block that needs
something from outside says so in a comment before it: ``<!-- needs: ... -->``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")])
BLOCK = re.compile(
    r"(?P<needs><!-- needs: (?P<what>[^\n]*?) -->\n)?^```python[^\n]*\n(?P<code>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def _blocks(page: Path) -> list[tuple[int, str]]:
    text = page.read_text(encoding="utf-8")
    return [
        (text.count("\n", 0, found.start("code")) + 1, found["code"])
        for found in BLOCK.finditer(text)
        if not found["needs"]
    ]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if _blocks(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__docs__"}
    for line, code in _blocks(page):
        # Padding keeps the page's own line numbers in a traceback.
        source = "\n" * (line - 1) + code
        exec(compile(source, str(page), "exec"), namespace)


def test_the_pages_hold_blocks() -> None:
    assert len(PAGES) >= 10
    assert sum(len(_blocks(page)) for page in PAGES) >= 8
