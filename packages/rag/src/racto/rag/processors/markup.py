"""Residual HTML in plain text: what is surely a tag goes, and nothing else."""

from __future__ import annotations

import re

_INLINE = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp
    small span strike strong sub sup time tt u var wbr
"""
_CELLS = "td th"
_BLOCKS = """
    address article aside audio base blockquote body br button canvas caption center col colgroup
    dd details dialog dir div dl dt embed fieldset figcaption figure footer form frame frameset h1
    h2 h3 h4 h5 h6 head header hgroup hr html iframe input legend li link main map menu meta nav
    noscript object ol optgroup option output p param picture pre progress script section select
    source style summary svg table tbody template textarea tfoot thead title tr track ul video
"""
_BARE = """
    allowfullscreen async autofocus autoplay checked compact controls default defer disabled
    hidden ismap loop multiple muted nohref noshade novalidate nowrap open readonly required
    reversed selected
"""
_GAPS = {
    **dict.fromkeys(_INLINE.split(), ""),
    **dict.fromkeys(_CELLS.split(), " "),
    **dict.fromkeys(_BLOCKS.split(), "\n"),
}
# Everything is possessive, and nothing passes over another "<": no character is looked at more
# than a few times.
_TAG = re.compile(
    rf"""<(?:
        /?([a-z][a-z0-9]*+)
        (?: \s++ (?: (?:{"|".join(_BARE.split())})(?=[\s/>])
                   | [a-z_:@] [\w:.@-]*+ \s*+=\s*+ (?: "[^"<]*+" | '[^'<]*+' | [^\s"'=<>`]++ ) ) )*+
        \s*+ /?
      | !doctype\s[^<>]*+
      | \?xml\s[^<>]*+
    )>""",
    re.IGNORECASE | re.VERBOSE,
)


def without_markup(text: str) -> str:
    """Remove HTML comments and tags; time linear in the length of the text.

    A tag is the name of an HTML element in angle brackets, with proper attributes. Comparisons
    (``a < b``), type parameters (``list<int>``) and placeholders (``<file-name>``) stay. The tag
    of a block or a line break leaves a line end behind, that of a table cell a space.

    Args:
        text: Any text.
    """
    if "<" not in text:
        return text
    if "<!--" in text:
        text = _without_comments(text)
    return _TAG.sub(_gap, text)


def _gap(found: re.Match[str]) -> str:
    """What stands in for a tag: the tag itself, if HTML has no element of the name."""
    name = found[1]
    return _GAPS.get(name.lower(), found[0]) if name else ""


def _without_comments(text: str) -> str:
    kept: list[str] = []
    at = 0
    while (begin := text.find("<!--", at)) >= 0:
        end = text.find("-->", begin + 4)
        # Without an end here there is none further on either, so nothing is searched twice.
        if end < 0:
            break
        kept.append(text[at:begin])
        at = end + 3
    return "".join(kept) + text[at:]
