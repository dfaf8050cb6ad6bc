"""Images, documents and links as blocks of the Messages API, or a refusal that says why."""

from __future__ import annotations

import base64
from typing import Any, TypeAlias

from racto.core.content import AudioPart, DocumentPart, ImagePart, LinkPart, UploadedFilePart
from racto.core.files import IMAGE_TYPES
from racto.providers.kits.omissions import Omissions

from .api import PROVIDER

Block: TypeAlias = dict[str, Any]
"""A content block as JSON."""


def media_block(
    part: ImagePart | AudioPart | DocumentPart | LinkPart | UploadedFilePart, omissions: Omissions
) -> Block | None:
    """The block for a part that is no text of the conversation; None when it was left out.

    Args:
        part: The part.
        omissions: Takes what the API cannot carry.
    """
    if isinstance(part, ImagePart):
        return _image(part, omissions)
    if isinstance(part, DocumentPart):
        return _document(part, omissions)
    if isinstance(part, LinkPart):
        return {"type": "text", "text": part.text}
    if isinstance(part, UploadedFilePart):
        return _uploaded(part, omissions)
    omissions.omit("audio", "its models do not hear; send a transcript")
    return None


def _image(part: ImagePart, omissions: Omissions) -> Block | None:
    if part.detail is not None:
        omissions.omit("detail", "images have one resolution here; scale the image yourself")
    if part.data is None:
        return {"type": "image", "source": {"type": "url", "url": part.url}}
    if part.mime_type not in IMAGE_TYPES:
        omissions.omit("image", f"it takes {', '.join(sorted(IMAGE_TYPES))}, not {part.mime_type}")
        return None
    return {"type": "image", "source": _base64(part.mime_type, part.data)}


def _document(part: DocumentPart, omissions: Omissions) -> Block | None:
    source = _document_source(part, omissions)
    if source is None:
        return None
    named = {"title": part.name} if part.name else {}
    return {"type": "document", "source": source, **named}


def _document_source(part: DocumentPart, omissions: Omissions) -> dict[str, Any] | None:
    is_pdf = part.mime_type == "application/pdf"
    if part.data is None:
        if is_pdf:
            return {"type": "url", "url": part.url}
        omissions.omit("document", f"it fetches PDFs only, not {part.mime_type}; send the bytes")
        return None
    if is_pdf:
        return _base64(part.mime_type, part.data)
    if not part.mime_type.startswith("text/"):
        omissions.omit("document", f"it takes PDF and plain text, not {part.mime_type}")
        return None
    try:
        # "-sig" drops the byte order mark that Windows editors leave.
        text = part.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        omissions.omit("document", f"{part.name or 'the text'} is not UTF-8 ({error})")
        return None
    return {"type": "text", "media_type": "text/plain", "data": text}


def _uploaded(part: UploadedFilePart, omissions: Omissions) -> Block | None:
    if part.provider != PROVIDER:
        omissions.omit("uploaded_file", f"the file lies with {part.provider}; upload it here")
        return None
    kind = "image" if (part.mime_type or "").startswith("image/") else "document"
    return {"type": kind, "source": {"type": "file", "file_id": part.file_id}}


def _base64(mime_type: str, data: bytes) -> dict[str, Any]:
    encoded = base64.b64encode(data).decode("ascii")
    return {"type": "base64", "media_type": mime_type, "data": encoded}
