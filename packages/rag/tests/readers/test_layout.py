"""The layout gives headings offsets that hold, whatever is nested in what."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given, strategies as st
from selectolax.lexbor import LexborHTMLParser

from racto.rag.readers.layout import lay_out

TAGS = ["h1", "h2", "p", "b", "div", "pre", "li", "td", "br", "nav", "table", "!--", "textarea"]
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.text(alphabet="ab \n\u00e9\x03\x0e", max_size=5),
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_headings_start_where_they_say(html: str):
    body = LexborHTMLParser(html).body
    if body is None:
        return
    text, sections = lay_out(body.inner_html or "")
    assert text == text.strip()
    assert not any(mark in text for mark in "\x02\x03\x04\x05\x06\x07\x08\x0e\x0f")
    starts = [section.start for section in sections]
    assert starts == sorted(starts)
    for section in sections:
        assert "".join(text[section.start :].split()).startswith("".join(section.title.split()))


@given(st.text(alphabet="ab<>&;\xa0é\"'", min_size=1).map(str.strip).filter(bool))
def test_characters_come_back(text: str):
    page = LexborHTMLParser("<p id=x></p>")
    page.css_first("#x").insert_child(text)
    assert lay_out(page.body.inner_html)[0] == text


def test_what_is_in_an_attribute_is_no_markup():
    assert lay_out('<p title="<pre> <!-- </p> a>b">x  y</p>') == ("x y", [])


@pytest.mark.parametrize(
    "piece",
    ["<td></td>", "<h1>\n</h1>", " \n", "<pre>\n</pre>", "<!-- -->", "&lt;", '<a title="<pre>">'],
)
def test_time_grows_with_the_length_alone(piece: str):
    def seconds(count: int) -> float:
        started = perf_counter()
        lay_out(f"a{piece * count}b")
        return perf_counter() - started

    seconds(1_000)
    assert seconds(200_000) < 200 * max(seconds(10_000), 0.001)
