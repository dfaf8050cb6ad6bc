"""Rules on what an example teaches: its last turn, its two answers, its reference fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from racto.finetune.examples import Kind, RactoTrainingExample
from racto.finetune.messages import RactoTrainingMessage

from .findings import Fault


def check_ending(example: RactoTrainingExample, kind: Kind) -> Iterator[Fault]:
    """The faults of what is to be learned.

    Args:
        example: The example.
        kind: The kind that the format holds.
    """
    if kind == "preference":
        yield from _choice(example)
    elif example.kind == "preference":
        yield Fault(rule="kind", text="two answers, in a format that holds one; convert it first")
    elif kind == "chat":
        yield from _answer(example)
    else:
        yield from _question(example)


def _answer(example: RactoTrainingExample) -> Iterator[Fault]:
    turns = example.messages
    if not turns:
        return
    if turns[-1].role != "assistant":
        at = len(turns) - 1
        yield Fault(
            rule="order",
            text="the last turn must be the assistant's, which is what is learned",
            place=f"messages[{at}] ({turns[at].role})",
            message=at,
        )
    # Weights of 0 on some turns are what weights are for.
    answers = [turn for turn in turns if turn.role == "assistant"]
    if answers and all(turn.weight == 0 for turn in answers):
        yield Fault(rule="weight", text="every answer has the weight 0, so nothing is learned")


def _question(example: RactoTrainingExample) -> Iterator[Fault]:
    turns = example.messages
    # The model answers a tool's result as it answers the user.
    if turns and turns[-1].role not in ("user", "developer", "tool"):
        at = len(turns) - 1
        yield Fault(
            rule="order",
            text="the last turn must be the user's; the answer is graded, not given",
            place=f"messages[{at}] ({turns[at].role})",
            message=at,
        )


def _choice(example: RactoTrainingExample) -> Iterator[Fault]:
    for name in ("chosen", "rejected"):
        answer: Sequence[RactoTrainingMessage] = getattr(example, name)
        if not answer:
            yield Fault(rule="preference", text=f"the {name} answer is missing", place=name)
        elif answer[-1].role != "assistant":
            at = len(answer) - 1
            yield Fault(
                rule="preference",
                text="an answer ends with an assistant's turn",
                place=f"{name}[{at}] ({answer[at].role})",
                message=at,
            )
    # Such a pair pulls the model both ways at once.
    if example.chosen and example.chosen == example.rejected:
        yield Fault(rule="preference", text="the two answers are the same, so none is better")
    if example.messages and example.messages[-1].role == "assistant":
        yield Fault(
            rule="order", text="the conversation ends with an answer before the two answers",
            place=f"messages[{len(example.messages) - 1}] (assistant)",
            message=len(example.messages) - 1, is_error=False,
        )  # fmt: skip
