"""The contract of chat memories: the latest turns of each conversation, whole and in order."""

from __future__ import annotations

from typing import ClassVar

from racto.core.content import ReasoningPart, ToolCallResult, ToolResultPart
from racto.core.messages import Message
from racto.core.protocols.memories import ChatMemory

from .contract import Contract
from .voices import Voice


class ChatMemoryContract(Contract, subject="memory", protocol=ChatMemory):
    """All laws of a chat memory.

    Give a fixture ``memory``: new, empty, keeping at least eight messages a conversation.

    Attributes:
        appended: How many messages to append until the oldest must have been dropped; more than
            the memory keeps.
    """

    appended: ClassVar[int] = 120

    def test_unknown_conversation_is_empty(self, memory: ChatMemory, voice: Voice) -> None:
        """An unknown conversation has no messages, and clearing it is fine.

        If this fails: answer with an empty list and 0, not with None or an error.
        """
        assert voice(memory, "get_history", "nobody") == []
        assert voice(memory, "messages", "nobody") == []
        assert voice(memory, "count", "nobody") == 0
        voice(memory, "clear", "nobody")

    def test_order_is_kept(self, memory: ChatMemory, voice: Voice) -> None:
        """Messages come back oldest first, as dictionaries and as messages.

        If this fails: check at which end the list grows and from which it is read.
        """
        # U+2028 ends a line for some readers of JSON lines.
        said = [
            ("system", "Be kind."),
            ("user", "Grüß dich 👋"),
            ("assistant", "line\nbreak \u2028"),
        ]
        for role, content in said:
            voice(memory, "append", "c", role, content)
        history = voice(memory, "get_history", "c")
        assert history == [{"role": role, "content": content} for role, content in said]
        assert [(m.role.value, m.text) for m in voice(memory, "messages", "c")] == said
        assert voice(memory, "count", "c") == 3

    def test_conversations_are_apart(self, memory: ChatMemory, voice: Voice) -> None:
        """Conversations do not see each other, whatever characters their ids have.

        If this fails: check how keys are built; ``a`` with ``b:c`` and ``a:b`` with ``c`` must not
        meet, and ``*`` is an id like any other.
        """
        # Each pair of them meets in some scheme of keys or patterns.
        ids = ["a", "a:b", "a:*", "*", "ünï", "a b", "A"]
        for name in ids:
            voice(memory, "append", name, "user", f"I am {name}")
        voice(memory, "clear", "*")
        for name in ids:
            expected = [] if name == "*" else [f"I am {name}"]
            assert [turn["content"] for turn in voice(memory, "get_history", name)] == expected

    def test_whole_turns_return(self, memory: ChatMemory, voice: Voice) -> None:
        """Tool calls, tool results and signed reasoning come back as they were.

        If this fails: store messages as JSON of the whole model, not their text.
        """
        turns = _tool_round(1)
        voice(memory, "extend", "c", turns)
        assert voice(memory, "messages", "c") == turns
        assert voice(memory, "count", "c") == len(turns)

    def test_extending_by_nothing(self, memory: ChatMemory, voice: Voice) -> None:
        """Extending by no messages changes nothing.

        If this fails: return early; some stores refuse an empty push.
        """
        voice(memory, "extend", "c", [])
        assert voice(memory, "count", "c") == 0

    def test_latest_turns_stay(self, memory: ChatMemory, voice: Voice) -> None:
        """When the memory is full the oldest turns go and the latest stay, with no hole.

        If this fails: check the trim's direction and its off-by-one.
        """
        for number in range(self.appended):
            role = "assistant" if number % 2 else "user"
            voice(memory, "append", "c", role, str(number))
        # The limit is the implementation's own; that the kept turns are the latest is the law.
        kept = [int(turn["content"]) for turn in voice(memory, "get_history", "c")]
        assert 8 <= len(kept) < self.appended
        assert kept == list(range(self.appended - len(kept), self.appended))
        assert voice(memory, "count", "c") == len(kept)

    def test_history_stays_fit_to_send(self, memory: ChatMemory, voice: Voice) -> None:
        """No tool result outlives the call that it answers; providers refuse such a history.

        If this fails: when the cut falls between a call and its results, drop the results too.
        """
        rounds = [_tool_round(number) for number in range(self.appended // 4)]
        # Message by message, so that the cut falls once at every place of a round.
        for turn in (turn for turns in rounds for turn in turns):
            voice(memory, "extend", "c", [turn])
            called: set[str] = set()
            for message in voice(memory, "messages", "c"):
                called |= {call.id for call in message.tool_calls}
                answers = {p.tool_call_id for p in message.parts if isinstance(p, ToolResultPart)}
                assert answers <= called, "a result stands without its call"

    def test_answers_are_the_callers_own(self, memory: ChatMemory, voice: Voice) -> None:
        """Changing a returned history does not change the memory.

        If this fails: return new lists and dictionaries.
        """
        voice(memory, "append", "c", "user", "hello")
        history = voice(memory, "get_history", "c")
        # Callers trim and edit a history before they send it.
        history[0]["content"] = "changed"
        history.append({"role": "user", "content": "more"})
        voice(memory, "messages", "c").clear()
        assert voice(memory, "get_history", "c") == [{"role": "user", "content": "hello"}]

    def test_many_callers_at_once(self, memory: ChatMemory, voice: Voice) -> None:
        """Messages appended at the same time are all kept.

        If this fails: append in one atomic operation instead of reading, changing and writing.
        """
        # Eight, because every memory under contract keeps that many.
        voice.together(memory, "append", [("c", "user", str(i)) for i in range(8)])
        kept = [turn["content"] for turn in voice(memory, "get_history", "c")]
        assert sorted(kept) == [str(i) for i in range(8)]


def _tool_round(number: int) -> list[Message]:
    call = ToolCallResult(id=f"call-{number}", name="weather", arguments={"city": "Köln"})
    thought = ReasoningPart(text="hm", signature="c2ln", provider="acme", model="m-1")
    return [
        Message.user(f"Question {number}"),
        Message.assistant("Let me look.", tool_calls=[call], reasoning=[thought]),
        Message.tool([ToolResultPart(tool_call_id=call.id, name="weather", content="rain")]),
        Message.assistant("It rains."),
    ]
