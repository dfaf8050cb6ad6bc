"""Forms with files are read strictly, whatever bytes a file has."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given, strategies as st

from racto.testing.openai.multipart import FormField, read_form

TYPE = "multipart/form-data; boundary=xyz"


def form(*parts: bytes, end: bytes = b"--xyz--\r\n") -> bytes:
    return b"".join(b"--xyz\r\n" + part + b"\r\n" for part in parts) + end


def head(name: str = "a", more: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()


NAMES = st.text("abc_[]", min_size=1)
FILENAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), min_size=1).map(
    lambda text: f"x{text}.jsonl"
)


@given(
    st.dictionaries(NAMES, st.text(st.characters(codec="utf-8")), max_size=5),
    FILENAMES,
    st.binary(),
)
def test_what_a_client_encodes_comes_out_again(
    texts: dict[str, str], filename: str, content: bytes
) -> None:
    request = httpx2.Request(
        "POST", "http://x", data=texts, files={"file": (filename, content, "text/plain")}
    )
    body = request.read()
    *fields, file = read_form(body, request.headers["content-type"])
    assert {field.name: field.content.decode() for field in fields} == texts
    assert file == FormField(name="file", content=content, filename=filename)


def test_a_file_may_hold_line_ends_and_half_a_boundary() -> None:
    content = b"\r\n--xy\r\n\r\n--\n"
    (field,) = read_form(form(head(more='; filename="f"') + content), TYPE)
    assert field.content == content


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", TYPE),
        (b"words", TYPE),
        (form(head() + b"x", end=b""), TYPE),
        (form(head() + b"x", end=b"--xyz"), TYPE),
        (b"before\r\n" + form(head() + b"x"), TYPE),
        (form(head() + b"x") + b"after", TYPE),
        (form(b"no head at all"), TYPE),
        (form(b"Content-Disposition: form-data\r\n\r\nx"), TYPE),
        (form(b'Content-Disposition: attachment; name="a"\r\n\r\nx'), TYPE),
        (form(b"x-long: " + b"x" * 20_000 + b"\r\n" + head() + b"x"), TYPE),
        (form(*[head() + b"x"] * 33), TYPE),
        (form(head() + b"x"), "multipart/form-data"),
        (form(head() + b"x"), "application/json; boundary=xyz"),
        (form(head() + b"x"), f"multipart/form-data; boundary={'x' * 71}"),
        (form(head() + b"x"), ""),
    ],
)
def test_what_is_no_form_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(ValueError, match="form"):
        read_form(body, content_type)
