"""MarkdownReader: Markdown as it is written, with its headings as sections."""

from __future__ import annotations

from racto.core.documents import Document
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .encodings import decode, require_encoding
from .headings import find_headings, front_matter
from .sources import DEFAULT_MAX_BYTES, load


class MarkdownReader:
    """Reads Markdown; the markup stays in the text, so that code and tables stay whole.

    Headings, underlined ones included, become sections. A line in a fenced block, an HTML
    comment or the front matter is no heading.

    Args:
        fallback_encoding: How to read files that are not UTF-8; None refuses them.
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
        """The two endings of Markdown files."""
        return frozenset({".md", ".markdown"})

    def read(self, source: ReadSource) -> Document:
        """Read one Markdown file.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; each section starts at the first character of its heading. The title is
            the front matter's, else the first heading of the highest level.

        Raises:
            FileNotFoundError: If the path does not exist.
            ReadError: If it cannot be read, or is empty, binary, too large, or of an unknown
                encoding; the subclass says which.
        """
        original = load(source, max_bytes=self.max_bytes)
        text, encoding = decode(original, fallback=self.fallback_encoding)
        body, title = front_matter(text)
        sections = find_headings(text, body)
        if title is None and sections:
            title = min(sections, key=lambda section: section.level).title
        return original.document(
            text, mime="text/markdown", title=title, sections=sections, encoding=encoding
        )

    aread = threaded(read)
