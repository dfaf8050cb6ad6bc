"""The page on errors lists every error, marks those that heal, and names their built-ins."""

from __future__ import annotations

import re
from pathlib import Path

from racto.core import errors

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
ROW = re.compile(r"^\| `(\w+)`( \*)?(?: \(`(\w+)`\))? \|", re.MULTILINE)


def tree(kind: type[errors.RactoGatewayError]) -> list[type[errors.RactoGatewayError]]:
    own = [sub for sub in kind.__subclasses__() if sub.__module__.startswith(f"{errors.__name__}.")]
    return [kind, *(found for sub in own for found in tree(sub))]


def test_the_page_is_the_tree() -> None:
    shown = {
        name: (bool(star), builtin)
        for name, star, builtin in ROW.findall(PAGE.read_text(encoding="utf-8"))
    }
    real = {}
    for kind in tree(errors.RactoGatewayError):
        builtin = [base for base in kind.__bases__ if base.__module__ == "builtins"]
        named = builtin[0].__name__ if builtin and builtin[0] is not Exception else ""
        real[kind.__name__] = (kind.default_retryable, named)
    assert len(real) > 40
    assert shown == real


def test_every_row_says_what_it_means_and_what_to_do() -> None:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if ROW.match(line) and "the root of the tree" not in line:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 3, line
            assert all(cells), line
