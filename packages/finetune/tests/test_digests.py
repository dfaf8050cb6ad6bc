"""Digests: equal for what says the same, different for the rest, the same in every process."""

from __future__ import annotations

import pytest

from racto.core import RactoFile
from racto.finetune import RactoDataset, RactoTrainingExample, RactoTrainingMessage
from racto.finetune.digests import example_digest, prompt_digest

PAIR = RactoTrainingExample.from_pair("q", "a")


def test_they_are_pinned() -> None:
    """Splits without leaks depend on them."""
    assert (example_digest(PAIR), prompt_digest(PAIR)) == PINNED


PINNED = (11781724239148452183, 15215088232091734716)


@pytest.mark.parametrize(
    "other",
    [
        RactoTrainingExample.from_pair("q", "b"),
        RactoTrainingExample.from_pair("Q", "a"),
        RactoTrainingExample.from_pair("q", "a", system="s"),
        RactoTrainingExample.from_pair("q", "a", user_attachments=[RactoFile(b"x", "image/png")]),
        PAIR.replace(extra={"x": 1}),
        PAIR.replace(tools=[{"name": "f"}]),
        RactoTrainingExample([RactoTrainingMessage("user", "q")], chosen=PAIR.messages[1:]),
        RactoTrainingExample([RactoTrainingMessage("user", "q")], rejected=PAIR.messages[1:]),
    ],
    ids=["answer", "case", "system", "image", "extra", "tools", "chosen", "rejected"],
)
def test_different_examples_differ(other: RactoTrainingExample) -> None:
    assert example_digest(other) != example_digest(PAIR)
    assert example_digest(other) == example_digest(other.replace())


def test_another_weight_is_another_example() -> None:
    def weighed(weight: float | None, name: str | None = None) -> RactoTrainingExample:
        answer = RactoTrainingMessage("assistant", "a", weight=weight, name=name)
        return RactoTrainingExample([RactoTrainingMessage("user", "q"), answer])

    made = [weighed(None), weighed(0), weighed(1), weighed(None, "Ann")]
    assert len({example_digest(each) for each in made}) == 4
    assert example_digest(made[0]) == example_digest(PAIR)
    assert len(RactoDataset(made).deduplicate()) == 4


def test_questions_are_compared_loosely() -> None:
    asked = prompt_digest(PAIR)
    assert prompt_digest(RactoTrainingExample.from_pair(" Q\n", "other", system="s")) == asked
    assert (
        prompt_digest(RactoTrainingExample.from_preference("q", chosen="x", rejected="y")) == asked
    )
    assert prompt_digest(RactoTrainingExample.from_pair("r", "a")) != asked
    seen = RactoTrainingExample.from_pair("q", "a", user_attachments=[RactoFile(b"x", "image/png")])
    assert prompt_digest(seen) != asked


def test_halves_of_surrogate_pairs_have_digests() -> None:
    halves = [RactoTrainingExample.from_pair("q", half) for half in ("\ud800", "\ud801")]
    assert example_digest(halves[0]) != example_digest(halves[1])
