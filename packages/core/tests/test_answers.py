"""Citations say where to look, and answers carry what they rest on."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from racto.core import Citation, LLMResponse, RAGResponse


def test_a_citation_says_where_to_look() -> None:
    bare = Citation(number=1, source="a.txt", chunk_id="c", start=3, end=9)
    assert bare.location == "a.txt, characters 3-9"
    full = Citation(
        number=1, source="g.pdf", chunk_id="c", start=0, end=4, page=3, section="Use > Start"
    )
    assert full.location == "g.pdf, page 3, section 'Use > Start', characters 0-4"


def test_an_answer_carries_its_sources() -> None:
    response = RAGResponse(answer=LLMResponse(content="a"), sources=[], query="q", context_used="")
    assert (response.citations, response.is_grounded, dict(response.timings)) == ((), True, {})
    with pytest.raises(FrozenInstanceError):
        response.query = "other"  # type: ignore[misc]
