"""The same example twice, and the same question in training and validation data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from racto.finetune.digests import example_digest, prompt_digest
from racto.finetune.examples import RactoTrainingExample

from .findings import Fault, Finding


class Repeats:
    """Finds what has come before, by 64 bits an example: about 100 MB for a million.

    Args:
        known_prompts: Digests of the questions of the other side, whose lines are given.
    """

    def __init__(self, known_prompts: dict[int, int] | None = None) -> None:
        self._seen: dict[int, int] = {}
        self._known = known_prompts or {}

    def check(self, example: RactoTrainingExample, line: int) -> Iterator[Fault]:
        """The faults of an example, which counts as seen from now on.

        Args:
            example: The example.
            line: Where it stands.
        """
        # A collision among 64 bits is likelier than one in a million from six million on.
        digest = example_digest(example)
        first = self._seen.setdefault(digest, line)
        if first != line:
            yield Fault(
                rule="duplicate", text=f"the same as line {first}; remove one", is_error=False
            )
        known = self._known if example.prompt else {}
        if known and (other := known.get(prompt_digest(example))) is not None:
            yield Fault(
                rule="leakage",
                text=f"asks what line {other} of the other file asks, so validation would only "
                "measure memory; keep it in one of them",
            )


def prompts_of(examples: Iterable[tuple[int, RactoTrainingExample]]) -> dict[int, int]:
    """The digests of the questions of a dataset, with their lines.

    Args:
        examples: Line and example.
    """
    found: dict[int, int] = {}
    for line, example in examples:
        # An example without a question leaks none.
        if example.prompt:
            found.setdefault(prompt_digest(example), line)
    return found


def find_leaks(
    training: Iterable[tuple[int, RactoTrainingExample]],
    validation: Iterable[tuple[int, RactoTrainingExample]],
) -> Iterator[Finding]:
    """The questions of the training data that the validation data asks too.

    Letters' case, white space and system turns make no difference. The validation side is held
    as 64 bits an example, the training side is read through.

    Args:
        training: Line and example.
        validation: Line and example.
    """
    known = prompts_of(validation)
    for number, (line, example) in enumerate(training):
        if example.prompt and (other := known.get(prompt_digest(example))) is not None:
            text = f"line {other} of the validation data asks the same; keep it in one of them"
            yield Finding.of(Fault(rule="leakage", text=text), line=line, example=number)
