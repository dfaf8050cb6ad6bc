"""How many tokens a text has: counted where a tokenizer is at hand, otherwise estimated.

The estimate looks at scripts and not at words. On prose in 20 languages, code, markup, tables,
logs and base64 it lies between 0.65 and 1.7 times the count of OpenAI's ``o200k_base``, the
vocabulary of its models since GPT-4o, and above it more often than below. Older and smaller
vocabularies cut other scripts than Latin into two to four times as many pieces. A tokenizer's
own count is always better; nothing is ever downloaded for one.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.core.protocols.chat import TokenCounter

from .catalog import Catalog

Counter: TypeAlias = Callable[[str], int] | TokenCounter
"""A function from a text to its number of tokens, or an object with ``count_tokens``."""

# Hundredths of a token for each character of a kind, by the first byte of its UTF-8.
_WEIGHTS = {
    b"a": 21,  # Latin letters, small
    b"A": 21,  # Latin letters, capital
    b"0": 80,  # digits
    b".": 55,  # other ASCII
    b"n": 100,  # newlines
    b"l": 130,  # Latin letters with marks
    b"m": 45,  # Greek, Cyrillic, Armenian, Hebrew, Arabic
    b"i": 45,  # the scripts of India and of South-East Asia
    b"s": 150,  # symbols and typographic marks
    b"h": 105,  # Chinese, Japanese, Korean
    b"e": 250,  # emoji and what is rarer still
}
_WORD = 25
# Words of mixed case are seldom in a vocabulary: base64, identifiers, keys.
_MIXED = 50

_LARGEST_PIECE = 100_000
# OpenAI's encodings in tiktoken's cache: the file's name there, and the SHA-256 of what it holds.
_CACHED = {
    "o200k_base": (
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": (
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}


def estimate_tokens(text: str, factor: float = 1.0) -> int:
    """Estimate the tokens of a text, without a tokenizer.

    Args:
        text: Any text.
        factor: By how much the model's tokenizer outnumbers ``o200k_base``.
    """
    # Lone halves of surrogate pairs have no UTF-8, and must not stop the counting.
    kinds = text.encode("utf-8", "replace").translate(_KINDS)
    weight = sum(kinds.count(kind) * share for kind, share in _WEIGHTS.items())
    weight += _WORD * len(text.split())
    weight += _MIXED * min(kinds.count(b"A"), kinds.count(b"a"))
    # Rounded up: a text that is not empty has a token.
    return -int(-weight * factor // 100)


class TokenizerFile:
    """Counts with a tokenizer of your own; keeps :class:`~racto.core.protocols.TokenCounter`.

    Args:
        path: A ``tokenizer.json`` in the format of Hugging Face's tokenizers.

    Raises:
        MissingExtraError: If the library is not installed.
        ConfigurationError: If the file is no tokenizer.
        FileNotFoundError: If there is no such file.
    """

    def __init__(self, path: str | Path) -> None:
        self._tokenizer = load_tokenizer(Path(path), install="racto-providers[tokens]")

    def count_tokens(self, text: str) -> int:
        """Number of tokens in ``text``, without those that wrap a message."""
        encode = self._tokenizer.encode
        return sum(len(encode(piece, add_special_tokens=False).ids) for piece in _pieces(text))


class TiktokenCounter:
    """Counts with one of OpenAI's encodings; keeps :class:`~racto.core.protocols.TokenCounter`.

    Args:
        encoding: A ``tiktoken.Encoding``.
    """

    def __init__(self, encoding: Any) -> None:
        self._encoding = encoding

    def count_tokens(self, text: str) -> int:
        """Number of tokens in ``text``; what looks like a control token is counted as text."""
        encode = self._encoding.encode_ordinary
        return sum(len(encode(piece)) for piece in _pieces(text))


def counter_for(
    model: str, *, provider: str = "", catalog: Catalog | None = None
) -> Callable[[str], int]:
    """The best way to count tokens for a model that needs no download.

    tiktoken's own encoding where tiktoken is installed and its cache holds the encoding
    already; the estimate otherwise.

    Args:
        model: Name of the model.
        provider: Who serves it; tiktoken knows OpenAI's names only.
        catalog: Tells how the provider's tokenizers differ; racto's own when None.
    """
    if provider in ("", "openai"):
        found = _cached_encoding(model)
        if found is not None:
            return TiktokenCounter(found).count_tokens
    factor = (catalog or Catalog.load()).token_factor(provider)
    return functools.partial(estimate_tokens, factor=factor)


def _cached_encoding(model: str) -> Any:
    folder = _cache_folder()
    # Asked first: importing tiktoken for nothing costs a tenth of a second.
    if not any((folder / name).is_file() for name, _ in _CACHED.values()):
        return None
    try:
        import tiktoken
    except ImportError:
        return None
    try:
        name = tiktoken.encoding_name_for_model(model)
    except KeyError:
        return None
    file, digest = _CACHED.get(name, ("", ""))
    # tiktoken downloads what is missing or damaged, so it is only asked when neither is the case.
    if not file or _sha256(folder / file) != digest:
        return None
    return tiktoken.get_encoding(name)


def load_tokenizer(path: Path, *, install: str) -> Any:
    """Read a tokenizer of Hugging Face's format.

    Args:
        path: The file.
        install: What to install when the library is missing.

    Raises:
        MissingExtraError: If the library is not installed.
        ConfigurationError: If the file is no tokenizer.
        FileNotFoundError: If there is no such file.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingExtraError("tokenizers", install=install, purpose="a tokenizer") from error
    if not path.is_file():
        raise FileNotFoundError(f"there is no tokenizer at {path}")
    try:
        found = Tokenizer.from_file(str(path))
    # The library raises a bare Exception for a file that it cannot read.
    except Exception as error:
        raise ConfigurationError(f"{path} is no tokenizer.json: {error}") from error
    # A file may say that texts are to be cut or filled up; both would falsify a count.
    found.no_truncation()
    found.no_padding()
    return found


def _pieces(text: str) -> list[str]:
    # Tokenizers take quadratic time, or overflow their stack, on a very long run of one kind.
    if len(text) <= _LARGEST_PIECE:
        return [text]
    return [text[at : at + _LARGEST_PIECE] for at in range(0, len(text), _LARGEST_PIECE)]


def _cache_folder() -> Path:
    named = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    return Path(named) if named else Path(tempfile.gettempdir(), "data-gym-cache")


@functools.cache
def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _kind(byte: int) -> str:
    if byte < 0x80:
        letter = chr(byte)
        if letter.isalpha():
            return "A" if letter.isupper() else "a"
        return "0" if letter.isdigit() else "n" if letter == "\n" else "_" if byte < 0x21 else "."
    for first, kind in (
        (0xEE, "e"),
        (0xE3, "h"),
        (0xE2, "s"),
        (0xE0, "i"),
        (0xCA, "m"),
        (0xC2, "l"),
    ):
        if byte >= first:
            return kind
    # A byte within a character.
    return "_"


_KINDS = "".join(map(_kind, range(256))).encode("ascii")
