"""HtmlReader keeps what a reader of the page would see, from broken pages too."""

from __future__ import annotations

import sys

import pytest

from racto.core.errors import BinaryDocumentError, EmptyDocumentError, MissingExtraError, ReadError
from racto.core.testing import ReaderContract
from racto.rag.readers import HtmlReader


class TestContract(ReaderContract):
    """HtmlReader is a reader."""

    file_name = "sample.html"
    file_bytes = "<title>Grüße</title><h1>Aus Köln</h1><p>Two<br>lines.".encode()
    words = "Two\nlines."

    @pytest.fixture
    def reader(self) -> HtmlReader:
        return HtmlReader()


def text(html: str) -> str:
    return HtmlReader().read(html.encode()).text


def test_a_head_that_is_never_closed_loses_nothing():
    assert text("<html><head><title>t</title><p>All of it</p><p>is here") == "All of it\n\nis here"


def test_a_menu_that_is_never_closed_loses_nothing():
    html = (
        "<nav><a href=a>Home</a> <a href=b>News</a><h1>Real</h1><p>Prose that matters to readers."
    )
    assert "Prose that matters" in text(html)


def test_menus_scripts_and_hidden_parts_are_left_out():
    html = """<body><nav><ul><li><a href=a>Home</a><li><a href=b>News</a></ul></nav>
        <svg><script>bad()</script></svg><style>p {}</style><noscript>turn it on</noscript>
        <p hidden>not <b>seen</b></p><template><p>later</p></template><!-- nor this -->
        <p>Only <script>x = 1</script>this.</p>"""
    assert text(html) == "Only this."


def test_the_main_element_is_preferred_when_it_holds_text():
    assert text("<p>around</p><main><p>inside</p></main><p>after</p>") == "inside"
    assert text("<p>around</p><main><script>fill()</script></main>") == "around"


def test_blocks_stand_on_lines_of_their_own():
    html = (
        "<div>one</div><div>two <b>bo</b>ld</div><ul><li>a<li>b</ul>"
        "<table><tr><td>1<td>2<tr><th>3</table><p> p  one </p>tail<br>end"
    )
    assert text(html) == "one\ntwo bold\n\na\nb\n\n1\t2\n3\n\np one\n\ntail\nend"


def test_preformatted_text_keeps_its_lines():
    assert text("<p>x</p><pre>\ndef f():\n    pass\n</pre>y") == "x\n\ndef f():\n    pass\n\ny"


def test_headings_are_sections_by_offset():
    document = HtmlReader().read(
        b"<title> A  page </title><p>before<h1>Top <em>one</em></h1><p>text<h3>Sub</h3>more"
    )
    assert document.metadata["title"] == "A page"
    assert [(s.title, s.level) for s in document.sections] == [("Top one", 1), ("Sub", 3)]
    for section in document.sections:
        assert document.text[section.start :].startswith(section.title)
    assert document.section_at(len(document.text) - 1) == "Top one > Sub"


def test_entities_are_read():
    assert text("<p>a &lt; b &amp;&nbsp;c &#8211; d") == "a < b &\u00a0c \u2013 d"


@pytest.mark.parametrize(
    "declaration",
    ["<meta charset=iso-8859-1>", '<meta content="text/html; charset=windows-1252">'],
)
def test_the_declared_encoding_is_used(declaration: str):
    html = f"{declaration}<p>Größe – x".encode("cp1252")
    document = HtmlReader().read(html)
    assert document.text == "Größe – x"
    assert document.metadata["encoding"] == "cp1252"


def test_a_declaration_that_is_stale_does_no_harm():
    assert text("<meta charset=iso-8859-1><p>Größe") == "Größe"


def test_an_undeclared_encoding_is_refused_unless_it_is_named():
    html = "<p>Größe".encode("cp1252")
    with pytest.raises(BinaryDocumentError):
        HtmlReader().read(html)
    assert HtmlReader(fallback_encoding="cp1252").read(html).text == "Größe"


def test_a_page_without_text_is_refused_with_advice():
    with pytest.raises(EmptyDocumentError, match="save the page"):
        HtmlReader().read(b"<div id=app></div><script src=app.js></script>")


def test_a_page_as_deep_as_an_attack_is_refused():
    with pytest.raises(ReadError, match="nests more than"):
        HtmlReader().read(b"<div>" * 100_000 + b"x")
    assert text("<br>x" * 20_000).count("x") == 20_000
    assert text("<div>" * 1_000 + "deep") == "deep"


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "selectolax.lexbor", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-rag\[html\]"'):
        HtmlReader().read(b"<p>x")


def test_margins_are_left_out_unless_they_are_the_page():
    assert text(
        "<p>All that matters to those who read</p><aside>By the way</aside><footer>Imprint</footer>"
    ) == ("All that matters to those who read")
    assert text("<p>Hi</p><footer>All the rest of a page whose footer is never closed") == (
        "Hi\n\nAll the rest of a page whose footer is never closed"
    )


def test_parts_within_parts_are_left_out_once():
    html = "<nav><a>x</a><nav><a>y</a></nav></nav><div hidden><script hidden>a</script></div>z"
    assert text(html) == "z"


def test_a_head_without_an_end_and_a_body_without_a_start():
    html = "<html><head><title>T</title><style>p {}</style><h1>Top</h1><p>First<div>second"
    document = HtmlReader().read(html.encode())
    assert document.text == "Top\n\nFirst\n\nsecond"
    assert document.metadata["title"] == "T"
    assert [section.title for section in document.sections] == ["Top"]


def test_raw_elements_of_old_pages_keep_their_text():
    assert text("<xmp><b>x & y</b></xmp>") == "<b>x & y</b>"


def test_balanced_nesting_is_refused_in_time():
    with pytest.raises(ReadError, match="nests more than"):
        HtmlReader().read(b"<div>" * 200_000 + b"x" + b"</div>" * 200_000)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_byte_order_marks_decide(encoding: str):
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    html = f"{mark}<meta charset=koi8-r><p>Größe".encode(encoding)
    assert HtmlReader().read(html).text == "Größe"


def test_every_main_is_read() -> None:
    html = b"<body><main><h1>One</h1>bees</main><p>between</p><main>wasps<main>ants</main></main>"
    document = HtmlReader().read(html)
    assert document.text.split() == ["One", "bees", "wasps", "ants"]
