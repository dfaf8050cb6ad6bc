"""One training record: a conversation, a choice between two answers, or a question to be graded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from racto.core.files import RactoFile

from .messages import RactoTrainingMessage, plain_message

if TYPE_CHECKING:
    from racto.core.messages import Message
    from racto.core.tool_schemas import ToolSchema

Kind: TypeAlias = Literal["chat", "preference", "graded"]
"""What an example teaches: an answer, which of two answers is better, or what a grader rewards."""


class RactoTrainingExample:
    """A complete conversation used as one training record.

    Source: the reference package's class of this name. Beyond it an example may carry tools, a
    preferred and a rejected answer, and further fields.

    Args:
        messages: The turns in their order; of a preference what comes before the answers.
        tools: What the model may call: ``ToolSchema``, or the ``function`` object of OpenAI's
            format (``name``, ``description``, ``parameters``).
        chosen: The preferred answer of a preference.
        rejected: The other answer of a preference.
        extra: Further fields of the record: what a grader compares with, columns of a table.

    Attributes:
        messages: The turns.
        tools: The tools as ``function`` objects.
        chosen: The preferred answer; empty when there is none.
        rejected: The other answer; empty when there is none.
        extra: Further fields of the record.
    """

    __slots__ = ("chosen", "extra", "messages", "rejected", "tools")

    def __init__(
        self,
        messages: Iterable[RactoTrainingMessage],
        *,
        tools: Iterable[ToolSchema | Mapping[str, Any]] = (),
        chosen: Iterable[RactoTrainingMessage] = (),
        rejected: Iterable[RactoTrainingMessage] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.messages: list[RactoTrainingMessage] = list(messages)
        self.tools: tuple[dict[str, Any], ...] = tuple(_function(tool) for tool in tools)
        self.chosen: tuple[RactoTrainingMessage, ...] = tuple(chosen)
        self.rejected: tuple[RactoTrainingMessage, ...] = tuple(rejected)
        self.extra: dict[str, Any] = dict(extra) if extra else {}

    @classmethod
    def from_pair(
        cls,
        user: str,
        assistant: str,
        *,
        system: str = "",
        user_attachments: Iterable[RactoFile] | None = None,
    ) -> RactoTrainingExample:
        """A question and its answer.

        Args:
            user: The question.
            assistant: The answer to learn.
            system: Instructions that come first; none when empty.
            user_attachments: Files that come with the question.
        """
        # No turn at all is better than an empty one, which trainers refuse.
        turns = [plain_message("system", system)] if system else []
        if type(user) is str is type(assistant) and not user_attachments:
            return chat_example(
                [*turns, plain_message("user", user), plain_message("assistant", assistant)]
            )
        turns.append(RactoTrainingMessage("user", user, user_attachments or ()))
        turns.append(RactoTrainingMessage("assistant", assistant))
        return cls(turns)

    @classmethod
    def from_conversation(cls, turns: Iterable[tuple[str, str]]) -> RactoTrainingExample:
        """A conversation from pairs of role and text."""
        return cls([RactoTrainingMessage(role, content) for role, content in turns])

    @classmethod
    def from_messages(
        cls, messages: Iterable[Message], *, tools: Iterable[ToolSchema] = ()
    ) -> RactoTrainingExample:
        """A real conversation, from a chat's history or a log, tool calls and files included."""
        return cls(map(RactoTrainingMessage.from_message, messages), tools=tools)

    @classmethod
    def from_preference(
        cls, user: str, *, chosen: str, rejected: str, system: str = ""
    ) -> RactoTrainingExample:
        """A question with a better and a worse answer."""
        turns = [plain_message("system", system)] if system else []
        return cls(
            [*turns, plain_message("user", user)],
            chosen=[plain_message("assistant", chosen)],
            rejected=[plain_message("assistant", rejected)],
        )

    @property
    def kind(self) -> Kind:
        """What the example teaches, told by what it holds."""
        # One answer alone is a faulty preference, which validation names, and no chat.
        if self.chosen or self.rejected:
            return "preference"
        if self.messages and self.messages[-1].role == "assistant":
            return "chat"
        return "graded" if self.extra else "chat"

    @property
    def all_messages(self) -> list[RactoTrainingMessage]:
        """Every turn there is: the conversation, the chosen answer, the rejected one."""
        return [*self.messages, *self.chosen, *self.rejected]

    @property
    def prompt(self) -> list[RactoTrainingMessage]:
        """What the model sees before the answer that it learns."""
        if self.kind != "chat":
            return list(self.messages)
        end = len(self.messages)
        # Several turns of the assistant in a row are one answer.
        while end and self.messages[end - 1].role == "assistant":
            end -= 1
        return self.messages[:end]

    def to_openai_dict(self) -> dict[str, Any]:
        """The record of OpenAI's chat format: ``{"messages": [...]}``.

        Raises:
            UnsupportedFeatureError: If the format cannot carry the example.
        """
        return self.to_dict("openai")

    def to_anthropic_dict(self) -> dict[str, Any]:
        """The record of Anthropic's format: ``{"system": ..., "messages": [...]}``.

        ``system`` is only there when a system turn is.

        Raises:
            UnsupportedFeatureError: If the format cannot carry the example.
        """
        return self.to_dict("anthropic")

    def to_gemini_dict(self) -> dict[str, Any]:
        """The record of Vertex AI's format: ``{"systemInstruction": ..., "contents": [...]}``.

        The reference writes ``text_input`` and ``output`` for a single pair and loses the system
        turn. No model takes that form any more, so it is read and never written.

        Raises:
            UnsupportedFeatureError: If the format cannot carry the example.
        """
        return self.to_dict("gemini")

    def to_dict(self, provider: str = "openai") -> dict[str, Any]:
        """The record in any format.

        Args:
            provider: Name of a format.

        Raises:
            ConfigurationError: If there is no such format.
            UnsupportedFeatureError: If the format cannot carry the example.
        """
        # The formats know examples, so examples meet them late.
        from .formats import find_format

        return find_format(provider).encode(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], provider: str = "auto") -> RactoTrainingExample:
        """The example of a record in any format.

        Args:
            record: What ``to_dict`` gives, or a line of a file holds.
            provider: Name of the format; ``auto`` tells it from the record's keys.

        Raises:
            ConfigurationError: If there is no such format, or the record is not in it.
        """
        from .formats import detect_format, find_format

        found = detect_format(record) if provider == "auto" else find_format(provider)
        return found.decode(record)

    def replace(self, **changes: Any) -> RactoTrainingExample:
        """A copy with some of the constructor's parameters changed."""
        given = {
            "messages": self.messages,
            "tools": self.tools,
            "chosen": self.chosen,
            "rejected": self.rejected,
            "extra": self.extra,
        }
        return RactoTrainingExample(**{**given, **changes})

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RactoTrainingExample):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        names = ("tools", "chosen", "rejected", "extra")
        given = {name: value for name in names if (value := getattr(self, name))}
        told = [repr(self.messages), *(f"{name}={value!r}" for name, value in given.items())]
        return f"RactoTrainingExample({', '.join(told)})"


def chat_example(messages: list[RactoTrainingMessage]) -> RactoTrainingExample:
    """A conversation without anything beside it: for readers that make millions of them."""
    made = RactoTrainingExample.__new__(RactoTrainingExample)
    made.messages = messages
    made.tools = made.chosen = made.rejected = ()
    made.extra = {}
    return made


def _function(tool: ToolSchema | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(tool, Mapping):
        return dict(tool)
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.to_json_schema()
    return function if tool.strict is None else {**function, "strict": tool.strict}
