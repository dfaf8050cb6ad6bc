"""What a server may ask of its client, and tell it: questions to a person, a model, folders, logs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from racto.core import LLMResponse, Message, ToolSchema

LogLevel: TypeAlias = Literal[
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"
]
"""How grave a log message is, as syslog counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ElicitationRequest:
    """A question that a server wants a person to answer.

    Attributes:
        message: The question, in the server's words.
        schema: JSON Schema of the answer: an object of plain fields. None for a URL.
        url: A page that the person should open instead, such as a login; never open it unasked.
        server: Label of the server that asks.
    """

    message: str
    schema: Mapping[str, Any] | None = None
    url: str | None = None
    server: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Elicitation:
    """A person's answer to a question.

    Attributes:
        action: ``accept`` with an answer, ``decline`` to refuse, ``cancel`` to answer nothing.
        content: The answer, which must fit the question's schema.
    """

    action: Literal["accept", "decline", "cancel"]
    content: Mapping[str, Any] | None = None

    @classmethod
    def accept(cls, content: Mapping[str, Any] | None = None) -> Elicitation:
        """An answer, or consent to a URL."""
        return cls(action="accept", content=content)

    @classmethod
    def decline(cls) -> Elicitation:
        """A refusal to answer."""
        return cls(action="decline")

    @classmethod
    def cancel(cls) -> Elicitation:
        """No decision at all."""
        return cls(action="cancel")


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplingRequest:
    """A server's wish that the client's model answer for it (servers of older protocols).

    Attributes:
        messages: The conversation, written by the server.
        system: System text, written by the server.
        max_tokens: Most tokens of the answer.
        temperature: Randomness, when the server sets it.
        stop: Sequences that end the answer.
        tools: Tools that the server offers the model.
        tool_choice: ``auto``, ``required`` or ``none``.
        models: Names of models that the server would like, best first.
        server: Label of the server that asks.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    system: str = ""
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[ToolSchema, ...] = ()
    tool_choice: str = "auto"
    models: tuple[str, ...] = ()
    server: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogMessage:
    """A line of a server's log.

    Attributes:
        level: How grave it is.
        data: What it says: a text, or any JSON data.
        logger: Which part of the server says it.
        server: Label of the server.
    """

    level: LogLevel
    data: Any
    logger: str = ""
    server: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerChange:
    """News that something is not as it was listed; list or read it again.

    Attributes:
        kind: ``tools``, ``resources`` and ``prompts`` are lists, ``resource`` is one resource.
        uri: Which resource changed.
        server: Label of the server.
    """

    kind: Literal["tools", "resources", "prompts", "resource"]
    uri: str = ""
    server: str = ""


ElicitFn: TypeAlias = Callable[[ElicitationRequest], Elicitation | Awaitable[Elicitation]]
SampleFn: TypeAlias = Callable[[SamplingRequest], LLMResponse | Awaitable[LLMResponse]]
LogFn: TypeAlias = Callable[[LogMessage], Awaitable[None] | None]
ChangeFn: TypeAlias = Callable[[ServerChange], Awaitable[None] | None]
Roots: TypeAlias = Sequence[str | Path]


@dataclass(frozen=True, kw_only=True, slots=True)
class Interactions:
    """The client's side of a conversation with a server; what is None is not offered to it.

    Functions may be plain, and then run in a thread, or async. While ``elicit`` or ``sample``
    run, the clocks of the calls stand still. One that raises is logged with its traceback, and the
    server is told no more than that there is no answer.

    Attributes:
        elicit: Puts a question to a person.
        sample: Lets a model answer; make it of any kit with
            :func:`~racto.tools.mcp.sampling_by`.
        roots: Folders that the server may work in, as paths or ``file://`` URIs; or a function
            that returns them. A server is told of them, and nothing stops it elsewhere.
        on_log: Takes the server's log messages.
        log_level: From which level on it wants them.
        on_change: Told when lists or subscribed resources change, and after a reconnection.
    """

    elicit: ElicitFn | None = None
    sample: SampleFn | None = None
    roots: Roots | Callable[[], Roots] = field(default=())
    on_log: LogFn | None = None
    log_level: LogLevel = "info"
    on_change: ChangeFn | None = None
