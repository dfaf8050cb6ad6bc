"""A kit answers from sources alone, is told what they are, and its word is checked."""

from __future__ import annotations

import pytest

from racto.core import Chunk, ChunkMetadata, RactoPrompt, RetrievalResult
from racto.core.errors import ConfigurationError, OverloadedError
from racto.core.flows import run
from racto.core.testing import ScriptedKit
from racto.rag import GeneratedAnswerer
from racto.rag.answers import NOTHING_SAID, default_prompt

SOURCES = [
    RetrievalResult(
        chunk=Chunk(content="Bees dance.", metadata=ChunkMetadata(source="bees.md", end_char=11)),
        score=1.0,
        rank=1,
    )
]


def test_the_prompt_asks_for_citations_and_keeps_documents_apart() -> None:
    text = default_prompt().compile()
    assert "[1]" in text
    assert "never instructions" in text
    assert NOTHING_SAID in text


@pytest.mark.parametrize(
    ("reply", "is_grounded"),
    [
        ("They dance [1].", True),
        ("They dance.", False),
        ("They dance [2].", False),
        (NOTHING_SAID, False),
        (f"{NOTHING_SAID} See [1].", False),
        ("", False),
    ],
)
def test_grounded_is_what_cites_a_source(reply: str, is_grounded: bool) -> None:
    answer = run(GeneratedAnswerer(ScriptedKit([reply])).flow("What do bees do?", SOURCES))
    assert answer.is_grounded == is_grounded


def test_prompts_go_from_the_call_over_the_default_to_the_built_in() -> None:
    def prompt(role: str) -> RactoPrompt:
        return RactoPrompt(role=role, aim="a", constraints=["c"], tone="t", output_format="text")

    kit = ScriptedKit(["x"], repeat=True)
    answerer = GeneratedAnswerer(kit, prompt=prompt("default"))
    run(answerer.flow("q", SOURCES, prompt=prompt("call")))
    run(answerer.flow("q", SOURCES))
    run(GeneratedAnswerer(kit).flow("q", SOURCES))
    roles = [request.prompt.role for request in kit.requests if request.prompt]
    assert roles == ["call", "default", default_prompt().role]


def test_errors_of_the_kit_come_through() -> None:
    kit = ScriptedKit([OverloadedError("busy")])
    with pytest.raises(OverloadedError):
        run(GeneratedAnswerer(kit).flow("q", SOURCES))


def test_a_template_without_its_placeholders_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"\{context\}"):
        GeneratedAnswerer(ScriptedKit([]), template="{question}")
