"""The examples of the README and the documentation page run as they stand, on a real server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
PAGES = [PACKAGE / "README.md", PACKAGE.parents[1] / "docs/packages/racto-stores-pgvector.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page: Path, dsn: str) -> None:
    if not page.is_file():
        pytest.skip(f"{page} belongs to the repository")
    examples = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        program = example.replace("postgresql://me@localhost/library", dsn)
        exec(compile(program, str(page), "exec"), {})
