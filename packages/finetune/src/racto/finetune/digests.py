"""What an example says in 64 bits, so that repeats are found without holding the texts."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from .examples import RactoTrainingExample
from .messages import RactoTrainingMessage


def example_digest(example: RactoTrainingExample) -> int:
    """Equal for examples that say the same to the letter."""
    # Separators that JSON texts seldom hold keep 'ab' + 'c' and 'a' + 'bc' apart.
    texts = [_exact(turn) for turn in example.messages]
    for answer in (example.chosen, example.rejected):
        if answer:
            texts += ["\x1d", *map(_exact, answer)]
    if example.tools or example.extra:
        texts += [repr(example.tools), repr(example.extra)]
    return _digest(texts)


def prompt_digest(example: RactoTrainingExample) -> int:
    """Equal for examples that ask the same, whatever the case of letters and the white space.

    The system's turns do not count: the same question under another instruction is still known.
    Where they are all that is asked, they are the question.
    """
    prompt = example.prompt
    asked = [turn for turn in prompt if turn.role not in ("system", "developer")]
    return _digest(_loose(turn) for turn in asked or prompt)


def _exact(turn: RactoTrainingMessage) -> str:
    body = turn.body
    text = f"{turn.role}\x1f{body if isinstance(body, str) else repr(body)}"
    # Another weight teaches something else.
    facts = (turn.name, turn.weight, turn.extra)
    return text if facts == (None, None, {}) else f"{text}\x1f{facts!r}"


def _loose(turn: RactoTrainingMessage) -> str:
    words = " ".join(turn.content.split()).casefold()
    media = "".join(repr(part.data or part.url) for part in turn.media)
    return f"{turn.role}\x1f{words}\x1f{media}"


def _digest(texts: Iterable[str]) -> int:
    # Halves of surrogate pairs are texts like any other here.
    data = "\x1e".join(texts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")
