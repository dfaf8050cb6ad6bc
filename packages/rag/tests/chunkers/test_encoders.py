"""Whatever knows tokens is taken, and what does not is refused with a reason."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from racto.core.errors import ConfigurationError, MissingExtraError, ReadError
from racto.rag.chunkers.encoders import HuggingFaceEncoder, TokenEncoder, encoder_of, token_starts


def tokenizer() -> Tokenizer:
    made = Tokenizer(models.WordLevel({"a": 0, "?": 1}, unk_token="?"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def test_offsets_count_characters():
    found = encoder_of(tokenizer())
    assert isinstance(found, TokenEncoder)
    assert [tuple(pair) for pair in found.token_offsets("\U0001f600 a e\u0301")] == [
        (0, 1),
        (2, 3),
        (4, 6),
    ]


def test_halves_of_pairs_are_no_reason_to_fail():
    assert token_starts(HuggingFaceEncoder(tokenizer()), "a \ud800 a") == [0, 2, 4]


def test_a_fast_tokenizer_of_transformers_is_taken_for_what_it_carries():
    class Fast:
        backend_tokenizer = tokenizer()

    assert isinstance(encoder_of(Fast()), HuggingFaceEncoder)


@pytest.mark.parametrize("given", [5, object(), b"tokenizer.json"])
def test_what_knows_no_tokens_is_refused(given: object):
    with pytest.raises(ConfigurationError, match="is no tokenizer: give"):
        encoder_of(given)


def test_offsets_outside_the_text_are_refused():
    class Bytes:
        def token_offsets(self, text: str) -> list[tuple[int, int]]:
            return [(len(text.encode()), 9)]

    with pytest.raises(ConfigurationError, match="not bytes"):
        token_starts(Bytes(), "\u00e9\u00e9")


def test_files_that_are_no_tokenizers(tmp_path: Path):
    path = tmp_path / "tokenizer.json"
    with pytest.raises(FileNotFoundError):
        encoder_of(path)
    path.write_text("{}")
    with pytest.raises(ReadError, match=r"is no tokenizer\.json"):
        encoder_of(path)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtraError, match=r"racto-rag\[tokens\]"):
        encoder_of(tmp_path / "tokenizer.json")
