"""Tokens: an estimate for every script, and counting that never downloads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from racto.core import RactoFile, ToolCallResult
from racto.core.errors import ConfigurationError
from racto.finetune import RactoTrainingExample, RactoTrainingMessage, counter_of, estimate_tokens
from racto.finetune.tokens import example_tokens, message_tokens


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 9, 12),
        ("東京は日本の首都です。", 8, 14),
        ("Привет, как дела?", 5, 12),
        ("😀" * 4, 4, 12),
    ],
    ids=["none", "letter", "english", "japanese", "russian", "emoji"],
)
def test_estimates(text: str, least: int, most: int) -> None:
    assert least <= estimate_tokens(text) <= most


@given(st.text() | st.sampled_from(["\ud800", "a\udfff"]))
def test_every_text_has_an_estimate(text: str) -> None:
    assert (estimate_tokens(text) > 0) is bool(text)


def test_examples() -> None:
    pair = RactoTrainingExample.from_pair("four four", "x", system="s")
    assert example_tokens(pair, len) == 3 + 3 * 3 + len("four four") + 2
    seen = RactoTrainingMessage("user", "??", [RactoFile(b"x", "image/png")])
    assert message_tokens(seen, len, medium_tokens=50) == 52
    call = RactoTrainingMessage.assistant(
        "", tool_calls=[ToolCallResult(name="f", arguments={"a": 1})]
    )
    assert message_tokens(call, len) == len("f") + len('{"a":1}')
    assert message_tokens(RactoTrainingMessage.tool("c", "abc"), len) == 3
    tooled = pair.replace(tools=[{"name": "f"}])
    assert example_tokens(tooled, len) == example_tokens(pair, len) + len('[{"name": "f"}]')


def test_nothing_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tiktoken")
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
        with pytest.raises(ConfigurationError, match="not in tiktoken's cache"):
            counter_of()
        monkeypatch.delenv(variable)
    with pytest.raises(ConfigurationError, match="known are o200k_base, cl100k_base"):
        counter_of("gpt-4")
