"""PDFs that lie end in a ReadError, within the limits, whichever engine reads them."""

from __future__ import annotations

import zlib
from time import perf_counter
from typing import Literal

import pytest

from racto.core.errors import DocumentTooLargeError, ReadError
from racto.rag.readers import PdfReader

Engine = Literal["pypdf", "pdfium"]


def pdf(*objects: str | bytes, start: int | None = None) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        raw = body.encode() if isinstance(body, str) else body
        out += f"{number} 0 obj\n".encode() + raw + b"\nendobj\n"
    xref = len(out) if start is None else start
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n".encode()
    )
    return bytes(out)


def stream(content: bytes, more: str = "") -> bytes:
    return f"<< /Length {len(content)} {more} >>\nstream\n".encode() + content + b"\nendstream"


CATALOG = "<< /Type /Catalog /Pages 2 0 R >>"
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources "
    "<< /Font << /F1 5 0 R >> /XObject << /X 6 0 R >> >> >>"
)
TEXT = b"BT /F1 12 Tf 72 720 Td (Some words.) Tj ET"


def simple(
    content: bytes = TEXT, more: str = "", pages: str = "", extra: tuple[bytes, ...] = ()
) -> bytes:
    tree = pages or "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf(CATALOG, tree, PAGE, stream(content, more), FONT, *extra)


def forms(levels: int) -> tuple[bytes, ...]:
    """Forms that each draw the next one ten times."""
    made = [
        stream(
            b"/X Do " * 10,
            f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {7 + i} 0 R >> >>",
        )
        for i in range(levels)
    ]
    return (*made, stream(TEXT, "/Type /XObject /Subtype /Form /BBox [0 0 9 9]"))


@pytest.fixture(params=["pypdf", "pdfium"])
def reader(request: pytest.FixtureRequest) -> PdfReader:
    return PdfReader(engine=request.param, max_seconds=5)


def test_a_wrong_place_of_the_table_is_survived_or_refused(reader: PdfReader):
    lie = pdf(
        CATALOG, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, stream(TEXT), FONT, start=7
    )
    assert "Some words." in reader.read(lie).text


@pytest.mark.parametrize(
    "tree",
    [
        "<< /Type /Pages /Kids [2 0 R] /Count 1 >>",
        "<< /Type /Pages /Kids [2 0 R 2 0 R 2 0 R] /Count 1000000000 >>",
        "<< /Type /Pages /Kids 17 /Count -5 >>",
        "<< /Type /Pages /Kids [99 0 R] /Count 1 >>",
    ],
)
def test_page_trees_without_end_or_leaves_are_refused(reader: PdfReader, tree: str):
    started = perf_counter()
    with pytest.raises(ReadError):
        reader.read(simple(pages=tree))
    assert perf_counter() - started < 10


def test_a_page_that_unpacks_without_end_is_refused(reader: PdfReader):
    packed = zlib.compress(zlib.compress(b" " * 200_000_000, 9), 9)
    started = perf_counter()
    with pytest.raises(ReadError):
        reader.read(simple(packed, "/Filter [/FlateDecode /FlateDecode]"))
    assert perf_counter() - started < 20


def test_forms_within_forms_end_with_the_time():
    started = perf_counter()
    with pytest.raises(ReadError):
        PdfReader(max_seconds=1).read(simple(b"/X Do", extra=forms(9)))
    assert perf_counter() - started < 15


def test_a_page_of_endless_operators_ends_with_the_time():
    with pytest.raises(DocumentTooLargeError, match="larger max_seconds"):
        PdfReader(max_seconds=0.2).read(simple(TEXT * 20_000))
