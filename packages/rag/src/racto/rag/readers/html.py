"""HtmlReader: the readable text of a web page, with its headings as sections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from racto.core.documents import Document, Section
from racto.core.errors import EmptyDocumentError, MissingExtraError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .encodings import decode, require_encoding
from .layout import lay_out
from .nesting import require_shallow
from .sources import DEFAULT_MAX_BYTES, load

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# The standard has browsers look for the declaration in the first 1,024 bytes.
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.I
)
_SNIFFED = 1024
_UNSEEN = "script, style, noscript, template, svg, iframe, title, noembed, noframes, [hidden]"
_RAW = "xmp, plaintext"
_MENUS = "nav, [role=navigation]"
_MARGINS = "aside, footer, [role=complementary], [role=contentinfo]"
_MAIN = "main, [role=main]"
_INNER_MAIN = ":is(main, [role=main]) :is(main, [role=main])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says: its title, its text, and its headings by offset into the text."""

    title: str | None
    text: str
    sections: list[Section]


class HtmlReader:
    """Reads HTML as a browser's parser does, broken pages included.

    The text is that of ``<main>`` where a page has one that holds text, else of the body without
    its margins (``<aside>``, ``<footer>``), which stay if they are more than the rest. Scripts,
    styles and menus are left out; a ``<nav>`` that holds more prose than links, as an unclosed
    one does, is no menu. Blocks are on lines of their own, paragraphs apart by an empty
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
        html, encoding = decode(
            original,
            declared=declared_encoding(original.data),
            fallback=self.fallback_encoding,
        )
        page = read_page(html, original.source)
        if not page.text:
            raise EmptyDocumentError(
                f"{original.source} is a page without text; if a script fills it in, save the "
                "page from a browser",
                source=original.source,
            )
        title = page.title or (page.sections[0].title if page.sections else None)
        return original.document(
            page.text, mime="text/html", title=title, sections=page.sections, encoding=encoding
        )

    aread = threaded(read)


def declared_encoding(data: bytes) -> str | None:
    """The encoding that a page or XML file names at its beginning; None if it names none."""
    found = _DECLARED.search(data, 0, _SNIFFED)
    return found[1].decode("ascii", "replace") if found else None


def read_page(html: str, source: str) -> Page:
    """Read the markup of a page, a chapter or a message.

    Args:
        html: The markup, sound or not.
        source: Label of the document, for messages.

    Returns:
        What it says; the text is empty if that is nothing.

    Raises:
        ReadError: If it nests as deep as only an attack does.
        MissingExtraError: If the library selectolax is not installed.
    """
    require_shallow(html, source)
    page = _parse(html)
    title = _title(page)
    _remove(_menus(page, len(html)))
    _remove(page.css(_UNSEEN))
    for raw in page.css(_RAW):
        raw.replace_with(raw.text())
    inner = {element.mem_id for element in page.css(_INNER_MAIN)}
    mains = [main.html or "" for main in page.css(_MAIN) if main.mem_id not in inner]
    text, sections = lay_out("".join(mains))
    if text:
        return Page(title=title, text=text, sections=sections)
    if page.body is None:
        return Page(title=title, text="", sections=[])
    margins = page.css(_MARGINS)
    if margins and 2 * sum(map(_size, margins)) <= _size(page.body):
        _remove(margins)
    text, sections = lay_out(page.body.inner_html or "")
    return Page(title=title, text=text, sections=sections)


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


def _remove(elements: list[LexborNode]) -> None:
    # One that matches twice comes twice, and an inner one must go before the one around it.
    for element in reversed({element.mem_id: element for element in elements}.values()):
        element.decompose()


def _menus(page: LexborHTMLParser, length: int) -> list[LexborNode]:
    menus = []
    # Menus within menus are looked at again and again, in a page made for it without end.
    budget = 4 * length
    for element in page.css(_MENUS):
        if (budget := budget - len(element.text())) < 0:
            break
        if 2 * sum(map(_size, element.css("a, button"))) >= _size(element):
            menus.append(element)
    return menus


def _size(element: LexborNode) -> int:
    return len("".join(element.text().split()))
