"""A conversation begun with one provider goes on with any other, and no proof of it leaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from racto.core import ChatConfig, Message, ToolRegistry
from racto.core.content import ToolResultPart
from racto.core.testing import DictCache
from racto.providers.capabilities import Feature
from racto.testing import LoopbackServer, ToolCall

HI = ChatConfig(user_message="hi")


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


TOOLS = ToolRegistry([weather])


def begun(subject: Any, kit: Any, server: LoopbackServer) -> tuple[Message, ...]:
    """A turn with thinking and a tool call, and the tool's answer."""
    call = ToolCall(name="weather", arguments={"city": "Rome"})
    server.say("Let me look.", thinking="I ponder.", signature="c2lnbmVk", tool_calls=[call])
    thinks = Feature.THINKING in subject.declared
    asked = ChatConfig(
        user_message="How is Rome?", tools=TOOLS, native_thinking=thinks, max_tokens=20_000
    )
    reply = kit.chat(asked)
    answers = [
        ToolResultPart(tool_call_id=each.id, name=each.name, content="sunny in Rome")
        for each in reply.tool_calls
    ]
    return (Message.user("How is Rome?"), reply.message, Message.tool(answers))


def test_every_other_provider_takes_the_history(
    subject: Any, subjects: dict[str, Any], kit: Any, server: LoopbackServer
) -> None:
    turns = begun(subject, kit, server)
    proofs = {getattr(part, "signature", None) for part in turns[1].parts} - {None}
    for name, other in subjects.items():
        with (
            other.server() as elsewhere,
            other.kit(api_key=elsewhere.key, base_url=elsewhere.url) as second,
        ):
            if second.provider == kit.provider:
                # Each server seals its own model's thinking, and refuses that of another.
                continue
            asked = ChatConfig(history=turns, user_message="And now?", tools=TOOLS)
            assert second.chat(asked).content == "ok", name
            sent = elsewhere.last.body.decode()
            assert "sunny in Rome" in sent
            assert not any(proof in sent for proof in proofs), name


def test_a_history_survives_a_trip_through_json(
    subject: Any, kit: Any, server: LoopbackServer
) -> None:
    turns = begun(subject, kit, server)
    asked = ChatConfig(history=turns, user_message="And now?", tools=TOOLS)
    kit.chat(asked)
    plain = server.last.body
    again = tuple(Message.model_validate_json(turn.model_dump_json()) for turn in turns)
    kit.chat(asked.model_copy(update={"history": again}))
    assert server.last.body == plain


def test_a_cached_reply_stays_within_its_scope(
    server: LoopbackServer, make_kit: Callable[..., Any]
) -> None:
    cache = DictCache()
    for scope in ("alice", "bob", "alice"):
        kit = make_kit(exact_cache=cache, scope=scope)
        server.say(f"for {scope}")
        reply = kit.chat(HI)
        assert reply.content == f"for {scope}"
    assert reply.cached
    assert len(server.requests) == 2
