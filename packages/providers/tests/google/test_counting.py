"""Counting tokens: the same request, counted instead of answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from racto.core import ChatConfig, InvalidResponseError, ToolRegistry
from racto.core.protocols import TokenCounter
from racto.core.testing.contracts.voices import Voice
from racto.providers.google import GoogleDeveloperKit
from racto.testing import GeminiServer, Incoming, LoopbackServer, Outgoing, Script

Make = Callable[..., GoogleDeveloperKit]
ASK = ChatConfig(user_message="How wide is the sea?")


def lookup(city: str) -> str:
    """Find a city."""
    return city


def test_everything_that_would_be_read_is_counted(
    server: GeminiServer, kit: GoogleDeveloperKit, voice: Voice
) -> None:
    named = {"system": "Be very brief.", "tools": ToolRegistry([lookup])}
    fuller = ASK.model_copy(update=named)
    counts = [voice(kit, "count_input_tokens", config) for config in (ASK, fuller)]
    assert 0 < counts[0] < counts[1]
    assert server.last.path == "/v1beta/models/gemini-3.8-flash:countTokens"
    asked = server.last.json["generateContentRequest"]
    assert asked["model"] == "models/gemini-3.8-flash"
    assert asked.keys() > {"contents", "systemInstruction", "tools"}


def test_it_works_whichever_protocol_the_kit_speaks(make_kit: Make, voice: Voice) -> None:
    plain, newer = make_kit(), make_kit(api="interactions")
    assert voice(plain, "count_input_tokens", ASK) == voice(newer, "count_input_tokens", ASK)


class _Scripted:
    """Answers whatever is asked with the next of a row of answers."""

    name, root = "gemini", ""

    def __init__(self, *answers: Outgoing) -> None:
        self._answers = list(answers)

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        return self._answers.pop(0)


def test_a_passing_error_is_tried_again_and_nonsense_named(make_kit: Make, voice: Voice) -> None:
    busy = Outgoing(status=503, body=b'{"error": {"code": 503, "status": "UNAVAILABLE"}}')
    count, nonsense = Outgoing(body=b'{"totalTokens": 7}'), Outgoing(body=b'{"tokens": 7}')
    with LoopbackServer(_Scripted(busy, count, nonsense)) as server:
        kit = make_kit(base_url=server.url)
        assert voice(kit, "count_input_tokens", ASK) == 7
        with pytest.raises(InvalidResponseError, match="no count of tokens"):
            voice(kit, "count_input_tokens", ASK)
        voice.close()
        kit.close()


def test_it_does_not_pass_for_counting_without_a_call(kit: GoogleDeveloperKit) -> None:
    assert not isinstance(kit, TokenCounter)
