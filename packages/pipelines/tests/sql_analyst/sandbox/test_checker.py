"""The checker: what it says, what it does not mind, and that no text upsets it."""

from __future__ import annotations

import ast
import contextlib

import pytest
from hypothesis import given, strategies as st

from racto.pipelines.errors import SandboxError, SandboxViolationError
from racto.pipelines.sql_analyst.sandbox.checker import check_code

from .corpora import corpus


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os", r"line 1: `import os`: os may not be imported; these may: .*polars"),
        ("x = 1\nopen('f')", r"line 2: `open`: open is not part of the sandbox"),
        ("df.__class__", r"__class__ is private"),
        ("df.write_csv('x')", r"write_csv may return a text here"),
        ("pl.read_csv('x')", r"read_csv reaches outside; the data is in `df`"),
        ("pl.io", r"polars\.io leads into"),
        ("import json\njson.codecs", r"json offers no codecs"),
        ("from collections import *", r"one by one"),
        ("from . import x", r"no package"),
        ("async def f(): pass", r"no event loop"),
        ("getattr(df, name)", r"getattr needs the attribute's name written out"),
        ("getattr(df, 'write_parquet')", r"reaches outside"),
        ("x = '__cla' + 'ss__'", r"private to the interpreter"),
        ("'{0.__class__}'.format(1)", r"private to the interpreter"),
        ("match x:\n    case object(__class__=c): pass", r"__class__ is private"),
        ("def __getattr__(n): pass", r"not a name that the code may take"),
        ("lambda __builtins__: 1", r"not a name that the code may take"),
        ("type('A', (), {})", r"type makes no classes"),
        ("p = pl\np.plugins", r"polars\.plugins leads into"),
    ],
)
def test_it_says_which_line_and_why(code: str, said: str) -> None:
    with pytest.raises(SandboxViolationError, match=said):
        check_code(code)


@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_it_passes_every_piece_of_the_harmless_corpus(engine: str) -> None:
    for snippet in corpus(f"harmless_{engine}"):
        check_code(snippet.code, engine)


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        "[",
        "{",
        "-",
        "~",
        "not ",
        "lambda: ",
        "a.",
        "[x for x in ",
        "f(",
        "1+",
        "if 1:\n ",
        "'",
        "\\\n",
        "f'{",
        "**",
        "a if b else ",
        "@",
    ],
)
@pytest.mark.parametrize("times", [120, 3_000, 25_000])
def test_no_depth_upsets_it(piece: str, times: int) -> None:
    with contextlib.suppress(SandboxError):
        check_code(piece * times + "1")


def test_long_and_wide_code_is_refused() -> None:
    for code in ("x = 1\n" * 10_000, "x = [" + "1," * 24_000 + "]", "#" * 60_000):
        with pytest.raises(SandboxViolationError):
            check_code(code)


@given(st.text(max_size=300))
def test_no_text_upsets_it(text: str) -> None:
    with contextlib.suppress(SandboxError):
        check_code(text)


NAMES = st.sampled_from(
    ["df", "pl", "np", "open", "__class__", "read_csv", "os", "x", "sys", "eval", "to_csv", "__x__"]
)
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.tuples(inner, NAMES).map(lambda t: f"{t[0]}.{t[1]}"),
        st.tuples(inner, inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"[{t[0]}, {t[1]}]"),
        inner.map(lambda e: f"(lambda: {e})"),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS)
def test_what_passes_names_nothing_that_is_refused(expression: str) -> None:
    code = f"result = {expression}"
    try:
        check_code(code)
    except SandboxViolationError:
        return
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name):
            assert node.id not in ("open", "eval", "__class__", "__x__")
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("read_csv", "__class__", "__x__")
