"""Halves of surrogate pairs are mended in a body's escapes, and in nothing else."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, strategies as st

from racto.core import LLMResponse
from racto.providers.kits.readings import decoded
from racto.providers.kits.wires import WireReply, WireRequest

# Few letters, so that halves meet, and meet backslashes.
TEXTS = st.text(st.sampled_from('\ud83d\ude00\udc00u\\"d8a\n\U0001f600'), max_size=12)


class Echo:
    """A wire whose replies are one JSON text."""

    provider = "echo"

    def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
        return LLMResponse(content=json.loads(reply.body))

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")


@given(TEXTS, st.booleans())
def test_lone_halves_become_one_replacement_each(text: str, in_capitals: bool) -> None:
    body = json.dumps(text).encode()
    body = body.replace(b"\\ud", b"\\uD") if in_capitals and "\\" not in text else body
    response = decoded(Echo(), WireRequest(path="/", body={}), WireReply(body=body))
    assert response.content == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_text_that_looks_like_an_escape_is_left_alone() -> None:
    text = r"write \ud83d for half a pair"
    reply = WireReply(body=json.dumps([text, "\ud83d"]).encode())
    seen: list[Any] = []

    class Keep(Echo):
        def decode(self, request: WireRequest, reply: WireReply) -> LLMResponse:
            seen.extend(json.loads(reply.body))
            return LLMResponse()

    decoded(Keep(), WireRequest(path="/", body={}), reply)
    assert seen == [text, "\ufffd"]
