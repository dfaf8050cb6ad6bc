"""The turns of an example with the names of their places, which findings tell."""

from __future__ import annotations

from collections.abc import Iterator

from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import RactoTrainingMessage


def placed_turns(
    example: RactoTrainingExample, *, with_parts: bool = False
) -> Iterator[tuple[str, int, RactoTrainingMessage]]:
    """Every turn with its place, such as ``chosen[0] (assistant)``, and its number in its list.

    Args:
        example: The example.
        with_parts: Whether turns of text alone, as nearly all are, are passed over.
    """
    for name in ("messages", "chosen", "rejected"):
        for at, turn in enumerate(getattr(example, name)):
            # Names are made for the few that are looked at.
            if with_parts and isinstance(turn.body, str):
                continue
            yield f"{name}[{at}] ({turn.role})", at, turn
