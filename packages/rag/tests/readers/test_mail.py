"""EmailReader reads what a person would: headers, the body, and attachments when asked."""

from __future__ import annotations

from email.message import EmailMessage
from time import perf_counter

import pytest

from racto.core import Document
from racto.core.errors import EmptyDocumentError, ReadError
from racto.core.testing import ReaderContract
from racto.rag.readers import EmailReader, FileReaderRegistry


def message(body: str = "Hello Anna,\nsee below.", **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = headers.pop("subject", "Grüße aus Köln")
    made["From"] = "Émile <emile@example.org>"
    made["To"] = "anna@example.org"
    made["Date"] = "Mon, 30 Nov 2026 15:00:00 +0100"
    made.set_content(body)
    return made


class TestContract(ReaderContract):
    """EmailReader is a reader."""

    file_name = "sample.eml"
    file_bytes = message().as_bytes()
    words = "see below."

    @pytest.fixture
    def reader(self) -> EmailReader:
        return EmailReader()


def read(made: EmailMessage | bytes, registry: FileReaderRegistry | None = None) -> Document:
    data = made if isinstance(made, bytes) else made.as_bytes()
    return EmailReader(registry=registry).read(data)


def test_headers_come_before_the_body():
    document = read(message())
    assert document.text == (
        "Subject: Grüße aus Köln\nFrom: Émile <emile@example.org>\nTo: anna@example.org\n"
        "Date: Mon, 30 Nov 2026 15:00:00 +0100\n\nHello Anna,\nsee below."
    )
    assert document.section_at(0) == "Grüße aus Köln"
    facts = document.metadata
    assert facts["title"] == "Grüße aus Köln"
    assert facts["from"] == "Émile <emile@example.org>"
    assert facts["date"] == "2026-11-30T15:00:00+01:00"


def test_the_plain_body_is_preferred_and_html_is_read():
    both = message("The plain one.")
    both.add_alternative("<h1>The other</h1>", subtype="html")
    assert "The plain one." in read(both).text
    assert "The other" not in read(both).text
    page = message()
    page.set_content("<title>t</title><h2>News</h2><p>Two<br>lines", subtype="html")
    document = read(page)
    assert document.text.endswith("\n\nNews\n\nTwo\nlines")
    assert document.section_at(len(document.text) - 1) == "Grüße aus Köln > News"


def with_attachments() -> EmailMessage:
    made = message()
    made.add_attachment("a,b\n1,2\n", subtype="csv", filename="table.csv")
    made.add_attachment(b"\x00\x01", maintype="application", subtype="pdf", filename="torn.pdf")
    made.add_attachment(b"PK", maintype="application", subtype="zip", filename="more.zip")
    made.add_attachment(message("The inner body.", subject="Forwarded"))
    return made


def test_attachments_are_listed():
    document = read(with_attachments())
    assert document.text.endswith(
        "Attachments: table.csv, torn.pdf, more.zip, attachment 4 (message/rfc822)"
    )
    assert len(document.metadata["attachments"]) == 4
    assert "inner" not in document.text


def test_attachments_are_read_with_a_registry():
    document = read(with_attachments(), FileReaderRegistry())
    row = document.text.index("a: 1 | b: 2")
    assert document.section_at(row) == "Grüße aus Köln > table.csv"
    assert document.row_at(row) == 2
    inner = document.text.index("The inner body.")
    assert document.section_at(inner) == "Grüße aus Köln > Forwarded"
    assert document.row_at(inner) is None
    assert document.metadata["unread_attachments"] == ["torn.pdf"]


def test_messages_within_messages_are_read_three_deep():
    made = message("body 6")
    for number in range(5, 0, -1):
        outer = message(f"body {number}")
        outer.add_attachment(made)
        made = outer
    text = read(made, FileReaderRegistry()).text
    assert [number for number in range(1, 7) if f"body {number}" in text] == [1, 2, 3]


def test_encodings_that_do_not_exist_lose_no_letter_of_ascii():
    made = message().as_bytes().replace(b'charset="utf-8"', b'charset="x-nothing"')
    assert "see below." in read(made).text


@pytest.mark.parametrize(
    "data", [b"no headers at all\n", b"Key: value\n\nbody", b"\x89PNG\r\n\x1a\n\0"]
)
def test_what_is_no_message_is_refused(data: bytes):
    with pytest.raises(ReadError):
        read(data)
    with pytest.raises(EmptyDocumentError):
        read(b" \n")


def test_headers_and_parts_without_end_cost_no_time():
    started = perf_counter()
    long = b"Subject: " + b"word " * 400_000 + b"\nFrom: a@example.org\n\nbody"
    assert read(long).text.endswith("body")
    with pytest.raises(ReadError):
        read(b"Subject: x\nContent-Type: text/plain; " + b"a=b; " * 100_000 + b"\n\nbody")
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(3_000)
    )
    with pytest.raises(ReadError):
        read(b"Subject: x\n" + nested)
    assert perf_counter() - started < 20
