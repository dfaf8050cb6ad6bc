"""Images and files in a request: what the API wants in place of their bytes."""

from __future__ import annotations

from racto.testing.refusals import Refusal

from .failures import refusal


def image_fault(url: str, place: str) -> Refusal | None:
    """The refusal of an image's address; None when it is one.

    Args:
        url: The address, or a data URL.
        place: Its place in the body.
    """
    # Whether something is there to be fetched is not asked: tests have no network.
    if url.startswith(("https://", "http://", "data:image/")):
        return None
    return refusal(
        f"Invalid '{place}'. Expected a valid URL, but got a value with an invalid format.",
        param=place,
        code="invalid_value",
    )


def file_fault(data: str, place: str) -> Refusal | None:
    """The refusal of a file's content; None when it is a data URL.

    Args:
        data: The content.
        place: Its place in the body.
    """
    # The commonest slip: base64 alone, which other providers take.
    if data.startswith("data:") and ";base64," in data:
        return None
    return refusal(
        f"Invalid '{place}'. Expected a base64-encoded data URL with an application/pdf MIME type"
        " (e.g. 'data:application/pdf;base64,aGVsbG8='), but got a value without the 'data:'"
        " prefix.",
        param=place,
        code="invalid_value",
    )
