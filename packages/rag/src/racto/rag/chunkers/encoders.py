"""Encoders: whatever tells where the tokens of a text are."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from racto.core.errors import ConfigurationError, MissingExtraError, ReadError
from racto.core.protocols.chat import TokenCounter

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MOST_BYTES = 64_000_000
_SURROGATES = re.compile("[\ud800-\udfff]")


@runtime_checkable
class TokenEncoder(Protocol):
    """The power to tell where the tokens of a text are."""

    def token_offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Where each token begins and ends, in characters of ``text`` and in its order.

        Tokens that are parts of one character begin where it does; text between two tokens, such
        as white space, may be in neither.
        """
        ...


TokenSource: TypeAlias = "TokenEncoder | TokenCounter | Tokenizer | str | os.PathLike[str]"
"""What a :class:`~racto.rag.chunkers.TokenChunker` can count tokens with."""


class HuggingFaceEncoder:
    """A tokenizer of the library ``tokenizers`` as an encoder, without its limits on length.

    Args:
        tokenizer: The tokenizer; it is copied, so that its settings stay as they are.

    Raises:
        ConfigurationError: If it truncates texts and cannot be copied.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer, self.fingerprint = _without_limits(tokenizer)

    def token_offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Where each token begins and ends; special tokens are not added."""
        try:
            text.encode()
        except UnicodeEncodeError:
            text = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
        return self._tokenizer.encode(text, add_special_tokens=False).offsets


def encoder_of(tokenizer: TokenSource) -> TokenEncoder | TokenCounter:
    """The power to find or at least count tokens that is in what a user gave.

    Args:
        tokenizer: See :class:`~racto.rag.chunkers.TokenChunker`.

    Raises:
        FileNotFoundError: If it is a path and there is no such file.
        ReadError: If the file is no tokenizer, or larger than 64 MB.
        ConfigurationError: If it is nothing that knows tokens.
        MissingExtraError: If it is a path and the library tokenizers is not installed.
    """
    if isinstance(tokenizer, str | os.PathLike):
        return HuggingFaceEncoder(_load(Path(tokenizer)))
    # Whoever holds one of its tokenizers has imported the library.
    library = sys.modules.get("tokenizers")
    # A fast tokenizer of transformers carries one.
    inner = getattr(tokenizer, "backend_tokenizer", tokenizer)
    if library is not None and isinstance(inner, library.Tokenizer):
        return HuggingFaceEncoder(inner)
    if isinstance(tokenizer, TokenEncoder | TokenCounter):
        return tokenizer
    raise ConfigurationError(
        f"{type(tokenizer).__name__} is no tokenizer: give a tokenizers.Tokenizer, the path of a "
        "tokenizer.json, or an object with token_offsets(text) or count_tokens(text)"
    )


def _without_limits(tokenizer: Tokenizer) -> tuple[Tokenizer, str]:
    """A copy that cuts and pads nothing, and a digest of its settings."""
    try:
        settings = tokenizer.to_str()
    # The library raises a bare Exception for parts that are written in Python.
    except Exception as exc:
        if tokenizer.truncation or tokenizer.padding:
            raise ConfigurationError(
                f"this tokenizer truncates or pads texts and cannot be copied ({exc}); call its "
                "no_truncation() and no_padding() first"
            ) from exc
        return tokenizer, ""
    copy = type(tokenizer).from_str(settings)
    copy.no_truncation()
    copy.no_padding()
    return copy, hashlib.sha256(settings.encode()).hexdigest()


def _load(path: Path) -> Tokenizer:
    try:
        from tokenizers import Tokenizer
    except ImportError as exc:
        raise MissingExtraError(
            "tokenizers", install="racto-rag[tokens]", purpose="Counting tokens"
        ) from exc
    if path.stat().st_size > _MOST_BYTES:
        raise ReadError(
            f"{path} is larger than 64 MB, which no tokenizer.json is", source=str(path)
        )
    try:
        return Tokenizer.from_file(str(path))
    # The library raises a bare Exception for whatever it cannot read.
    except Exception as exc:
        raise ReadError(f"{path} is no tokenizer.json: {exc}", source=str(path)) from exc


def token_starts(encoder: TokenEncoder, text: str) -> list[int]:
    """Where each token of a text begins, ascending.

    Raises:
        ConfigurationError: If the encoder tells offsets that are not in the text.
    """
    starts = [start for start, _ in encoder.token_offsets(text)]
    if not starts:
        return []
    first, last = min(starts), max(starts)
    if first < 0 or last > len(text):
        raise ConfigurationError(
            f"{type(encoder).__name__}.token_offsets tells of tokens from {first} to {last} in a "
            f"text of {len(text)} characters; it must count characters, not bytes"
        )
    if last == len(text):
        # A token of nothing at the very end begins no passage.
        starts = [start for start in starts if start < len(text)]
    # Some normalizers tell their tokens out of order by a character.
    return list(accumulate(starts, max))
