"""CodeChunker keeps definitions whole, with what belongs to them, in any language."""

from __future__ import annotations

import inspect
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Document
from racto.core.errors import ConfigurationError
from racto.core.testing import ChunkerContract
from racto.rag.chunkers import code
from racto.rag.chunkers.code import CodeChunker

PIECES = st.sampled_from(
    [
        "def f():\n",
        "    return 1\n",
        "}\n",
        "{\n",
        "class A {\n",
        '"""',
        "'''",
        "# note\n",
        "\\",
        "@mark\n",
        "\n",
        "\r\n",
        "\t",
        " ",
        ";",
        "x" * 60,
        "\x00",
        "é",
        '"a',
        "else:\n",
        "\u2028",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))
SIZES = st.integers(1, 90).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


class TestContract(ChunkerContract):
    """CodeChunker is a chunker."""

    @pytest.fixture
    def chunker(self) -> CodeChunker:
        return CodeChunker("python", chunk_size=60, overlap=20)


def cut(
    text: str, size: int, language: str | None = None, source: str = "a.txt", **more
) -> list[str]:
    document = Document(content=text, source=source, doc_id="a")
    return [
        chunk.content for chunk in CodeChunker(language, chunk_size=size, **more).chunk(document)
    ]


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, sizes=SIZES, language=st.sampled_from(["python", "java", None]))
def test_laws_of_chunks_hold_on_any_text(laws, text, sizes, language):
    size, overlap = sizes
    chunker = CodeChunker(language, chunk_size=size, overlap=overlap)
    chunks = chunker.chunk(Document(content=text, source="a", doc_id="d"))
    laws(text, chunks)
    assert all(one.end - two.start <= overlap for one, two in pairwise(chunks))
    assert all(len(chunk.content) <= size for chunk in chunks)


FUNCTION = '''\
# What it does.
@decorated
def function_{0}(argument):
    """Says something.

Not code: this line of the string is at the margin.
    """
    if argument:
        return 1

    return 2
'''
FUNCTIONS = [FUNCTION.format(i).strip() for i in range(5)]


def test_python_functions_are_whole_with_their_comments_and_decorators():
    text = "\n\n".join(FUNCTIONS)
    assert cut(text, len(FUNCTIONS[0]) + 60, "python") == FUNCTIONS
    assert cut(text, len(FUNCTIONS[0]) + 60, source="module.py") == FUNCTIONS


def test_a_long_class_is_cut_between_its_methods():
    methods = [f"    def m{i}(self):\n        a = {i}\n\n        return a\n" for i in range(6)]
    chunks = cut("class A:\n" + "\n".join(methods), 130, "python")
    assert "\n\n".join(chunk.strip("\n") for chunk in chunks).count("def ") == 6
    assert all(chunk.rstrip().endswith("return a") for chunk in chunks)
    assert all(chunk.startswith("    def") for chunk in chunks[1:]), "indentation was lost"


JAVA = """\
/**
 * Adds.
 */
@Pure
public int add{0}(int a, int b)
{{
    int sum = a + b;

    return sum;
}}
"""


def test_braces_end_what_they_close():
    methods = [JAVA.format(i).strip() for i in range(5)]
    assert cut("\n\n".join(methods), len(methods[0]) + 30, "java") == methods


def test_code_without_indentation_is_told_by_its_braces():
    function = "func f{0}() {{\nif x {{\ny()\n}} else {{\nz()\n}}\nreturn\n}}"
    functions = [function.format(i) for i in range(5)]
    assert cut("\n".join(functions), 75, "go") == functions


def test_tabs_are_indentation():
    function = "func f{0}() {{\n\tx := 1\n\tif x {{\n\t\ty()\n\t}}\n}}"
    functions = [function.format(i) for i in range(5)]
    assert cut("\n\n".join(functions), 70, "go") == functions


def test_branches_stay_with_what_they_belong_to():
    text = "if a:\n    b = 1\nelse:\n    b = 2\nprint(b)\n" * 8
    assert all(chunk.startswith("if a:") for chunk in cut(text, 60, "python"))


def test_one_line_of_minified_code_is_cut_behind_its_statements():
    chunks = cut("var a=1;function b(){return a}" * 100, 100, "js")
    assert all(chunk.endswith((";", "}")) for chunk in chunks)


def test_whole_lines_are_repeated():
    chunks = cut("".join(f"value_{i:02} = {i}\n" for i in range(40)), 100, overlap=30)
    assert all(chunk.startswith("value_") for chunk in chunks)
    for one, two in pairwise(chunks):
        assert two.split("\n")[0] in one.split("\n")


def test_our_own_code_keeps_its_functions():
    text = inspect.getsource(code)
    chunks = cut(text, 1_600, "python")
    for name in ("_borders", "_Braces", "_inside_strings"):
        function = inspect.getsource(getattr(code, name)).strip()
        assert any(function in chunk for chunk in chunks), name


@pytest.mark.parametrize(
    "piece", ['"""', "'''", '\\""""', '"', "\\", "{", "}\n", "@\n", "#", "'\\", "/*", "\t", "{\n"]
)
def test_hostile_text_makes_no_more_chunks_than_it_must(piece: str):
    text = "x" + (piece * 100_000)[:100_000] + "\\"
    chunks = cut(text, 1_000, "python")
    assert len(chunks) <= 4 * len(text) / 1_000 + 1


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (5, 5), (5, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int):
    with pytest.raises(ConfigurationError, match=r"chunk_size|overlap"):
        CodeChunker(chunk_size=size, overlap=overlap)
