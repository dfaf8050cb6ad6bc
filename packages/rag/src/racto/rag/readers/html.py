"""HtmlReader: the readable text of a web page, with its headings as sections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from racto.core.documents import Document, Section
from racto.core.errors import EmptyDocumentError, MissingExtraError, ReadError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .encodings import decode, require_encoding
from .layout import lay_out
from .sources import DEFAULT_MAX_BYTES, load

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# The standard has browsers look for the declaration in the first 1,024 bytes.
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I
)
_SNIFFED = 1024
_MENUS = "nav, [role=navigation]"
_MAIN = "main, [role=main]"
# The parser's time grows with the square of the depth; a page of this depth is an attack.
_DEEPEST = 5_000
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# Elements that hold nothing, or end where the next of their kind begins.
_FLAT = """
    area base br col embed hr img input link meta param source track wbr
    p li dt dd tr td th thead tbody tfoot option optgroup rp rt colgroup
"""


class HtmlReader:
    """Reads HTML as a browser's parser does, broken pages included.

    The text is that of ``<main>`` where a page has one that holds text, else of the whole body.
    Scripts, styles and menus are left out; a ``<nav>`` that holds more prose than links, as an
    unclosed one does, is no menu. Blocks are on lines of their own, paragraphs apart by an empty
    line, cells of a row by a tab; preformatted text keeps its lines. Needs the extra ``html``.

    Args:
        fallback_encoding: How to read pages that are not UTF-8 and declare nothing better; None
            refuses them.
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
        """The usual endings of web pages."""
        return frozenset({".html", ".htm", ".xhtml"})

    def read(self, source: ReadSource) -> Document:
        """Read one page.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; sections start at their headings, and the title is the page's.

        Raises:
            FileNotFoundError: If the path does not exist.
            ReadError: If it cannot be read, or is empty, binary, too large, or of an unknown
                encoding; the subclass says which.
            MissingExtraError: If the library selectolax is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        declared = _DECLARED.search(original.data, 0, _SNIFFED)
        html, encoding = decode(
            original,
            declared=declared[1].decode("ascii", "replace") if declared else None,
            fallback=self.fallback_encoding,
        )
        _require_shallow(html, original.source)
        page = _parse(html)
        text, sections = _readable(page)
        if not text:
            raise EmptyDocumentError(
                f"{original.source} is a page without text; if a script fills it in, save the "
                "page from a browser",
                source=original.source,
            )
        title = _title(page)
        if title is None and sections:
            title = sections[0].title
        return original.document(
            text, mime="text/html", title=title, sections=sections, encoding=encoding
        )

    aread = threaded(read)


def _require_shallow(html: str, source: str) -> None:
    if html.count("<") - 2 * html.count("</") <= _DEEPEST:
        return
    depth, flat = 0, frozenset(_FLAT.split())
    for found in _TAG.finditer(html):
        if found[2].lower() not in flat:
            depth = max(depth - 1, 0) if found[1] else depth + 1
            if depth > _DEEPEST:
                raise ReadError(
                    f"{source} nests more than {_DEEPEST:,} elements in each other, which no "
                    "page for readers does",
                    source=source,
                )


def _parse(html: str) -> LexborHTMLParser:
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as exc:
        raise MissingExtraError(
            "selectolax", install="racto-rag[html]", purpose="Reading HTML"
        ) from exc
    return LexborHTMLParser(html)


def _title(page: LexborHTMLParser) -> str | None:
    found = page.css_first("title")
    return " ".join(found.text().split()) or None if found else None


def _readable(page: LexborHTMLParser) -> tuple[str, list[Section]]:
    """The text and the headings of the first main element that shows any, else of the body."""
    hidden = page.css("[hidden]")
    menus = [menu for menu in page.css(_MENUS) if _is_menu(menu)]
    skipped = frozenset(element.mem_id for element in [*hidden, *menus])
    for element in [*page.css(_MAIN), page.body]:
        if element is not None:
            text, sections = lay_out(element, skipped)
            if text:
                return text, sections
    return "", []


def _is_menu(element: LexborNode) -> bool:
    linked = sum(len(link.text().strip()) for link in element.css("a, button"))
    return 2 * linked >= len("".join(element.text().split(" ")))
