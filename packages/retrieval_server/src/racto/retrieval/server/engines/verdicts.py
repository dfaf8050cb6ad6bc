"""What a kit said about passages: yes or no and how surely, or an order of their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from racto.core.logprobs import TokenLogprob
from racto.core.responses import LLMResponse

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<![\w.-])\d{1,6}(?![\w.])")
_YES, _NO = frozenset({"yes", "true", "relevant"}), frozenset({"no", "false", "irrelevant"})

# The last one is what a split at the apostrophe leaves of "isn't".
_NOT = frozenset({"not", "isn't", "t"})


def relevance(response: LLMResponse) -> float | None:
    """How surely a reply says yes, from 0.0 to 1.0; None when it says neither yes nor no.

    With log-probabilities it is the share of yes at the first place where the model said the one
    or the other; without them 1.0 or 0.0, by the first such word.
    """
    before = ""
    for token in response.logprobs or ():
        if _verdict(token.token) is not None:
            share = _share(token)
            return 1.0 - share if before in _NOT else share
        before = _plain(token.token) or before
    # The first words only: an explanation may well hold the other word too.
    for word in _WORD.findall((response.content or "")[:200]):
        verdict = _verdict(word)
        if verdict is not None:
            # "Not relevant" is a no.
            return float(verdict is not (before in _NOT))
        before = _plain(word)
    return None


def _share(token: TokenLogprob) -> float:
    # The token itself is mostly one of its alternatives, and counts once.
    seen = {token.token: token.probability}
    seen.update((other.token, other.probability) for other in token.alternatives)
    yes = sum(share for text, share in seen.items() if _verdict(text) is True)
    no = sum(share for text, share in seen.items() if _verdict(text) is False)
    return yes / (yes + no) if yes + no else float(_verdict(token.token) or 0)


def _plain(text: str) -> str:
    return text.strip(" \t\r\n\"'*.,:;!_`\u2581\u0120").casefold()


def _verdict(text: str) -> bool | None:
    word = _plain(text)
    return True if word in _YES else False if word in _NO else None


def order_in(response: LLMResponse, count: int) -> list[int] | None:
    """The order of passages in a reply as places from 0, each exactly once.

    Numbers that no passage has, and those that come again, are left out; passages that are not
    named follow in the order in which they were shown.

    Args:
        response: The reply: a list of numbers as data, as JSON, or anyhow.
        count: How many passages were shown, numbered from 1.

    Returns:
        All places, best first; None when the reply names no passage at all.
    """
    said = _numbers(response)
    named = list(dict.fromkeys(number - 1 for number in said if 1 <= number <= count))
    if not named:
        return None
    known = set(named)
    return named + [place for place in range(count) if place not in known]


def _numbers(response: LLMResponse) -> list[int]:
    found = listed(response, "order")
    if found is not None:
        return [entry for entry in found if type(entry) is int]
    # Models without structured output write [2] > [1], or one number a line.
    return [int(digits) for digits in _NUMBER.findall((response.content or "")[:100_000])]


def listed(response: LLMResponse, field: str) -> Sequence[Any] | None:
    """The list that a structured reply holds, or None when it holds none.

    Args:
        response: The reply, read by the kit or as JSON in its words.
        field: Name of the list.
    """
    import orjson

    found: Any = response.parsed
    if found is None:
        text = (response.content or "").strip()
        # A fence around the JSON is no part of it.
        text = text.removeprefix("```json").removeprefix("```").removesuffix("```")
        try:
            found = orjson.loads(text)
        except orjson.JSONDecodeError:
            return None
    if isinstance(found, dict):
        found = found.get(field)
    return found if isinstance(found, list) else None
