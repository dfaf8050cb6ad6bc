"""TextReader: plain text, configuration and source code, taken as they are."""

from __future__ import annotations

from pathlib import PurePath

from racto.core.documents import Document
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .definitions import find_definitions
from .encodings import decode, require_encoding
from .sources import DEFAULT_MAX_BYTES, load

PROSE = ".txt .text .rst .adoc .log .tex"
SETTINGS = ".ini .cfg .conf .toml .yaml .yml .json .jsonl .xml .properties .sql"
CODE = """
    .py .pyi .js .mjs .ts .jsx .tsx .java .kt .scala .go .rs .c .h .cc .cpp .hpp .cs .swift .rb
    .php .pl .lua .r .jl .sh .bash .ps1 .css .proto .graphql .tf
"""
_PYTHON = frozenset({".py", ".pyi"})
_MIMES = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".toml": "application/toml",
    ".xml": "application/xml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".tex": "application/x-tex",
}


class TextReader:
    r"""Reads text files; the document's text is the file's, with line ends written as ``\n``.

    Classes and functions of Python files are sections.

    Args:
        fallback_encoding: How to read files that are not UTF-8 and have no byte order mark, for
            example ``"cp1252"``. None refuses them: a wrong guess would be stored as gibberish.
        max_bytes: Largest file to accept.

    Raises:
        ConfigurationError: If there is no such encoding.
    """

    def __init__(
        self, *, fallback_encoding: str | None = None, max_bytes: int = DEFAULT_MAX_BYTES
    ) -> None:
        self.fallback_encoding = require_encoding(fallback_encoding)
        self.max_bytes = max_bytes

    @property
    def supported_extensions(self) -> frozenset[str]:
        """Prose without markup, settings and the usual programming languages."""
        return frozenset(f"{PROSE} {SETTINGS} {CODE}".split())

    def read(self, source: ReadSource) -> Document:
        """Read one text file.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``mime``, ``size_bytes``, ``encoding`` and ``title``.

        Raises:
            FileNotFoundError: If the path does not exist.
            ReadError: If it cannot be read, or is empty, binary, too large, or of an unknown
                encoding; the subclass says which.
        """
        original = load(source, max_bytes=self.max_bytes)
        text, encoding = decode(original, fallback=self.fallback_encoding)
        ending = PurePath(original.name).suffix.lower()
        return original.document(
            text,
            mime=_MIMES.get(ending, "text/plain"),
            encoding=encoding,
            sections=find_definitions(text) if ending in _PYTHON else (),
        )

    aread = threaded(read)
