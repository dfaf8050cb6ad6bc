"""What does not fit is cut: the oldest of the middle first, whole rounds only, never too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, ValidationError

from racto.core import (
    ChatConfig,
    ContextLengthError,
    Message,
    RactoFile,
    RactoPrompt,
    ToolRegistry,
)
from racto.core.content import ReasoningPart, ToolCallPart, ToolResultPart
from racto.core.messages import MessageRole
from racto.providers import Catalog, TokenTruncator, TruncationConfig
from racto.providers.footprints import IMAGE, REPLY, TURN, Footprints
from racto.providers.kits.systems import STEP_BY_STEP
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import OpenAIServer


def words(text: str) -> int:
    return len(text.split())


def truncator(tokens: int | None = None, **options: Any) -> TokenTruncator:
    options = {"token_counter": words, "safety_margin": 0} | options
    return TokenTruncator(TruncationConfig(max_context_tokens=tokens, **options))


def chat(count: int, size: int = 6) -> tuple[Message, ...]:
    """Turns of ten tokens each by default, user and assistant in turn, numbered."""
    makes = (Message.user, Message.assistant)
    return tuple(makes[n % 2](f"{n} " + "w " * (size - 1)) for n in range(count))


def numbers(config: ChatConfig) -> list[int]:
    return [int(message.text.split()[0]) for message in config.history]


def size_of(config: ChatConfig) -> int:
    sizes = Footprints(words)
    return REPLY + sum(sizes.turns(config.history)) + sizes.turn(Message.user(config.user_message))


ASK = "go on"
FIXED = REPLY + TURN + 2


def test_what_fits_comes_back_as_it_is() -> None:
    config = ChatConfig(user_message=ASK, history=chat(10))
    assert truncator(100 + FIXED).truncate(config, "m") is config
    assert truncator(100 + FIXED - 1).truncate(config, "m") is not config
    empty = ChatConfig(user_message=ASK)
    assert truncator(FIXED).truncate(empty, "m") is empty


def test_the_beginning_and_the_end_stay_and_the_newest_of_the_middle() -> None:
    config = ChatConfig(user_message=ASK, history=chat(20), temperature=0.5)
    cut = truncator(120 + FIXED).truncate(config, "m")
    assert numbers(cut) == [0, 1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
    assert cut.model_copy(update={"history": config.history}) == config
    cut = truncator(50 + FIXED, keep_first_n=1, keep_last_n=2).truncate(config, "m")
    assert numbers(cut) == [0, 16, 17, 18, 19]


def test_the_middle_has_no_hole() -> None:
    # The long turn in the middle does not fit, so what is older than it goes too.
    history = (*chat(8), Message.user("8 " + "w " * 200), *chat(30)[9:])
    config = ChatConfig(user_message=ASK, history=history)
    cut = truncator(200 + FIXED, keep_first_n=2, keep_last_n=2).truncate(config, "m")
    kept = numbers(cut)
    assert kept[:2] == [0, 1]
    assert kept[2:] == list(range(kept[2], 30))
    assert 8 not in kept


def test_an_answer_whose_question_is_gone_goes_too() -> None:
    config = ChatConfig(user_message=ASK, history=chat(20))
    # Room for nine more would begin with the answer to a question that is cut.
    cut = truncator(110 + FIXED).truncate(config, "m")
    assert numbers(cut) == [0, 1, *range(12, 20)]
    alone = truncator(90 + FIXED, keep_first_n=0, keep_last_n=2).truncate(config, "m")
    assert numbers(alone) == list(range(12, 20))


def test_turns_that_were_to_stay_go_when_they_do_not_fit_together() -> None:
    config = ChatConfig(user_message=ASK, history=chat(8))
    assert numbers(truncator(75 + FIXED).truncate(config, "m")) == [0, *range(2, 8)]
    assert numbers(truncator(60 + FIXED).truncate(config, "m")) == list(range(2, 8))
    assert numbers(truncator(35 + FIXED).truncate(config, "m")) == [5, 6, 7]


def round_of_tools(
    number: int, *, thinking: bool = False, role: MessageRole = MessageRole.TOOL
) -> tuple[Message, Message]:
    call = ToolCallPart(id=f"c{number}", name="f", arguments={})
    thoughts = (ReasoningPart(text="w w w", signature="s"),) if thinking else ()
    answer = ToolResultPart(tool_call_id=f"c{number}", content="w w")
    return (
        Message(role=MessageRole.ASSISTANT, content=(*thoughts, call)),
        Message(role=role, content=(answer,)),
    )


def calls_and_answers(config: ChatConfig) -> tuple[list[str], list[str]]:
    parts = [part for message in config.history for part in message.parts]
    calls = [part.id for part in parts if isinstance(part, ToolCallPart)]
    return calls, [part.tool_call_id for part in parts if isinstance(part, ToolResultPart)]


@given(
    st.lists(st.integers(0, 3), max_size=14),
    st.integers(60, 400),
    st.integers(0, 5),
    st.integers(0, 5),
    st.sampled_from([MessageRole.TOOL, MessageRole.USER]),
)
def test_whatever_is_cut_fits_and_keeps_rounds_of_tools_whole(
    shape: list[int], limit: int, first: int, last: int, role: MessageRole
) -> None:
    history: list[Message] = []
    for number, rounds in enumerate(shape):
        history.append(Message.user(f"{number} question of some words"))
        for each in range(rounds):
            history += round_of_tools(100 * number + each, thinking=each % 2 == 0, role=role)
        history.append(Message.assistant("an answer"))
    config = ChatConfig(user_message=ASK, history=tuple(history))
    cut = truncator(limit, keep_first_n=first, keep_last_n=last).truncate(config, "m")
    assert size_of(cut) <= limit
    calls, answers = calls_and_answers(cut)
    assert calls == answers
    # In order, and nothing that was not there.
    places = [next(i for i, each in enumerate(history) if each is m) for m in cut.history]
    assert places == sorted(set(places))
    if size_of(config) <= limit:
        assert cut is config
    # At most one gap.
    assert sum(b - a > 1 for a, b in zip([-1, *places], [*places, len(history)], strict=True)) <= 1


def test_kept_turns_grow_to_whole_rounds() -> None:
    history = (*chat(4), *round_of_tools(1), *chat(8)[4:], *round_of_tools(2))
    config = ChatConfig(user_message=ASK, history=history)
    # The last turn is an answer of a tool; its call stays with it.
    cut = truncator(60 + FIXED, keep_first_n=0, keep_last_n=1).truncate(config, "m")
    assert cut.history[-2:] == round_of_tools(2)
    # The fifth turn is a call; its answer stays with it.
    cut = truncator(95 + FIXED, keep_first_n=5, keep_last_n=0).truncate(config, "m")
    assert cut.history[4:6] == round_of_tools(1)


def test_rounds_of_tools_go_on_behind_the_gap() -> None:
    rounds = [turn for number in range(20) for turn in round_of_tools(number)]
    config = ChatConfig(user_message=ASK, history=(Message.user("do it"), *rounds))
    cut = truncator(150, keep_first_n=1, keep_last_n=2).truncate(config, "m")
    assert 4 < len(cut.history) < 20
    assert cut.history[-2:] == tuple(rounds[-2:])


def test_thinking_without_words_stays_with_the_turn_it_led_to() -> None:
    thought = Message(role=MessageRole.ASSISTANT, content=(ReasoningPart(text="w", id="r1"),))
    history = (*chat(10), thought, *round_of_tools(1))
    config = ChatConfig(user_message=ASK, history=history)
    cut = truncator(40 + FIXED, keep_first_n=0, keep_last_n=2).truncate(config, "m")
    assert cut.history[-3:] == (thought, *round_of_tools(1))


def too_long(run: Callable[[], Any]) -> ContextLengthError:
    with pytest.raises(ContextLengthError) as caught:
        run()
    assert caught.value.count is not None
    assert caught.value.limit is not None
    assert caught.value.count > caught.value.limit
    assert str(caught.value.limit) in str(caught.value)
    assert str(caught.value.count) in str(caught.value)
    return caught.value


def test_a_message_that_cannot_fit_is_an_error_with_limit_and_count() -> None:
    long = "w " * 500
    error = too_long(lambda: truncator(100).truncate(ChatConfig(user_message=long), "m"))
    assert (error.limit, error.count) == (100, REPLY + TURN + 500)
    system = ChatConfig(user_message=ASK, system=long, history=chat(4))
    assert "system text" in str(too_long(lambda: truncator(100).truncate(system, "m")))
    history = (*chat(3), Message.user(long), *chat(2))
    config = ChatConfig(user_message=ASK, history=history)
    assert "turn 4 of the history" in str(too_long(lambda: truncator(100).truncate(config, "m")))
    # In the middle, where nothing has to stay, it merely goes.
    cut = truncator(100, keep_first_n=1, keep_last_n=1).truncate(config, "m")
    assert all(words(message.text) < 500 for message in cut.history)


def test_a_history_that_is_to_be_answered_keeps_its_last_turn() -> None:
    long = Message.tool([ToolResultPart(tool_call_id="c1", content="w " * 500)])
    config = ChatConfig(history=(*chat(3), round_of_tools(1)[0], long))
    too_long(lambda: truncator(100, keep_last_n=0).truncate(config, "m"))


def weather(city: str) -> str:
    """Tell the weather of a city, with many words on what it means."""
    return city


class City(BaseModel):
    name: str
    people: int


@pytest.mark.parametrize(
    ("more", "least"),
    [
        ({"system": "w " * 30}, 30),
        ({"prompt": RactoPrompt(role="r", aim="a " * 30, constraints=["c"], tone="t",
                                output_format="text")}, 30),
        ({"chain_of_thought": True}, words(STEP_BY_STEP)),
        ({"tools": ToolRegistry([weather])}, 15),
        ({"response_model": City}, 10),
        ({"attachments": (RactoFile(b"x", "image/png"),)}, IMAGE),
        ({"attachments": (RactoFile(b"w " * 40, "text/plain"),)}, 40),
    ],
    ids=["system", "prompt", "chain of thought", "tools", "schema", "image", "text file"],
)  # fmt: skip
def test_everything_that_is_sent_counts(more: dict[str, Any], least: int) -> None:
    bare = ChatConfig(user_message=ASK, history=chat(10))
    limit = 100 + FIXED
    assert truncator(limit).truncate(bare, "m") is bare
    config = bare.model_copy(update=more)
    assert truncator(limit + least - 1).truncate(config, "m") is not config
    assert truncator(limit + least + 200).truncate(config, "m") is config


def test_the_system_text_that_is_handed_in_counts_instead_of_the_config_s() -> None:
    config = ChatConfig(user_message=ASK, history=chat(10), system="w")
    cut = truncator(120 + FIXED).truncate(config, "m", system="w " * 50)
    assert len(cut.history) < 10


def small(**fields: Any) -> Catalog:
    models = {"m": {"context": 1000, **fields}}
    return Catalog({"as_of": "2027-01-01", "providers": {"p": {"models": models}}})


def test_the_model_s_window_leaves_room_for_the_reply() -> None:
    cutter = truncator(catalog=small())
    config = ChatConfig(user_message=ASK, history=chat(40), max_tokens=100)
    assert size_of(cutter.truncate(config, "m-2026-01-31", provider="p")) <= 900
    assert len(cutter.truncate(config, "m", provider="p").history) == 40
    greedy = config.model_copy(update={"max_tokens": 700})
    assert size_of(cutter.truncate(greedy, "m", provider="p")) <= 300
    # No reply is longer than the model can make it.
    capped = truncator(catalog=small(output=100))
    assert len(capped.truncate(greedy, "m", provider="p").history) == 40
    error = too_long(
        lambda: cutter.truncate(config.model_copy(update={"max_tokens": 5000}), "m", provider="p")
    )
    assert "less 5000 for the reply" in str(error)


def test_a_dated_name_has_the_window_of_its_model() -> None:
    history = chat(200, size=100)
    config = ChatConfig(user_message=ASK, history=history)
    # 20,000 tokens: the reference finds 8,192 for a dated name and cuts.
    assert truncator().truncate(config, "gpt-4o-2024-08-06") is config
    assert truncator().truncate(config, "never-heard-of") is not config


def test_an_unknown_model_has_a_window_that_can_be_set() -> None:
    config = ChatConfig(user_message=ASK, history=chat(1000), max_tokens=100)
    assert size_of(truncator().truncate(config, "never-heard-of")) <= 8192 - 100
    assert truncator(unknown_context_tokens=100_000).truncate(config, "never-heard-of") is config
    # A guess must not refuse a reply that the real model may well have room for.
    greedy = config.model_copy(update={"max_tokens": 50_000})
    assert truncator().truncate(greedy, "never-heard-of").history


def test_the_safety_margin_is_left_free_and_never_all_of_a_small_limit() -> None:
    config = ChatConfig(user_message=ASK, history=chat(40))
    cut = truncator(400, safety_margin=100).truncate(config, "m")
    assert size_of(cut) <= 300
    assert size_of(truncator(100, safety_margin=512).truncate(config, "m")) <= 75


def test_without_a_counter_chinese_is_not_four_times_too_short() -> None:
    history = tuple(Message.user("风把仓库的屋顶掀掉了" * 20) for _ in range(20))
    config = ChatConfig(user_message="继续", history=history)
    # 4,000 characters; a quarter of them would seem to fit.
    cut = TokenTruncator(TruncationConfig(max_context_tokens=3000)).truncate(config, "m")
    assert len(cut.history) < 20


def test_counters_may_be_functions_or_objects() -> None:
    class Counter:
        def count_tokens(self, text: str) -> int:
            return 1000

    config = ChatConfig(user_message=ASK, history=chat(10))
    assert len(truncator(5000, token_counter=Counter()).truncate(config, "m").history) < 10
    assert truncator(5000, token_counter=len).truncate(config, "m") is config


@pytest.mark.parametrize(
    "wrong", [{"max_context_tokens": 0}, {"keep_first_n": -1}, {"token_counter": 3}, {"keep": 1}]
)
def test_a_config_that_means_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TruncationConfig(**wrong)


def test_the_reference_s_defaults_stand() -> None:
    config = TruncationConfig()
    assert (config.max_context_tokens, config.keep_first_n, config.keep_last_n) == (None, 2, 6)
    assert config.safety_margin == 512


def test_a_kit_sends_what_fits(
    server: OpenAIServer, make_kit: Callable[..., OpenAIDeveloperKit]
) -> None:
    kit = make_kit(truncator=truncator(60 + FIXED, keep_first_n=1, keep_last_n=2))
    kit.chat(ChatConfig(user_message=ASK, history=chat(20)))
    sent = server.last.json["messages"]
    assert [message["content"].split()[0] for message in sent] == [
        "0",
        "16",
        "17",
        "18",
        "19",
        "go",
    ]
