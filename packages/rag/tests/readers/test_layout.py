"""The layout gives headings offsets that hold, whatever is nested in what."""

from __future__ import annotations

from hypothesis import given, strategies as st
from selectolax.lexbor import LexborHTMLParser

from racto.rag.readers.layout import lay_out

TAGS = ["h1", "h2", "p", "b", "div", "pre", "li", "td", "br", "script", "nav", "table"]
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.text(alphabet="ab \n\u00e9", max_size=5),
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_headings_start_where_they_say(html: str):
    body = LexborHTMLParser(html).body
    if body is None:
        return
    text, sections = lay_out(body)
    assert text == text.rstrip()
    starts = [section.start for section in sections]
    assert starts == sorted(starts)
    for section in sections:
        assert "".join(text[section.start :].split()).startswith("".join(section.title.split()))


def test_skipped_elements_are_left_out_with_all_they_hold():
    page = LexborHTMLParser("<p>a</p><div id=x>b<p>c</p></div>d")
    skipped = frozenset({page.css_first("#x").mem_id})
    assert lay_out(page.body, skipped)[0] == "a\n\nd"
