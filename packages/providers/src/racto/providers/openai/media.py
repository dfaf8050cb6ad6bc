"""Images, documents and sounds as OpenAI's APIs take them: inline, and under a name."""

from __future__ import annotations

import base64

from racto.core.content import DocumentPart, ImagePart


def data_uri(part: ImagePart | DocumentPart) -> str:
    """The part's bytes as a ``data:`` URI."""
    data = base64.b64encode(part.data or b"").decode("ascii")
    return f"data:{part.mime_type};base64,{data}"


def image_url(part: ImagePart) -> str:
    """Where the image is: its URL, or its bytes as one."""
    return part.url or data_uri(part)


def file_name(part: DocumentPart) -> str:
    """The document's name; the APIs refuse a file without one."""
    return part.name or ("document.pdf" if part.mime_type == "application/pdf" else "document")
