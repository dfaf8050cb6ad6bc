"""From bytes to text: the encoding is known or the document is refused, never guessed."""

from __future__ import annotations

import codecs
import re

from racto.core.errors import BinaryDocumentError, ConfigurationError, EmptyDocumentError

from .sources import Original

# The marks of UTF-32 begin with those of UTF-16, so they are asked for first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings made of ASCII bytes alone, which would pass for UTF-8 and read as gibberish.
_SEVEN_BIT = ("iso2022", "hz", "utf_7")
# What text does not hold, though every single-byte encoding has a place for it.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def require_encoding(name: str | None) -> str | None:
    """Return a text encoding's name as Python writes it; None stays None.

    Raises:
        ConfigurationError: If Python has no text encoding of this name.
    """
    if name is None:
        return None
    known = _codec(name)
    if known is None:
        raise ConfigurationError(f"{name!r} is not the name of a text encoding")
    return known


def decode(
    original: Original, *, declared: str | None = None, fallback: str | None = None
) -> tuple[str, str]:
    r"""Decode a document's bytes and write its line ends as ``\n``.

    A byte order mark decides. Without one the bytes are read as strict UTF-8, then in the
    encoding that the document declares, then in the fallback.

    Args:
        original: The bytes.
        declared: What the document says of itself; unknown names are ignored.
        fallback: What the caller says of documents that are not UTF-8.

    Returns:
        The text and the name of its encoding.

    Raises:
        EmptyDocumentError: If there is nothing but white space.
        BinaryDocumentError: If the bytes are no text, or none of the encodings fits.
    """
    text, encoding = _decode(original, declared and _codec(declared), fallback)
    if not text or text.isspace():
        raise EmptyDocumentError(f"{original.source} holds no text", source=original.source)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, encoding


def _decode(original: Original, declared: str | None, fallback: str | None) -> tuple[str, str]:
    data, source = original.data, original.source
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), encoding
            except UnicodeDecodeError as exc:
                raise BinaryDocumentError(
                    f"{source} begins with the mark of {encoding}, but is not: {exc}",
                    source=source,
                ) from exc
    if b"\0" in data:
        raise BinaryDocumentError(
            f"{source} holds NUL bytes: it is binary, or UTF-16 without a byte order mark",
            source=source,
        )
    candidates = ["utf-8", declared, fallback]
    if declared and declared.startswith(_SEVEN_BIT):
        candidates = [declared, "utf-8", fallback]
    failure: UnicodeDecodeError | None = None
    for candidate in filter(None, candidates):
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError as exc:
            failure = failure or exc
        else:
            if candidate == "utf-8" or not _CONTROLS.search(text):
                return text, candidate
    raise BinaryDocumentError(
        f"{source} is not UTF-8 text ({failure}); if it is text in another encoding, name it "
        'with fallback_encoding, for example "cp1252"',
        source=source,
    ) from failure


def _codec(name: str) -> str | None:
    try:
        info = codecs.lookup(name)
        # Codecs such as base64 have names too, but are refused as they turn bytes into bytes.
        b"    ".decode(info.name, "ignore")
    except (LookupError, ValueError):
        return None
    # The web's and most editors' "Latin-1" is Windows' superset of it.
    return "cp1252" if info.name in ("iso8859-1", "ascii") else info.name
