"""What travels to a worker: versioned models, JSON from end to end, never pickle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError, JobError
from racto.core.tools import ToolRegistry

from .references import chosen_tools, model_at, model_of_schema

VERSION = 1
"""Version of the payloads that this release writes, and the newest that it reads."""

P = TypeVar("P", bound="Payload")


class Payload(BaseModel):
    """What every payload has.

    Attributes:
        v: Version of the payload.
        kit: Label of the kit it was meant for; empty when that cannot be mistaken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    v: int = VERSION
    kit: str = ""

    def packed(self, limit: int) -> str:
        """The payload as the text that is sent.

        Args:
            limit: Most bytes that it may have.

        Raises:
            ConfigurationError: If it is larger, or holds what is no JSON.
        """
        try:
            text = self.model_dump_json()
        except PydanticSerializationError as error:
            raise ConfigurationError(f"the task's payload is no JSON data: {error}") from error
        return within(text, limit)

    def summary(self) -> str:
        """A few words for monitors, without any content."""
        return f"v{self.v}"


class GeneratePayload(Payload):
    """One request to a model, with what is no JSON replaced by names.

    Attributes:
        config: Fields of :class:`~racto.core.ChatConfig` that were given, as JSON data.
        tools: Names of tools that the worker knows.
        response_model: Import path ``package.module:Model``, or a JSON Schema.
    """

    config: dict[str, Any]
    tools: tuple[str, ...] = ()
    response_model: str | dict[str, Any] | None = None

    def summary(self) -> str:
        """How long the words are and which fields were given."""
        text = self.config.get("user_message") or ""
        given = ", ".join(name for name in self.config if name != "user_message")
        return f"user_message of {len(text)} characters; {given}"

    def request(
        self, *, tools: ToolRegistry | None = None, trusted: Iterable[str] = ()
    ) -> ChatConfig:
        """The request, rebuilt in the worker.

        Args:
            tools: The tools that the worker knows.
            trusted: Modules that may be imported for a response model.

        Raises:
            ConfigurationError: If a tool or model is unknown here, or the request is malformed.
        """
        # As JSON: in Python data the base64 of an attachment would be taken for its bytes.
        fields = to_json({name: self.config[name] for name in self.config.keys() - _TOOL_FIELDS})
        try:
            config = ChatConfig.model_validate_json(fields)
            # Checked apart: alone, a choice of a tool would be refused for want of the tool.
            more = self._references(tools, trusted)
            # Once more and whole: the tools are part of what has to fit together.
            return ChatConfig(**{**dict(config), **more}) if more else config
        except ValidationError as error:
            raise ConfigurationError(f"malformed task payload: {problems_of(error)}") from error

    def _references(self, tools: ToolRegistry | None, trusted: Iterable[str]) -> dict[str, Any]:
        more = {name: self.config[name] for name in _TOOL_FIELDS & self.config.keys()}
        if self.tools:
            more["tools"] = chosen_tools(self.tools, tools)
        if isinstance(self.response_model, str):
            more["response_model"] = model_at(self.response_model, trusted=trusted)
        elif self.response_model is not None:
            more["response_model"] = model_of_schema(self.response_model)
        return more


class IngestPayload(Payload):
    """One document to ingest.

    Attributes:
        path: Path of the file as the worker sees it.
        metadata: Facts that are kept with every chunk.
    """

    path: str = Field(min_length=1)
    metadata: dict[str, Any] = Field(default_factory=dict)

    def summary(self) -> str:
        """The file's name and the names of its facts."""
        name = self.path.replace("\\", "/").rpartition("/")[2]
        return f"{name}; metadata: {', '.join(self.metadata) or 'none'}"


class JobPayload(Payload):
    """The argument of one job.

    Attributes:
        payload: What the job's function is given.
    """

    payload: dict[str, Any]

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> JobPayload:
        """The payload that a caller gives.

        Raises:
            ConfigurationError: If it is no mapping with names for keys.
        """
        try:
            return cls(payload=dict(payload))
        except (ValidationError, TypeError, ValueError) as error:
            raise ConfigurationError(
                "a job's payload is a mapping from names to JSON data, and this one is not"
            ) from error


_TOOL_FIELDS = frozenset({"tool_choice", "auto_execute_tools"})
"""Fields that only fit a request that has its tools."""


def unpacked(kind: type[P], text: Any) -> P:
    """Read a payload that came out of a queue.

    Raises:
        JobError: If it is malformed, or of a version that this release does not know.
    """
    if not isinstance(text, str):
        raise JobError(f"malformed task payload: {type(text).__name__} instead of JSON text")
    try:
        payload = kind.model_validate_json(text)
    except ValidationError as error:
        # A field that a newer release added must not hide that it is newer.
        raise JobError(f"malformed task payload: {_version_first(text)}{problems_of(error)}") from (
            error
        )
    if payload.v > VERSION:
        raise JobError(
            f"the task's payload has version {payload.v}, this worker reads up to {VERSION}; "
            "upgrade racto-celery on the workers first"
        )
    return payload


def within(text: str, limit: int) -> str:
    """The text, if it fits.

    Raises:
        ConfigurationError: If it has more bytes than ``limit``.
    """
    # Most payloads are far below, and need not be encoded to be sure.
    if len(text) * 4 > limit and (size := len(text.encode())) > limit:
        raise ConfigurationError(
            f"the task's payload has {size} bytes, the limit is {limit}; send large files by path "
            "or URL, or raise TaskLimits.payload_bytes"
        )
    return text


def problems_of(error: ValidationError) -> str:
    """The places that do not fit, in one line, without the values."""
    found = [
        f"{'.'.join(map(str, fault['loc'])) or 'payload'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return "; ".join(found[:8])


def _version_first(text: str) -> str:
    from pydantic_core import from_json

    try:
        data = from_json(text)
    except ValueError:
        return ""
    version = data.get("v") if isinstance(data, Mapping) else None
    return f"version {version}, known is {VERSION}: " if version not in (None, VERSION) else ""
