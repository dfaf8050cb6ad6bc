"""Tokens of training examples: counted where an encoding is at hand, estimated otherwise."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from racto.core.content import ToolCallPart, ToolResultPart
from racto.core.errors import ConfigurationError, MissingExtraError

from .examples import RactoTrainingExample
from .messages import RactoTrainingMessage
from .written_calls import text_of_call

CountTokens: TypeAlias = Callable[[str], int]
"""Counts the tokens of a text."""

MEDIUM_TOKENS = 1_000
"""What an image, a sound or a document counts as; the providers' own rules differ by model."""

# OpenAI wraps every message of a chat in three tokens, and the answer begins with three.
_FRAME = 3
# Hundredths of a token for a character, by how many bytes UTF-8 gives it.
_ASCII, _TWO_BYTES, _THREE_BYTES, _FOUR_BYTES = 24, 55, 105, 250
# The files' names in tiktoken's cache.
_ENCODINGS = {
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
}


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text by its scripts, without any vocabulary.

    A little over four characters of ASCII are a token, about one character of Chinese, Japanese
    or Korean is one. It is meant for plans; ``counter_of`` counts.
    """
    if text.isascii():
        return -(-len(text) * _ASCII // 100)
    data = text.encode("utf-8", "replace")
    four = sum(map(data.count, _LEADS_OF_FOUR))
    three = sum(map(data.count, _LEADS_OF_THREE))
    two = (len(data) - len(text)) - 2 * three - 3 * four
    ascii_only = len(text) - two - three - four
    weight = ascii_only * _ASCII + two * _TWO_BYTES + three * _THREE_BYTES + four * _FOUR_BYTES
    return -(-weight // 100)


_LEADS_OF_THREE = [bytes([lead]) for lead in range(0xE0, 0xF0)]
_LEADS_OF_FOUR = [bytes([lead]) for lead in range(0xF0, 0xF5)]


def counter_of(encoding: str = "o200k_base") -> CountTokens:
    """Count with one of OpenAI's encodings. Nothing is downloaded.

    Args:
        encoding: ``o200k_base`` (GPT-4o and later) or ``cl100k_base``.

    Raises:
        ConfigurationError: If the encoding is unknown, or not in tiktoken's cache.
        MissingExtraError: If tiktoken is not installed.
    """
    name = _ENCODINGS.get(encoding)
    if name is None:
        known = ", ".join(_ENCODINGS)
        raise ConfigurationError(f"no encoding is called {encoding!r}; known are {known}")
    try:
        import tiktoken
    except ImportError as error:
        raise MissingExtraError(
            "tiktoken", install="racto-finetune[tokens]", purpose="Counting tokens"
        ) from error
    if not _cached(name).is_file():
        raise ConfigurationError(
            f"the encoding {encoding} is not in tiktoken's cache; fetch it once with "
            f"tiktoken.get_encoding({encoding!r}), and set TIKTOKEN_CACHE_DIR to a lasting folder"
        )
    # Ordinary text: what looks like a control token is what the data says.
    encode = tiktoken.get_encoding(encoding).encode_ordinary
    # A lone half of a surrogate pair has no UTF-8, and must not stop the counting.
    return lambda text: len(encode(text.encode("utf-8", "replace").decode("utf-8")))


def _cached(name: str) -> Path:
    """Where tiktoken keeps a file that it has fetched."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            return Path(os.environ[variable]) / name
    return Path(tempfile.gettempdir()) / "data-gym-cache" / name


def example_tokens(
    example: RactoTrainingExample,
    count: CountTokens = estimate_tokens,
    *,
    medium_tokens: int = MEDIUM_TOKENS,
) -> int:
    """The tokens of an example as a chat: texts, frames, tools and media.

    Args:
        example: The example; of a preference both answers count.
        count: Counts a text.
        medium_tokens: What an image, a sound or a document counts as.
    """
    total = _FRAME
    for turn in example.all_messages:
        total += _FRAME + message_tokens(turn, count, medium_tokens=medium_tokens)
    if example.tools:
        total += count(json.dumps(example.tools, ensure_ascii=False, default=str))
    return total


def message_tokens(
    turn: RactoTrainingMessage,
    count: CountTokens = estimate_tokens,
    *,
    medium_tokens: int = MEDIUM_TOKENS,
) -> int:
    """The tokens of one turn, without its frame.

    Args:
        turn: The turn.
        count: Counts a text.
        medium_tokens: What an image, a sound or a document counts as.
    """
    body = turn.body
    if isinstance(body, str):
        return count(body)
    return sum(_parts(body, count, medium_tokens))


def _parts(parts: Iterable[Any], count: CountTokens, medium_tokens: int) -> Iterable[int]:
    for part in parts:
        if isinstance(part, ToolCallPart):
            yield count(part.name) + count(text_of_call(part))
        elif isinstance(part, ToolResultPart) and not isinstance(part.content, str):
            yield from _parts(part.content, count, medium_tokens)
        elif part.type in ("image", "audio", "document", "uploaded_file"):
            yield medium_tokens
        elif part.type == "provider":
            yield count(json.dumps(part.data, default=str))
        else:
            yield count(part.text)
