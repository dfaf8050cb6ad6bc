"""The next kit answers where one cannot: before the first word, within one deadline and budget."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    APIConnectionError,
    BadRequestError,
    ChatConfig,
    ConfigurationError,
    ContextLengthError,
    DeadlineExceededError,
    InvalidResponseError,
    LLMResponse,
    OverloadedError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ResponseModelValidationError,
    RetryPolicy,
    ServerError,
    StreamTruncatedError,
    ToolRegistry,
    UnsupportedFeatureError,
)
from racto.core.testing import ScriptedKit, Voice
from racto.providers import AllKitsFailedError, BreakerPolicy, FallbackKit, KitState
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import AnthropicServer, Conduct, Failure, OpenAIServer, Reply, ToolCall

Make = Callable[..., OpenAIDeveloperKit]

HI = ChatConfig(user_message="hi")


def says(*lines: Any, provider: str = "second", model: str = "two") -> ScriptedKit:
    return ScriptedKit(lines, repeat=True, provider=provider, model=model)


def fails(error: Exception, provider: str = "first", model: str = "one") -> ScriptedKit:
    return ScriptedKit(lambda _config: error, provider=provider, model=model)


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "error",
    [
        RateLimitError("slow down"),
        QuotaExhaustedError("no credit"),
        OverloadedError("busy"),
        ServerError("broken"),
        APIConnectionError("no route"),
        RactoGatewayTimeoutError("late"),
        DeadlineExceededError("too late"),
        InvalidResponseError("<html>"),
        StreamTruncatedError("cut"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_provider_that_cannot_answer_is_followed_by_the_next(
    error: RactoGatewayError, voice: Voice
) -> None:
    kit = FallbackKit([fails(error), says("hello there")])
    reply = voice(kit, "chat", HI)
    assert (reply.content, reply.provider, reply.model) == ("hello there", "second", "two")
    assert reply.attempts == 2
    *_, last = voice.iterate(kit, "stream", HI)
    assert last.response.provider == "second"
    assert last.response.attempts == 2


@pytest.mark.parametrize(
    "error",
    [
        RactoGatewayAuthError("bad key"),
        BadRequestError("no such field"),
        UnsupportedFeatureError("no seeds here", feature="seed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_asks_for_a_person_is_not_hidden_by_another_provider(
    error: RactoGatewayError, voice: Voice
) -> None:
    second = says("hello")
    kit = FallbackKit([fails(error), second])
    with pytest.raises(type(error)) as caught:
        voice(kit, "chat", HI)
    assert caught.value is error
    with pytest.raises(type(error)):
        list(voice.iterate(kit, "stream", HI))
    assert second.requests == []


def test_the_errors_to_fall_back_on_can_be_chosen(voice: Voice) -> None:
    refused = fails(RactoGatewayAuthError("bad key"))
    kit = FallbackKit([refused, says("hello")], on=(RactoGatewayAuthError,))
    assert voice(kit, "chat", HI).provider == "second"
    with pytest.raises(OverloadedError):
        voice(
            FallbackKit([fails(OverloadedError("busy")), says("hello")], on=(ServerError,)),
            "chat",
            HI,
        )


def test_when_all_fail_the_error_tells_of_each(voice: Voice) -> None:
    limited = RateLimitError("slow down", retry_after=7.0, provider="first")
    kit = FallbackKit([fails(limited), fails(QuotaExhaustedError("no credit"), "second", "two")])
    with pytest.raises(AllKitsFailedError) as caught:
        voice(kit, "chat", HI)
    error = caught.value
    assert [type(each) for each in error.errors] == [RateLimitError, QuotaExhaustedError]
    assert "first/one: RateLimitError: slow down" in str(error)
    assert "second/two: QuotaExhaustedError: no credit" in str(error)
    assert error.retryable
    assert error.retry_after == 7.0
    assert isinstance(error.__cause__, ExceptionGroup)
    assert error.__cause__.exceptions == error.errors
    assert pickle.loads(pickle.dumps(error)).errors[0].message == "slow down"


def test_when_none_may_mend_it_is_not_to_be_tried_again(voice: Voice) -> None:
    kit = FallbackKit([fails(QuotaExhaustedError("a")), fails(InvalidResponseError("b"))])
    with pytest.raises(AllKitsFailedError) as caught:
        list(voice.iterate(kit, "stream", HI))
    assert not caught.value.retryable
    assert caught.value.retry_after is None


def cut(text: str) -> StreamTruncatedError:
    return StreamTruncatedError("cut", partial=LLMResponse(content=text))


@pytest.mark.parametrize(
    "error",
    [
        BadRequestError("too odd"),
        RactoGatewayAuthError("bad key"),
        ConfigurationError("no such setting"),
        RuntimeError("a kit of one's own with a fault"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("method", ["chat", "stream"])
def test_an_error_that_ends_it_remembers_who_was_asked_before(
    error: Exception, method: str, voice: Voice
) -> None:
    kit = FallbackKit([fails(OverloadedError("busy")), fails(error, "second")])
    ask = voice if method == "chat" else lambda *call: list(voice.iterate(*call))
    with pytest.raises(type(error)) as caught:
        ask(kit, method, HI)
    assert caught.value is error
    assert error.__notes__.pop() == "asked before:\nfirst/one: OverloadedError: busy"


def test_a_stream_that_breaks_later_remembers_who_was_asked_before(voice: Voice) -> None:
    kit = FallbackKit([fails(OverloadedError("busy")), fails(cut("The sea"), "second")])
    with pytest.raises(StreamTruncatedError) as caught:
        list(voice.iterate(kit, "stream", HI))
    assert "first/one: OverloadedError: busy" in "".join(caught.value.__notes__)


def unfit() -> list[RactoGatewayError]:
    return [UnsupportedFeatureError("no audio", feature="audio"), ContextLengthError("too long")]


@pytest.mark.parametrize("error", unfit(), ids=lambda error: type(error).__name__)
def test_a_stand_in_that_cannot_take_the_request_hands_it_on(
    error: RactoGatewayError, voice: Voice
) -> None:
    down, small = fails(OverloadedError("busy")), fails(error, "second", "two")
    kit = FallbackKit([down, small, says("hello", provider="third")])
    assert voice(kit, "chat", HI).provider == "third"
    *_, last = voice.iterate(kit, "stream", HI)
    assert last.response.provider == "third"
    assert [state.failures for state in kit.states] == [2, 0, 0]


@pytest.mark.parametrize("error", unfit(), ids=lambda error: type(error).__name__)
def test_a_stand_in_that_cannot_take_it_does_not_hide_the_outage(
    error: RactoGatewayError, voice: Voice
) -> None:
    kit = FallbackKit([fails(OverloadedError("busy", retry_after=3.0)), fails(error, "second")])
    with pytest.raises(AllKitsFailedError, match="first/one: OverloadedError: busy") as caught:
        voice(kit, "chat", HI)
    assert caught.value.errors[1] is error
    assert (caught.value.retryable, caught.value.retry_after) == (True, 3.0)
    # Its circuit is open now: the kit is still the one that the request was made for.
    with pytest.raises(AllKitsFailedError, match="first/one: not asked") as caught:
        voice(kit, "chat", HI)
    assert caught.value.errors == (error,)
    assert caught.value.retryable
    assert caught.value.retry_after == pytest.approx(3.0, abs=1.0)


def test_what_a_kit_refuses_by_itself_is_no_call(voice: Voice) -> None:
    refuses = fails(UnsupportedFeatureError("no audio", feature="audio"), "second")
    kit = FallbackKit([fails(OverloadedError("busy")), refuses, says("hello", provider="third")])
    assert voice(kit, "chat", HI).attempts == 2


@pytest.mark.parametrize("pieces", ["The sea", "T"])
def test_streams_that_break_off_after_their_first_chunk_open_the_circuit(
    pieces: str, voice: Voice
) -> None:
    first = fails(cut(pieces))
    kit = FallbackKit([first, says("hello")], breaker=BreakerPolicy(failures=3))
    for _ in range(3):
        with pytest.raises(StreamTruncatedError):
            list(voice.iterate(kit, "stream", HI))
    assert (kit.states[0].state, kit.states[0].failures) == ("open", 3)
    *_, last = voice.iterate(kit, "stream", HI)
    assert last.response.provider == "second"
    assert len(first.requests) == 3


def test_a_stream_that_is_left_says_nothing_about_the_kit(voice: Voice) -> None:
    clock = Clock()
    answers: list[Any] = [OverloadedError("busy")]
    first = ScriptedKit(lambda _config: answers[0], provider="first", model="one")
    policy = BreakerPolicy(failures=1, cooldown=30.0)
    kit = FallbackKit([first, says("hello")], breaker=policy, clock=clock)
    voice(kit, "chat", HI)
    clock.now += 30
    answers[0] = "back again for good"
    chunks = voice.iterate(kit, "stream", HI)
    next(chunks)
    # On trial, and nobody knows yet how it ends.
    assert kit.states[0].state == "half-open"
    chunks.close()  # type: ignore[attr-defined]
    assert (kit.states[0].state, kit.states[0].failures) == ("half-open", 1)
    for chunk in voice.iterate(kit, "stream", HI):
        assert (kit.states[0].wait, kit.states[0].failures) == (0.0, 0 if chunk.is_final else 1)
    assert kit.states[0] == KitState(name="first/one")


def test_a_caller_who_leaves_with_the_final_chunk_has_seen_a_success(voice: Voice) -> None:
    answers: list[Any] = [OverloadedError("busy")]
    first = ScriptedKit(lambda _config: answers[0], provider="first", model="one")
    kit = FallbackKit([first, says("hello")])
    voice(kit, "chat", HI)
    answers[0] = "back"
    chunks = voice.iterate(kit, "stream", HI)
    while not next(chunks).is_final:
        assert kit.states[0].failures == 1
    chunks.close()  # type: ignore[attr-defined]
    assert kit.states[0].failures == 0


def test_a_stream_of_a_real_provider_that_breaks_off_is_a_failure(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    server.add(Reply(text=["a ", "b ", "c "], conduct=Conduct(cut_after=3)))
    kit = FallbackKit([make_kit(), says("hello")])
    with pytest.raises(StreamTruncatedError):
        list(voice.iterate(kit, "stream", HI))
    assert kit.states[0].failures == 1


def test_after_the_first_chunk_nobody_else_is_asked(voice: Voice) -> None:
    second = says("hello")
    kit = FallbackKit([fails(cut("The sea is")), second])
    seen: list[str] = []
    with pytest.raises(StreamTruncatedError) as caught:
        seen.extend(chunk.delta.text for chunk in voice.iterate(kit, "stream", HI))
    assert "".join(seen) == "The sea is"
    assert caught.value.partial.content == "The sea is"
    assert second.requests == []
    assert kit.states[0].failures == 1


def test_models_and_fields_of_one_provider_are_not_told_to_another(voice: Voice) -> None:
    busy = OverloadedError("busy")
    first, twin = fails(busy), fails(busy, "first", "old")
    other, named = fails(busy, "second", "two"), says("hello", provider="third", model="three")
    kit = FallbackKit([first, twin, other, (named, "chosen")])
    config = ChatConfig(user_message="hi", model="newest", extra={"service_tier": "flex"})
    reply = voice(kit, "chat", config)
    asked = [each.requests[0] for each in (first, twin, other, named)]
    assert [each.model for each in asked] == ["newest", "newest", None, "chosen"]
    assert [bool(each.extra) for each in asked] == [True, True, False, False]
    assert (reply.provider, reply.model, reply.dropped) == ("third", "chosen", ("extra",))


def test_an_entry_s_model_holds_unless_the_request_names_one() -> None:
    first, twin = says("a", provider="first"), says("b", provider="first")
    kit = FallbackKit([(first, "large"), (twin, "small")])
    assert (kit.provider, kit.model) == ("first", "large")
    assert kit.chat(HI).model == "large"
    assert kit.chat(ChatConfig(user_message="hi", model="huge")).model == "huge"
    backup = FallbackKit([fails(OverloadedError("busy")), (twin, "small")])
    assert backup.chat(ChatConfig(user_message="hi", model="huge")).model == "small"


def test_a_kit_that_keeps_failing_is_left_alone_and_tried_again_later(voice: Voice) -> None:
    clock = Clock()
    answers: list[Any] = [OverloadedError("busy")] * 2
    first = ScriptedKit(lambda _config: answers[0], provider="first", model="one")
    policy = BreakerPolicy(failures=2, cooldown=30.0)
    kit = FallbackKit([first, says("hello")], breaker=policy, clock=clock)
    for _ in range(4):
        assert voice(kit, "chat", HI).provider == "second"
    assert len(first.requests) == 2
    assert [(s.name, s.state, s.wait) for s in kit.states] == [
        ("first/one", "open", 30.0),
        ("second/two", "closed", 0.0),
    ]
    clock.now += 30
    assert kit.states[0].state == "half-open"
    answers[0] = "back again"
    assert voice(kit, "chat", HI).provider == "first"
    assert kit.states[0].state == "closed"


def test_without_a_breaker_each_is_asked_every_time() -> None:
    first = fails(OverloadedError("busy"))
    kit = FallbackKit([first, says("hello")], breaker=None)
    for _ in range(8):
        kit.chat(HI)
    assert len(first.requests) == 8
    assert kit.states[0].state == "closed"


def test_when_all_are_left_alone_the_error_says_until_when(voice: Voice) -> None:
    clock = Clock()
    policy = BreakerPolicy(failures=1, cooldown=30.0)
    kit = FallbackKit([fails(OverloadedError("busy"))], breaker=policy, clock=clock)
    with pytest.raises(AllKitsFailedError):
        voice(kit, "chat", HI)
    clock.now += 10
    with pytest.raises(AllKitsFailedError, match="left alone for 20 s") as caught:
        voice(kit, "chat", HI)
    assert caught.value.errors == ()
    assert caught.value.retryable
    assert caught.value.retry_after == 20.0


def test_a_refusal_shows_that_the_way_is_open() -> None:
    clock = Clock()
    answers: list[Any] = [OverloadedError("busy")]
    first = ScriptedKit(lambda _config: answers[0], provider="first", model="one")
    policy = BreakerPolicy(failures=1, cooldown=30.0)
    kit = FallbackKit([first, says("hello")], breaker=policy, clock=clock)
    kit.chat(HI)
    clock.now += 30
    answers[0] = BadRequestError("no such field")
    with pytest.raises(BadRequestError):
        kit.chat(HI)
    assert kit.states[0].state == "closed"


async def test_a_trial_that_is_cancelled_leaves_its_place(make_kit: Make) -> None:
    clock = Clock()
    hang = [False]

    class Slow(ScriptedKit):
        async def achat(self, config: ChatConfig) -> LLMResponse:
            if hang[0]:
                await asyncio.sleep(60)
            return await super().achat(config)

    first = Slow(lambda _config: OverloadedError("busy"), provider="first", model="one")
    policy = BreakerPolicy(failures=1, cooldown=30.0)
    kit = FallbackKit([first, says("hello")], breaker=policy, clock=clock)
    await kit.achat(HI)
    clock.now += 30
    hang[0] = True
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(kit.achat(HI), 0.05)
    assert kit.states[0].state == "half-open"
    hang[0] = False
    assert (await kit.achat(HI)).provider == "second"
    assert len(first.requests) == 2


def test_retries_of_all_kits_come_out_of_one_budget(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    server.when(lambda _request: Failure(kind="server_error"))
    kits = [make_kit(retry=RetryPolicy(attempts=3, base=0.001)) for _ in range(3)]
    with pytest.raises(AllKitsFailedError) as caught:
        voice(FallbackKit(kits), "chat", HI)
    # Three kits of three attempts would be nine calls; it is one each, and two retries.
    assert len(server.requests) == 5
    assert len(caught.value.errors) == 3


def test_the_reply_counts_the_calls_of_all_kits(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    failing = Failure(kind="server_error")
    server.add(failing, failing, failing, Reply(text="at last"))
    kits = [make_kit(retry=RetryPolicy(attempts=3, base=0.001)) for _ in range(2)]
    assert voice(FallbackKit(kits), "chat", HI).attempts == 4


def test_a_kit_does_not_wait_long_while_another_stands_ready(
    server: OpenAIServer, make_kit: Make
) -> None:
    server.add(Failure(kind="rate_limited", retry_after=60.0))
    started = time.monotonic()
    kit = FallbackKit([make_kit(), says("hello")])
    assert kit.chat(HI).provider == "second"
    assert time.monotonic() - started < 10
    assert kit.states[0].state == "open"
    assert 50 < kit.states[0].wait <= 60


class City(BaseModel):
    name: str


def test_repairs_of_all_kits_come_out_of_one_budget(server: OpenAIServer, make_kit: Make) -> None:
    server.when(lambda _request: Reply(text="{}"))
    kits = [make_kit(), make_kit()]
    fallback = FallbackKit(kits, on=(ResponseModelValidationError,))
    with pytest.raises(AllKitsFailedError):
        fallback.chat(ChatConfig(user_message="Which city?", response_model=City))
    # Three calls of the first kit, and a single one of the second.
    assert len(server.requests) == 4


def test_a_kit_that_hangs_leaves_time_for_the_next(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    server.add(Reply(text="late", conduct=Conduct(delay=5.0)))
    kit = FallbackKit([make_kit(), says("in time")], timeout=0.6)
    assert voice(kit, "chat", HI).content == "in time"
    server.add(Reply(text="late", conduct=Conduct(delay=5.0)))
    *_, last = voice.iterate(kit, "stream", HI)
    assert last.response.content == "in time"


def test_the_request_s_own_timeout_ends_all_kits_together(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    server.when(lambda _request: Reply(text="late", conduct=Conduct(delay=5.0)))
    kit = FallbackKit([make_kit(), make_kit(), make_kit()])
    started = time.monotonic()
    with pytest.raises(AllKitsFailedError):
        voice(kit, "chat", ChatConfig(user_message="hi", timeout=0.6))
    assert time.monotonic() - started < 4


def test_a_foreign_kit_is_told_its_share_of_the_time() -> None:
    first, second = fails(OverloadedError("busy")), says("hello")
    FallbackKit([first, second], timeout=10.0).chat(HI)
    told = [each.requests[0].timeout for each in (first, second)]
    assert told == [pytest.approx(5.0, abs=0.5), pytest.approx(10.0, abs=0.5)]
    third = says("hello")
    FallbackKit([third]).chat(HI)
    assert third.requests[0].timeout is None


def test_a_kit_that_is_left_alone_takes_no_share_of_the_time() -> None:
    clock = Clock()
    down = fails(OverloadedError("busy", retry_after=60.0), "down")
    first, last = fails(ServerError("broken")), says("hello")
    policy = BreakerPolicy(failures=9, cooldown=30.0)
    kit = FallbackKit([first, down, last], timeout=12.0, breaker=policy, clock=clock)
    for _ in range(2):
        kit.chat(HI)
    told = [each.requests[-1].timeout for each in (first, last)]
    assert told == [pytest.approx(6.0, abs=0.5), pytest.approx(12.0, abs=0.5)]
    assert len(down.requests) == 1
    # When it may be tried again it has its share again.
    clock.now += 60
    kit.chat(HI)
    assert first.requests[-1].timeout == pytest.approx(4.0, abs=0.5)


def test_many_threads_share_it_and_none_sees_another_s_request() -> None:
    def answer(config: ChatConfig) -> Any:
        odd = int(config.user_message) % 2
        return ServerError(f"{config.user_message} is odd") if odd else config.user_message

    first = ScriptedKit(answer, provider="first", model="one")
    second = ScriptedKit(lambda config: config.user_message, provider="second", model="two")
    kit = FallbackKit([first, second], breaker=BreakerPolicy(failures=3, cooldown=0.001))
    gate = threading.Barrier(32)

    def ask(thread: int) -> None:
        gate.wait()
        for number in range(32 * 20)[thread::32]:
            config = ChatConfig(user_message=str(number))
            if thread % 4 < 2:
                reply = kit.chat(config)
            else:
                *_, last = kit.stream(config)
                assert last.response is not None
                reply = last.response
            assert reply.content == str(number)
            assert reply.attempts == 1 + (reply.provider == "second" and asked(number))
            for state in kit.states:
                assert (state.state == "open") is (state.wait > 0)

    def asked(number: int) -> bool:
        return any(request.user_message == str(number) for request in first.requests)

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(ask, range(32)))
    assert kit.states[1] == KitState(name="second/two")


def test_tools_that_have_run_do_not_run_again_elsewhere(
    server: OpenAIServer, make_kit: Make, voice: Voice
) -> None:
    ran: list[str] = []

    def send(to: str) -> str:
        """Send a letter."""
        ran.append(to)
        return "sent"

    server.add(Reply(tool_calls=[ToolCall(name="send", arguments={"to": "Ann"})]))
    server.default = Failure(kind="server_error")
    second = says("hello")
    config = ChatConfig(user_message="Write", tools=ToolRegistry([send]), auto_execute_tools=True)
    with pytest.raises(ServerError) as caught:
        voice(FallbackKit([make_kit(), second]), "chat", config)
    assert ran == ["Ann"]
    assert second.requests == []
    assert "tools have run" in "".join(caught.value.__notes__)


def test_two_real_providers_stand_in_for_each_other(
    server: OpenAIServer, anthropic_server: AnthropicServer, make_kit: Make, voice: Voice
) -> None:
    server.default = Failure(kind="overloaded")
    anthropic_server.default = Reply(text="Good day.")
    claude = AnthropicDeveloperKit("m", api_key=anthropic_server.key, base_url=anthropic_server.url)
    kit = FallbackKit([make_kit(), claude])
    reply = voice(kit, "chat", ChatConfig(user_message="hi", model="the-model"))
    assert (reply.content, reply.provider, reply.model) == ("Good day.", "anthropic", "m")
    *_, last = voice.iterate(kit, "stream", HI)
    assert last.response.content == "Good day."
    assert anthropic_server.last.json["model"] == "m"
    voice(kit, "close")
    assert anthropic_server.wait_until(lambda: anthropic_server.open_connections == 0)


def test_leaving_a_stream_hangs_up(server: OpenAIServer, make_kit: Make, voice: Voice) -> None:
    server.say(["a ", "b ", "c "] * 200)
    chunks = voice.iterate(FallbackKit([make_kit(), says("hello")]), "stream", HI)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert server.wait_until(lambda: server.open_connections == 0)


def test_a_stream_without_a_chunk_is_no_answer(voice: Voice) -> None:
    class Silent(ScriptedKit):
        def stream(self, config: ChatConfig) -> Any:
            yield from ()

        async def astream(self, config: ChatConfig) -> Any:
            for chunk in ():
                yield chunk

    *_, last = voice.iterate(FallbackKit([Silent(), says("hello")]), "stream", HI)
    assert last.response.provider == "second"


def test_closing_closes_all_even_when_one_fails_to(voice: Voice) -> None:
    class Stuck(ScriptedKit):
        def close(self) -> None:
            # Once: whoever cleans up behind the test closes it again.
            if not self.is_closed:
                self.is_closed = True
                raise OSError("stuck")

    first, last = says("a"), says("b")
    with pytest.raises(OSError, match="stuck"):
        voice(FallbackKit([first, Stuck(), last, (first, "m")]), "close")
    assert first.is_closed
    assert last.is_closed


async def test_it_closes_as_a_context_manager() -> None:
    first, second = says("a"), says("b")
    with FallbackKit([first]):
        assert not first.is_closed
    async with FallbackKit([second]):
        assert not second.is_closed
    assert first.is_closed
    assert second.is_closed


def test_fallbacks_may_stand_in_fallbacks(voice: Voice) -> None:
    inner = FallbackKit([fails(OverloadedError("busy")), fails(ServerError("broken"), "inner")])
    reply = voice(FallbackKit([inner, says("hello")]), "chat", HI)
    assert reply.provider == "second"


@pytest.mark.parametrize("wrong", [{"kits": []}, {"kits": [says("a")], "retries": -1}])
def test_a_fallback_that_means_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        FallbackKit(**wrong)
