"""PythonDocReader keeps what source code says to people, under qualified names."""

from __future__ import annotations

from textwrap import dedent

import pytest

from racto.core.errors import EmptyDocumentError, ReadError
from racto.core.testing import ReaderContract
from racto.rag.readers import FileReaderRegistry, PythonDocReader, TextReader

SOURCE = '''
    #!/usr/bin/env python
    """The module."""
    import os  # behind code, left out

    LIMIT = 3
    """What the limit is."""

    # Why the class is there,
    # on two lines.
    class Outer:
        """The outer one.

            Indented example.

        Last line.
        """

        x = f"{os.sep}"

        async def method(self, a: int = 1) -> None:
            r"""A method \\d."""
            # Why it waits.
            for _ in range(3):
                print("no docstring")
            # ---------
        # Between methods.
        def other(self): return 1

    # At the end.
'''


class TestContract(ReaderContract):
    """PythonDocReader is a reader."""

    file_name = "sample.py"
    file_bytes = '"""Grüße aus Köln.\n\nTwo lines.\n"""\n'.encode()

    @pytest.fixture
    def reader(self) -> PythonDocReader:
        return PythonDocReader()


def test_docstrings_and_comments_in_order_under_their_names():
    document = PythonDocReader().read(dedent(SOURCE).lstrip().encode())
    ends = [*(section.start for section in document.sections[1:]), len(document.text)]
    found = [
        (section.title, document.text[section.start : end].removeprefix(section.title).strip())
        for section, end in zip(document.sections, ends, strict=True)
    ]
    assert found == [
        (
            "module",
            "The module.\n\nWhat the limit is.\n\nWhy the class is there,\non two lines.",
        ),
        ("Outer", "The outer one.\n\n    Indented example.\n\nLast line."),
        ("Outer.method", "A method \\d.\n\nWhy it waits."),
        ("Outer", "Between methods."),
        ("module", "At the end."),
    ]


def test_invalid_escapes_and_byte_strings_do_no_harm():
    document = PythonDocReader().read(b"'''A \\d regex.'''\nb'''bytes'''\nx = 1\n")
    assert document.text == "A \\d regex."


def test_code_without_a_word_is_refused():
    with pytest.raises(EmptyDocumentError, match="neither docstrings nor comments"):
        PythonDocReader().read(b"x = 1\n")


@pytest.mark.parametrize(
    "source", [b"def f(:\n  (", b"if x:\n    y\n  z\n", b"# coding: no-such\n", b'"""open']
)
def test_what_is_not_python_is_refused(source: bytes):
    with pytest.raises(ReadError):
        PythonDocReader().read(source)


def test_the_registry_reads_python_as_text_unless_told():
    registry = FileReaderRegistry()
    assert type(registry.get_reader("a.py")) is TextReader
    registry.register(PythonDocReader())
    assert type(registry.get_reader("a.py")) is PythonDocReader
