"""What the fakes promise beyond their contracts."""

from __future__ import annotations

import math

import pytest

from racto.core import (
    ChatConfig,
    ConfigurationError,
    FinishReason,
    JobError,
    LLMResponse,
    RateLimitError,
    ReasoningPart,
    StreamTruncatedError,
    TextPart,
    ToolCallResult,
)
from racto.core.testing import (
    DictCache,
    DictMemory,
    HashEmbedder,
    InlineQueue,
    NearCache,
    ScriptedKit,
    WindowChunker,
    WindowLimiter,
)
from racto.core.testing.contracts.requests import reply_of, request_of

ASK = ChatConfig(user_message="Hello there")


class Clock:
    """A clock that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_script_is_read_line_by_line() -> None:
    kit = ScriptedKit(["one", RateLimitError("slow down"), LLMResponse(content="three")])
    assert kit.chat(ASK).content == "one"
    with pytest.raises(RateLimitError):
        kit.chat(ASK)
    assert kit.chat(ASK).content == "three"
    with pytest.raises(ConfigurationError, match="over after 3 replies"):
        kit.chat(ASK)
    assert kit.requests == [ASK] * 4


def test_script_can_be_a_function() -> None:
    kit = ScriptedKit(lambda config: config.user_message.upper())
    assert kit.chat(ASK).content == "HELLO THERE"


@pytest.mark.parametrize("streamed", [False, True])
def test_scripted_tool_call_arrives_whole(streamed: bool) -> None:
    call = ToolCallResult(id="t1", name="weather", arguments={"city": "Köln", "days": [1, 2]})
    thought = ReasoningPart(text="hm", signature="c2ln", provider="scripted")
    script = LLMResponse(
        thinking="hm",
        tool_calls=[call],
        parts=(thought,),
        finish_reason=FinishReason.TOOL_CALL,
    )
    kit = ScriptedKit([script])
    reply = list(kit.stream(ASK))[-1].response if streamed else kit.chat(ASK)
    assert reply is not None
    assert reply.tool_calls == [call]
    assert reply.finish_reason is FinishReason.TOOL_CALL
    assert reply.thinking == "hm"
    assert reply.parts[0] == thought
    assert reply.usage.output_tokens == 1


def test_scripted_malformed_call_stays_malformed() -> None:
    call = ToolCallResult(id="t1", name="weather", raw_arguments='{"city": ')
    reply = ScriptedKit([LLMResponse(tool_calls=[call])]).chat(ASK)
    assert reply.tool_calls == [call]


def test_scripted_stream_can_be_cut() -> None:
    partial = LLMResponse(content="half a", parts=(TextPart(text="half a"),))
    kit = ScriptedKit([StreamTruncatedError("cut", partial=partial)], repeat=True)
    text = ""
    with pytest.raises(StreamTruncatedError):  # noqa: PT012  (the text before it matters)
        for chunk in kit.stream(ASK):
            text += chunk.delta.text
            assert not chunk.is_final
    assert text == "half a"
    with pytest.raises(StreamTruncatedError):
        kit.chat(ASK)


def test_hash_embedder_knows_words() -> None:
    embedder = HashEmbedder(128)
    asked, near, far = embedder.embed(["red apples", "apples that are red", "a slow train"])
    assert math.hypot(*asked) == pytest.approx(1.0)
    assert sum(map(float.__mul__, asked, near)) > sum(map(float.__mul__, asked, far)) + 0.3
    assert embedder.embed(["Red  APPLES!"])[0] == pytest.approx(asked)
    assert HashEmbedder(128).fingerprint == embedder.fingerprint != HashEmbedder(64).fingerprint


def test_hash_embedder_is_the_same_everywhere() -> None:
    """Stored indexes depend on it: the vectors must not change between versions or machines."""
    vector = HashEmbedder(8).embed_query("the sea")
    third = 0.3536
    assert [round(v, 4) for v in vector] == [0.0, 0.0, third, -third, 0.0, third, -third, 0.7071]


def test_limiter_window_slides() -> None:
    clock = Clock()
    limiter = WindowLimiter(10, 60.0, clock=clock)
    assert limiter.check_and_consume("ann", 6)
    clock.now += 30
    assert limiter.check_and_consume("ann", 4)
    assert limiter.retry_after("ann", 6) == pytest.approx(30.0)
    assert limiter.retry_after("ann", 7) == pytest.approx(60.0)
    clock.now += 29.9
    assert not limiter.check_and_consume("ann")
    clock.now += 0.2
    assert limiter.get_remaining("ann") == 6


def test_cache_entries_end_with_the_clock() -> None:
    clock = Clock()
    cache = DictCache(ttl_seconds=10, clock=clock)
    cache.remember(request_of(), reply_of())
    clock.now += 9.9
    assert cache.lookup(request_of()) is not None
    clock.now += 0.2
    assert cache.lookup(request_of()) is None
    assert cache.stats.size == 0


def test_near_cache_finds_other_words_for_it() -> None:
    cache = NearCache(threshold=0.6)
    cache.remember(request_of(user_message="What is the capital of France?"), reply_of())
    hit = cache.nearest(request_of(user_message="the capital of France, what is it?"))
    assert hit is not None
    assert 0.6 <= hit.similarity < 1.0


def test_unknown_job_is_refused_at_once() -> None:
    with pytest.raises(JobError, match="known are: echo"):
        InlineQueue({"echo": dict}).submit("other", {})


@pytest.mark.parametrize("make", [HashEmbedder, WindowChunker, DictMemory])
def test_sizes_are_positive(make: type) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        make(0)
