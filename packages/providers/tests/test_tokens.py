"""Tokens are counted where a tokenizer is at hand, estimated elsewhere, and never downloaded for."""

from __future__ import annotations

import hashlib
import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import tiktoken
from hypothesis import given, strategies as st

from racto.core import ConfigurationError, MissingExtraError
from racto.core.protocols import TokenCounter
from racto.providers import TokenizerFile, counter_for, estimate_tokens, tokens
from racto.providers.local import weights
from racto.providers.tokens import TiktokenCounter

# Texts with the counts that tiktoken's own vocabularies give them.
COUNTED: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("token_counts.json").read_text("utf-8")
)
LATIN = {"english", "german", "french", "spanish", "portuguese", "python", "sql", "json", "html"}


@pytest.mark.parametrize("name", COUNTED)
def test_the_estimate_keeps_its_bound(name: str) -> None:
    sample = COUNTED[name]
    ratio = estimate_tokens(sample["text"]) / sample["o200k_base"]
    assert 0.65 <= ratio <= 1.7
    if name in LATIN:
        assert estimate_tokens(sample["text"]) >= 0.8 * sample["cl100k_base"]


def test_on_the_whole_the_estimate_is_a_little_high() -> None:
    ratios = [estimate_tokens(each["text"]) / each["o200k_base"] for each in COUNTED.values()]
    assert 1.0 <= sum(ratios) / len(ratios) <= 1.25
    assert sum(ratio < 0.85 for ratio in ratios) <= len(ratios) / 8


def test_a_quarter_of_the_characters_would_be_four_times_too_low() -> None:
    sample = COUNTED["chinese"]
    assert len(sample["text"]) / 4 < 0.3 * sample["o200k_base"]
    assert estimate_tokens(sample["text"]) >= sample["o200k_base"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_more_text_never_has_fewer_tokens(one: str, two: str) -> None:
    assert estimate_tokens(one + two) >= estimate_tokens(one)
    assert (estimate_tokens(one) > 0) is bool(one.strip() or "\n" in one)


def test_a_factor_raises_the_estimate_of_other_tokenizers() -> None:
    text = "word " * 100
    assert estimate_tokens(text, 1.3) == pytest.approx(1.3 * estimate_tokens(text), abs=1)
    ours = counter_for("claude-opus-5", provider="anthropic")(text)
    assert ours == estimate_tokens(text, 1.3) > counter_for("m", provider="ollama")(text)


def test_a_tokenizer_file_counts_exactly() -> None:
    counter = TokenizerFile(weights._folder() / weights._TOKENIZER)
    assert isinstance(counter, TokenCounter)
    assert counter.count_tokens("") == 0
    assert counter.count_tokens("the cat sat") == 3
    # Without the tokens that wrap a message, and without cutting.
    assert counter.count_tokens("cat " * 5000) >= 5000


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"model": 3}', "utf-8")
    with pytest.raises(ConfigurationError, match=r"is no tokenizer\.json"):
        TokenizerFile(tmp_path / "tokenizer.json")
    with pytest.raises(FileNotFoundError, match="no tokenizer at"):
        TokenizerFile(tmp_path / "nothing.json")


def test_without_the_library_its_install_line_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtraError, match=r"racto-providers\[tokens\]"):
        TokenizerFile(tmp_path / "tokenizer.json")


@pytest.fixture
def encoding() -> tiktoken.Encoding:
    """A tiny encoding: bytes, and one word."""
    ranks = {bytes([byte]): byte for byte in range(256)} | {b"th": 256, b"the": 257}
    return tiktoken.Encoding(
        "tiny", pat_str=r"\w+|\s+|[^\w\s]+", mergeable_ranks=ranks, special_tokens={"<|end|>": 258}
    )


def test_tiktoken_counts_control_tokens_as_text(encoding: tiktoken.Encoding) -> None:
    counter = TiktokenCounter(encoding)
    assert counter.count_tokens("the") == 1
    assert counter.count_tokens("the the") == 3
    assert counter.count_tokens("<|end|>") == 7
    # Very long runs are counted piece by piece, because tokenizers choke on them.
    assert counter.count_tokens("x" * 250_000) == 250_000


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may open a connection."""

    def refuse(*_args: Any) -> None:
        raise AssertionError("something wanted to download")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("no_network")
def test_an_encoding_that_is_not_cached_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert counter_for("gpt-4o", provider="openai")("你好") == estimate_tokens("你好")


@pytest.mark.usefixtures("no_network")
def test_a_damaged_cache_is_neither_used_nor_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    file = tmp_path / tokens._CACHED["o200k_base"][0]
    file.write_bytes(b"damaged")
    assert counter_for("gpt-4o", provider="openai")("你好") == estimate_tokens("你好")
    assert file.read_bytes() == b"damaged"


@pytest.mark.usefixtures("no_network")
def test_a_cached_encoding_counts_for_openai_s_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: tiktoken.Encoding
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    (tmp_path / "the-file").write_bytes(b"whole")
    digest = hashlib.sha256(b"whole").hexdigest()
    monkeypatch.setattr(tokens, "_CACHED", {"o200k_base": ("the-file", digest)})
    # As tiktoken keeps what it has read; the real vocabulary is megabytes.
    monkeypatch.setitem(tiktoken.registry.ENCODINGS, "o200k_base", encoding)
    assert counter_for("gpt-4o", provider="openai")("the the") == 3
    assert counter_for("gpt-4o")("the the") == 3
    assert counter_for("gpt-4o", provider="openai-compatible")("the the") == 2
    assert counter_for("never-heard-of", provider="openai")("the the") == 2
