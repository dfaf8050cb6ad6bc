"""PythonDocReader: what a Python file says to people, its docstrings and comments."""

from __future__ import annotations

import io
import tokenize
from pathlib import PurePath
from textwrap import dedent

from racto.core.documents import Document, Section
from racto.core.errors import EmptyDocumentError, ReadError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .sources import DEFAULT_MAX_BYTES, Original, load

_LAYOUT = frozenset({tokenize.NL, tokenize.ENCODING})


class PythonDocReader:
    """Reads the docstrings and comments of Python source, without running or compiling it.

    The text is a list of passages in the file's order, apart by an empty line. A passage is a
    docstring, or comments on lines of their own that follow each other; the first one of a
    class or function is led by its qualified name, which is its section too. Docstrings are
    taken as they are written, escapes included.

    Not in the registry by default, where ``.py`` is read as text: register it to ingest what
    code says of itself rather than the code.

    Args:
        max_bytes: Largest file to accept.
    """

    def __init__(self, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self.max_bytes = max_bytes

    @property
    def supported_extensions(self) -> frozenset[str]:
        """Python source and stub files."""
        return frozenset({".py", ".pyi"})

    def read(self, source: ReadSource) -> Document:
        """Read one Python file.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; each section is a module, class or function by its qualified name.

        Raises:
            FileNotFoundError: If the path does not exist.
            EmptyDocumentError: If it has neither docstrings nor comments.
            ReadError: If it cannot be read or is not Python.
        """
        original = load(source, max_bytes=self.max_bytes)
        passages = _passages(original)
        if not passages:
            raise EmptyDocumentError(
                f"{original.source} has neither docstrings nor comments", source=original.source
            )
        text, sections = _join(passages, PurePath(original.name).stem or "module")
        return original.document(text, mime="text/x-python", sections=sections)

    aread = threaded(read)


def _passages(original: Original) -> list[tuple[str, str]]:
    """Pairs of the qualified name of a scope, empty for the module, and what is said in it."""
    scan = _Scan()
    try:
        for token in tokenize.tokenize(io.BytesIO(original.data).readline):
            scan.take(token)
    except (tokenize.TokenError, SyntaxError, UnicodeDecodeError) as exc:
        raise ReadError(
            f"{original.source} is not Python source: {exc}", source=original.source
        ) from exc
    return scan.passages


def _join(passages: list[tuple[str, str]], module: str) -> tuple[str, list[Section]]:
    parts: list[str] = []
    sections: list[Section] = []
    offset, previous = 0, None
    for scope, said in passages:
        # The module goes without its name: the same bytes give the same text, wherever they lie.
        part = f"{scope}\n{said}" if scope and scope != previous else said
        if scope != previous:
            sections.append(Section(start=offset, title=scope or module))
        previous = scope
        parts.append(part)
        offset += len(part) + 2
    return "\n\n".join(parts), sections


class _Scan:
    """Follows the tokens of a file and notes what is said, and in which scope."""

    def __init__(self) -> None:
        self.passages: list[tuple[str, str]] = []
        # Names of the open classes and functions, each with the column at which its body begins.
        self.scopes: list[tuple[int, str]] = []
        self.columns = [0]
        self.statement: list[tokenize.TokenInfo] = []
        self.header: str | None = None
        self.comments: list[tokenize.TokenInfo] = []

    def take(self, token: tokenize.TokenInfo) -> None:
        """Take the next token."""
        if token.type == tokenize.COMMENT:
            self._comment(token)
        elif token.type == tokenize.INDENT:
            self.columns.append(len(token.string))
            if self.header is not None:
                self.scopes.append((len(token.string), self.header))
        elif token.type == tokenize.DEDENT:
            self.columns.pop()
            while self.scopes and self.scopes[-1][0] > self.columns[-1]:
                self.scopes.pop()
        elif token.type == tokenize.NEWLINE:
            self._end_statement()
        elif token.type not in _LAYOUT:
            self._flush()
            self.statement.append(token)

    def _end_statement(self) -> None:
        # A statement that is nothing but a string documents what is around or above it.
        if len(self.statement) == 1 and self.statement[0].type == tokenize.STRING:
            self._say(_unquoted(self.statement[0].string), self.statement[0].start[1])
        words = [token.string for token in self.statement[:3] if token.string != "async"]
        self.header = words[1] if len(words) > 1 and words[0] in ("def", "class") else None
        self.statement = []

    def _comment(self, token: tokenize.TokenInfo) -> None:
        line, column = token.start
        # A comment behind code explains that line and means little without it.
        if token.line[:column].strip() or token.string.startswith("#!"):
            return
        if self.comments and self.comments[-1].start != (line - 1, column):
            self._flush()
        self.comments.append(token)

    def _flush(self) -> None:
        if self.comments:
            lines = [token.string.lstrip("#").removeprefix(" ") for token in self.comments]
            self._say("\n".join(map(str.rstrip, lines)).strip(), self.comments[0].start[1])
            self.comments = []

    def _say(self, said: str, column: int) -> None:
        if any(character.isalnum() for character in said):
            # By column: the end of a scope is told only after the comments that follow it.
            names = [name for begin, name in self.scopes if begin <= column]
            self.passages.append((".".join(names), said))


def _unquoted(literal: str) -> str:
    """The text between the quotes of a docstring, its common indentation removed."""
    body = literal.lstrip("rRuU")
    if body[:1] not in "\"'":
        return ""
    quotes = 3 if body[:3] in ('"""', "'''") else 1
    first, newline, others = body[quotes:-quotes].partition("\n")
    return f"{first.strip()}{newline}{dedent(others)}".strip()
