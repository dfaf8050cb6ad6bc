"""EpubReader: the chapters of an e-book in reading order, each a page."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from urllib.parse import unquote
from xml.etree import ElementTree

from racto.core.documents import Document
from racto.core.errors import EncryptedDocumentError, ReadError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource

from .composition import Composition
from .containers import DEFAULT_MAX_UNPACKED, Container, opened, require_plain_xml
from .encodings import decode
from .html import declared_encoding, read_page
from .sources import DEFAULT_MAX_BYTES, Original, load

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset({"application/xhtml+xml", "text/html"})
# In XML such an element is whole; an HTML parser would take all that follows into it.
_SELF_CLOSED = re.compile(
    r"<(?!(?:br|hr|img|input|link|meta|area|base|col|embed|source|track|wbr)\b)"
    r"([a-zA-Z][\w:-]*)((?:\s[^<>]*)?)/>",
    re.I,
)


class EpubReader:
    """Reads .epub files without copy protection, in the order of their spine.

    Each chapter file is a page, its headings are sections; one without headings is a section
    under its title. Needs the extra ``epub``.

    Args:
        max_bytes: Largest file to accept.
        max_unpacked: Most bytes that its parts may have once unpacked.
    """

    def __init__(
        self, *, max_bytes: int = DEFAULT_MAX_BYTES, max_unpacked: int = DEFAULT_MAX_UNPACKED
    ) -> None:
        self.max_bytes = max_bytes
        self.max_unpacked = max_unpacked

    @property
    def supported_extensions(self) -> frozenset[str]:
        """The one ending of e-books of this kind."""
        return frozenset({".epub"})

    def read(self, source: ReadSource) -> Document:
        """Read one e-book.

        Args:
            source: A path, bytes, or an open binary file.

        Returns:
            The document; its metadata has ``title``, ``author`` and ``language`` as the book
            gives them, and ``chapter_count``.

        Raises:
            FileNotFoundError: If the path does not exist.
            EncryptedDocumentError: If its chapters are encrypted.
            EmptyDocumentError: If no chapter holds text.
            ReadError: If it is damaged, too large, or cannot be read.
            MissingExtraError: If the library selectolax is not installed.
        """
        original = load(source, max_bytes=self.max_bytes)
        with opened(original, max_unpacked=self.max_unpacked) as container:
            package = _package_name(container)
            root = _xml(container, package)
            chapters = _chapters(root, posixpath.dirname(package), container)
            _require_open(container, chapters)
            text = Composition(original)
            for name in chapters:
                _write_chapter(text, original, container, name)
        return text.document(
            mime="application/epub+zip",
            title=_fact(root, "title"),
            author=_fact(root, "creator"),
            language=_fact(root, "language"),
            chapter_count=len(chapters),
        )

    aread = threaded(read)


def _write_chapter(text: Composition, original: Original, container: Container, name: str) -> None:
    text.page()
    part = replace(original, data=container.read(name), source=f"{original.source}: {name}")
    if not part.data.strip():
        return
    markup, _ = decode(part, declared=declared_encoding(part.data))
    page = read_page(_SELF_CLOSED.sub(r"<\1\2></\1>", markup), part.source)
    if not page.text:
        return
    if not page.sections and page.title:
        text.section(page.title)
    text.include(Document(content=page.text, source="", sections=tuple(page.sections)))


def _package_name(container: Container) -> str:
    for element in _xml(container, _CONTAINER).iter():
        if _local(element) == "rootfile" and (name := element.get("full-path")):
            return name
    raise ReadError(f"{container.source} names no package of chapters", source=container.source)


def _chapters(root: ElementTree.Element, folder: str, container: Container) -> list[str]:
    """The files of the spine that are pages, in reading order."""
    items = {
        element.get("id", ""): posixpath.normpath(
            posixpath.join(folder, unquote(element.get("href", "")))
        )
        for element in root.iter()
        if _local(element) == "item" and element.get("media-type") in _PAGES
    }
    references = [element for element in root.iter() if _local(element) == "itemref"]
    names = [items[key] for each in references if (key := each.get("idref", "")) in items]
    # Once each, as a spine that repeats a large chapter without end is an attack.
    found = list(dict.fromkeys(name for name in names if name in container))
    if not found:
        raise ReadError(f"{container.source} has no chapters", source=container.source)
    return found


def _require_open(container: Container, chapters: list[str]) -> None:
    if _ENCRYPTION not in container:
        return
    # Fonts are scrambled in many a free book; a chapter is so only under copy protection.
    locked = {
        unquote(element.get("URI", ""))
        for element in _xml(container, _ENCRYPTION).iter()
        if _local(element) == "CipherReference"
    }
    if not locked.isdisjoint(chapters):
        raise EncryptedDocumentError(
            f"{container.source} is under copy protection; racto reads only open books",
            source=container.source,
        )


def _xml(container: Container, name: str) -> ElementTree.Element:
    data = container.read(name)
    require_plain_xml(data, name, container.source)
    try:
        # Safe, as entities were just refused, and external ones are never loaded.
        return ElementTree.fromstring(data)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError) as exc:
        raise ReadError(
            f"{container.source}: its part {name!r} is no sound XML: {exc}",
            source=container.source,
        ) from exc


def _fact(root: ElementTree.Element, name: str) -> str | None:
    for element in root.iter():
        if _local(element) == name and element.text and element.text.strip():
            return " ".join(element.text.split())
    return None


def _local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]
