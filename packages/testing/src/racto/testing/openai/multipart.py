"""Forms as clients post them with a file: read strictly, and never more than a few small heads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

# A file may be large; what stands around it may not.
_LONGEST_HEAD = 16 * 1024
_MOST_FIELDS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field of a form.

    Attributes:
        name: Its name.
        content: Its bytes.
        filename: Name of the file; None when it is no file.
    """

    name: str
    content: bytes
    filename: str | None = None


def read_form(body: bytes, content_type: str) -> Sequence[FormField]:
    """Read a ``multipart/form-data`` body.

    Args:
        body: The body.
        content_type: Its ``Content-Type``, which names the boundary.

    Raises:
        ValueError: If it is no such form, or has too many fields or a head that is too long.
    """
    mark = b"--" + _boundary(content_type)
    # The first mark has no line before it; with one given, all of them are found alike.
    before, *parts = (b"\r\n" + body).split(b"\r\n" + mark)
    if before.strip() or not parts:
        raise ValueError("the form does not begin with its boundary")
    *fields, end = parts
    if end.rstrip(b" \t\r\n") != b"--":
        raise ValueError("the form does not end with its boundary")
    if len(fields) > _MOST_FIELDS:
        raise ValueError(f"the form has more than {_MOST_FIELDS} fields")
    return [_field(part) for part in fields]


def _boundary(content_type: str) -> bytes:
    # The standard library reads parameters and their quotes; bodies it would read line by line,
    # and change the line ends of a file.
    head = Message()
    head["content-type"] = content_type
    boundary = head.get_param("boundary")
    if head.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise ValueError("the body is no multipart form with a boundary")
    if not 0 < len(boundary) <= 70:
        raise ValueError("the form's boundary is empty or too long")
    return boundary.encode("latin-1")


def _field(part: bytes) -> FormField:
    line, _, rest = part.partition(b"\r\n")
    # A field without any header has an empty head.
    head, found, content = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if line.strip(b" \t") or not found or len(head) > _LONGEST_HEAD:
        raise ValueError("a field of the form has no proper head")
    headers = Message()
    # Browsers and SDKs write file names in UTF-8, whatever the standard says.
    for text in head.decode("utf-8", "replace").split("\r\n")[1:]:
        header, _, value = text.partition(":")
        headers[header.strip()] = value.strip()
    disposition = "content-disposition"
    name = headers.get_param("name", header=disposition)
    if headers.get_content_disposition() != "form-data" or not isinstance(name, str):
        raise ValueError("a field of the form has no name")
    return FormField(name=name, content=content, filename=headers.get_filename())
