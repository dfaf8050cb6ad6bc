"""The key covers everything that decides a reply, and is the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest
from pydantic import BaseModel

from racto.cache import keys
from racto.cache.keys import five_part_key, local_five_part_key, local_key, request_key
from racto.core import ChatConfig, Message, RactoFile, RactoPrompt, ToolRegistry
from racto.core.errors import ConfigurationError
from racto.core.requests import ChatRequest
from racto.core.testing.contracts.requests import different_requests


class City(BaseModel):
    """A city."""

    name: str
    founded: int | None = None


def weather(city: str) -> str:
    """Tell the weather.

    Args:
        city: Its name.
    """
    return city


def asked(scope: str = "", **given: Any) -> ChatRequest:
    config = ChatConfig(**{"user_message": "How are you?", **given})
    return ChatRequest(provider="acme", model="m-1", system="Be brief.", config=config, scope=scope)


PROMPT = RactoPrompt(
    role="a clerk", aim="to help", constraints=["none"], tone="dry", output_format="text"
)

GOLDEN: dict[str, tuple[ChatRequest, str]] = {
    "plain": (asked(), "2f4b78d8aed0df38f67f35ff2e06cb9f934ccb8bb853f69e1be9951cfd0375ec"),
    "sampling": (
        asked(temperature=0.5, max_tokens=9, seed=3, stop=("\n",)),
        "a0296685a43a336e5e086b6bd71844d08cc13072b0adcaf46c03908f72bcf2b9",
    ),
    "history": (
        asked(history=(Message.user("a"), Message.assistant("b"))),
        "bb267f984dbe18da7a8c8bb779b0bc048efc06deb6bfbe910a1c7cd3241aac83",
    ),
    "long": (
        asked(user_message="ä" * 5000),
        "1fcc4a44e8ea92bf7baaca4677f9b5395fcbb38d680c89cd3f8eface347c71e8",
    ),
    "file": (
        asked(attachments=(RactoFile(b"\x00", "image/png", "a.png"),)),
        "73f8449f8a5aa9ab92bf11e2969e331c9782e9777069455417aac31f7a163515",
    ),
    "model": (
        asked(response_model=City),
        "0a7192055642257535a323f0eefc730efd7af2d5310a67b06853e6b81860d35c",
    ),
    "tools": (
        asked(tools=ToolRegistry([weather])),
        "74751fb7253464e7a472351b7721dae35bcf88fbd08ebad605db19626afa3485",
    ),
    "extra": (
        asked(extra={"b": [1, 1.0, True, None], "a": {"x": b"y"}}),
        "6a9b2d2e3080bb04710af8ac9574339d78bac816cccd25be7953e40cdb414898",
    ),
    "scope": (
        asked(scope="tenant"),
        "520d8a025e4c40fc16b680797c5cf7f9ae22234a317ff1b02bd0e01100c6de46",
    ),
    "surrogate": (
        asked(user_message="\ud800"),
        "fb3b23d0b60fbc33150b59811f08def18d199f86dc84757f00b0a51b249042ad",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_vectors(name: str) -> None:
    # A failure here empties the caches of all users: change VERSION with the vectors.
    request, key = GOLDEN[name]
    assert request_key(request) == key


def test_the_key_is_the_same_in_another_process() -> None:
    program = (
        "from racto.core import ChatConfig; from racto.core.requests import ChatRequest;"
        "from racto.cache import request_key;"
        "config = ChatConfig(user_message='q', extra={'b': {3, 1, 2}, 'a': 'x'});"
        "print(request_key(ChatRequest(provider='p', model='m', system='s', config=config)))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_every_difference_tells_requests_apart() -> None:
    requests = different_requests()
    assert len({request_key(each) for each in requests.values()}) == len(requests)
    assert len({local_key(each) for each in requests.values()}) == len(requests)


# One other value for each field of a config. A field that is added to ChatConfig fails the next
# test until it stands here, and the one after that until the key knows it.
OTHERS: dict[str, Any] = {
    "user_message": "else",
    "prompt": PROMPT,
    "system": "s",
    "temperature": 1.0,
    "max_tokens": 1,
    "tools": ToolRegistry([weather]),
    "tool_choice": "required",
    "parallel_tool_calls": True,
    "auto_execute_tools": True,
    "max_tool_turns": 1,
    "response_model": City,
    "max_validation_retries": 0,
    "history": (Message.user("x"),),
    "attachments": (RactoFile(b"x", "text/plain"),),
    "chain_of_thought": True,
    "native_thinking": True,
    "thinking_budget": 5,
    "reasoning_effort": "low",
    "top_p": 0.5,
    "top_k": 1,
    "seed": 0,
    "stop": ("x",),
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "logprobs": 0,
    "cache": "5m",
    "model": "m-9",
    "on_unsupported": "drop",
    "extra": {"x": None},
}


def test_every_field_of_the_config_counts() -> None:
    assert OTHERS.keys() == ChatConfig.model_fields.keys() - keys.UNKEYED - {"tool_context"}
    plain = dict(asked().config)
    changed = {
        name: asked().config.model_copy(update={name: value}) for name, value in OTHERS.items()
    }
    assert all(dict(config) != plain for config in changed.values())
    found = {request_key(replace(asked(), config=config)) for config in changed.values()}
    assert len(found | {request_key(asked())}) == len(OTHERS) + 1


def test_the_defaults_are_those_of_the_config() -> None:
    told = dict(ChatConfig(user_message="x"))
    assert {name: told[name] for name in keys.PLAIN} == keys.PLAIN
    assert {field.name for field in fields(ChatRequest)} == {
        "provider",
        "model",
        "system",
        "config",
        "scope",
    }


def test_fields_of_a_later_config_count_too() -> None:
    class Later(ChatConfig):
        verbosity: str | None = None

    plain, low = (
        request_key(replace(asked(), config=Later(user_message="x", verbosity=value)))
        for value in (None, "low")
    )
    assert plain != low
    assert plain == request_key(asked(user_message="x"))


def test_labels_and_time_do_not_count() -> None:
    assert request_key(asked(timeout=1.0, metadata={"a": "b"})) == request_key(asked())


def test_the_question_can_be_left_out() -> None:
    one, two = asked(user_message="one"), asked(user_message="two")
    assert request_key(one, without_question=True) == request_key(two, without_question=True)
    assert request_key(one, without_question=True) != request_key(asked(user_message="?"))


def test_pieces_do_not_run_into_each_other() -> None:
    one = ChatRequest(provider="a", model="bc", system="", config=asked().config)
    two = ChatRequest(provider="ab", model="c", system="", config=asked().config)
    assert request_key(one) != request_key(two)


def test_objects_of_this_process_have_no_key() -> None:
    request = asked(extra={"handle": object()})
    with pytest.raises(
        ConfigurationError, match=r"because of extra: an object of the class object"
    ):
        request_key(request)
    assert local_key(request) is None
    assert keys.find_key(request) is None
    assert local_key(asked(tool_context=("session",))) is None


async def test_large_files_are_hashed_in_a_thread() -> None:
    image = RactoFile(b"x" * 300_000, "image/png")
    for request in (
        asked(attachments=(image,)),
        asked(history=(Message.user("see", [image]),)),
        asked(),
    ):
        assert await keys.alocal_key(request) == local_key(request)


def test_the_five_parts_have_keys_of_their_own() -> None:
    parts = ("How are you?", "Be brief.", "m-1", None, 4096)
    assert (
        five_part_key(*parts) == "27b666bbace2211733ab66cb75d0bc8e96743ff4637638dc600a0e68d3f24ce3"
    )
    assert five_part_key(*parts) != request_key(asked())
    assert local_five_part_key(*parts) != local_key(asked())
    others = [
        ("How are you", *parts[1:]),
        (parts[0], "", *parts[2:]),
        (*parts[:2], "m-2", *parts[3:]),
        (*parts[:3], 0.0, 4096),
        (*parts[:4], None),
    ]
    assert len({five_part_key(*each) for each in [parts, *others]}) == 6
    assert five_part_key("q", "s", "m", 0, 1) == five_part_key("q", "s", "m", 0.0, 1)
