"""Items: one request of a job, to a model that talks or to one that embeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_serializer

from racto.core.chat import ChatConfig, OnUnsupported
from racto.core.embeddings import EmbeddingConfig
from racto.core.files import RactoFile
from racto.core.messages import Message
from racto.core.prompts import RactoPrompt
from racto.core.schemas import type_schema
from racto.core.tool_schemas import ToolSchema, named_schema
from racto.core.tools import ToolRegistry

from .reply_models import model_of_schema


def _registry(tools: Any) -> Any:
    """Tools as a file can hold them: name, description and the schema of the arguments."""
    if not isinstance(tools, Sequence) or isinstance(tools, str):
        return tools
    registry = ToolRegistry()
    for tool in tools:
        if isinstance(tool, Mapping):
            schema = tool.get("json_schema") or tool.get("parameters") or {"type": "object"}
            tool = named_schema(str(tool.get("name")), str(tool.get("description", "")), schema)
        if isinstance(tool, ToolSchema):
            registry.add(tool)
        else:
            registry.register(tool)
    return registry


class BatchItem(BaseModel):
    """A single request within a job.

    The reference's five fields, and those of :class:`~racto.core.ChatConfig` that make sense
    without a live caller. What is not set is not sent: ``temperature`` defaults to None where the
    reference has 0.0, because some of today's models refuse any temperature. An item with
    ``texts`` asks for embeddings instead of words.

    Attributes:
        custom_id: Your name for it, unique within the job. The provider limits its length and
            characters: letters, digits, ``-`` and ``_``, at most 64, are taken by all.
        user_message: The user's words.
        temperature: Randomness, 0 to 2; None leaves it to the model.
        max_tokens: Most tokens to generate.
        extra: Provider-specific fields, sent as they are.
        prompt: System prompt instead of the job's.
        system: Plain system text instead of a prompt.
        history: Earlier turns, oldest first.
        tools: Tools that the model may call; nobody runs them. A list of objects with ``name``,
            ``description`` and ``parameters`` (a JSON Schema) will do.
        tool_choice: ``auto``, ``required``, ``none``, or the name of one tool.
        parallel_tool_calls: Whether several calls a turn are allowed.
        response_model: Pydantic model, or JSON Schema, that the reply must satisfy.
        attachments: Files sent with ``user_message``.
        model: Model instead of the processor's.
        texts: Texts to embed.
        dimensions: Length of the vectors, where the model can shorten them.
        input_type: ``query`` or ``document``, where the embedding model tells them apart.
        chain_of_thought: As in ``ChatConfig``, like all that follow.
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        extra="forbid",
        frozen=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )

    custom_id: str = Field(min_length=1)
    user_message: str = ""
    temperature: float | None = None
    max_tokens: int = 4096
    extra: dict[str, Any] = Field(default_factory=dict)
    prompt: RactoPrompt | None = None
    system: str | None = None
    history: tuple[Message, ...] = ()
    tools: Annotated[ToolRegistry | None, BeforeValidator(_registry)] = None
    tool_choice: str = "auto"
    parallel_tool_calls: bool | None = None
    response_model: type[BaseModel] | dict[str, Any] | None = None
    attachments: tuple[RactoFile, ...] | None = None
    model: str | None = None
    texts: tuple[str, ...] = ()
    dimensions: int | None = None
    input_type: str | None = None
    chain_of_thought: bool = False
    native_thinking: bool = False
    thinking_budget: int = 10000
    reasoning_effort: str | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: int | None = None
    cache: Literal["5m", "1h"] | None = None
    on_unsupported: OnUnsupported = "raise"
    metadata: dict[str, str] = Field(default_factory=dict)

    def model_post_init(self, _context: Any, /) -> None:
        """Check that there is something to ask."""
        words = self.user_message or self.history or self.attachments
        if not words and not self.texts:
            raise ValueError("user_message needs at least 1 character, or texts to embed")
        if self.texts and (wrong := self.model_fields_set - _EMBEDDING):
            raise ValueError(f"texts are embedded; they go without {', '.join(sorted(wrong))}")

    @property
    def is_embedding(self) -> bool:
        """Whether it asks for vectors."""
        return bool(self.texts)

    def chat_config(self, prompt: RactoPrompt | None = None) -> ChatConfig:
        """The request that a kit would be given.

        Args:
            prompt: System prompt when the item has no system text of its own.

        Raises:
            pydantic.ValidationError: If a field is out of range.
            ConfigurationError: If the schema in ``response_model`` is none.
        """
        fields = {name: getattr(self, name) for name in self.model_fields_set & _CHAT}
        if isinstance(schema := fields.get("response_model"), Mapping):
            fields["response_model"] = model_of_schema(schema)
        if prompt is not None and self.prompt is None and self.system is None:
            fields["prompt"] = prompt
        return ChatConfig(**fields)

    def embedding_config(self) -> EmbeddingConfig:
        """The request for vectors that a kit would be given."""
        fields = {name: getattr(self, name) for name in self.model_fields_set & _EMBEDDING}
        del fields["custom_id"], fields["texts"]
        return EmbeddingConfig(texts=list(self.texts), **fields)

    # A registry of functions has no JSON; what the model is told of them has.
    @field_serializer("tools", when_used="json")
    def _tools_as_data(self, tools: ToolRegistry | None) -> Any:
        if tools is None:
            return None
        return [
            {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.to_json_schema(),
            }
            for tool in tools
        ]

    @field_serializer("response_model", when_used="json")
    def _model_as_schema(self, model: type[BaseModel] | dict[str, Any] | None) -> Any:
        return type_schema(model) if isinstance(model, type) else model


_CHAT = frozenset(BatchItem.model_fields.keys() & ChatConfig.model_fields.keys())
_EMBEDDING = frozenset({"custom_id", "texts", "dimensions", "input_type", "model", "extra"})
