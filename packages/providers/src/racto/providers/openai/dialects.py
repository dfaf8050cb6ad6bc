"""How servers that speak OpenAI's protocol differ from OpenAI: declared, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDialect:
    """The Chat Completions API as one kind of server speaks it; the defaults are OpenAI's.

    Of servers that speak the Responses API, ``provider``, ``system_role``, ``strict_schemas``,
    ``caches_prompts`` and ``takes_cache_marks`` count.

    Attributes:
        provider: Name of the provider in responses, errors and traces.
        token_limit: Name of the field that limits the tokens of the reply.
        system_role: Role under which system text is sent.
        stream_usage: Whether ``stream_options`` may ask for usage in streams.
        sends_finish_reason: Whether replies always tell why they ended. Where they do not,
            ``[DONE]`` ends a stream, and a stream that merely stops is still an error.
        structured: How a structured reply is asked for: ``native`` by its JSON Schema,
            ``json_object`` as any JSON and by the schema in words, ``tool`` as the arguments of
            a tool that the model must call, ``prompt`` in words alone.
        strict_schemas: Whether schemas are enforced (``strict``) and must keep OpenAI's subset
            of JSON Schema; elsewhere they are sent whole.
        takes_top_k: Whether ``top_k`` is understood.
        lacks: What OpenAI has and the server does not know: fields of the config, kinds of parts
            (``audio``, ``document``), and ``strict`` tools.
        caches_prompts: Whether unchanged prefixes are cached, and how long can be asked.
        takes_cache_marks: Whether blocks of messages can mark the end of a prefix to cache.
        takes_result_images: Whether a tool may answer with images.
        returns_reasoning: Whether replies carry the model's thinking in ``reasoning_content``
            or ``reasoning``.
        reasoning_field: Name under which the thinking of earlier turns must come back; None
            where it must not.
    """

    provider: str = "openai"
    token_limit: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"  # noqa: S105
    system_role: Literal["system", "developer"] = "system"
    stream_usage: bool = True
    sends_finish_reason: bool = True
    structured: Literal["native", "json_object", "tool", "prompt"] = "native"
    strict_schemas: bool = True
    takes_top_k: bool = False
    lacks: frozenset[str] = frozenset()
    caches_prompts: bool = True
    takes_cache_marks: bool = True
    takes_result_images: bool = False
    returns_reasoning: bool = False
    reasoning_field: str | None = None


OPENAI = ChatDialect()
"""OpenAI's own servers."""

COMPATIBLE = ChatDialect(
    provider="openai-compatible",
    token_limit="max_tokens",  # noqa: S106
    strict_schemas=False,
    takes_top_k=True,
    caches_prompts=False,
    takes_cache_marks=False,
    returns_reasoning=True,
)
"""What vLLM, llama.cpp, LM Studio, Ollama and most gateways understand."""

DEEPSEEK = ChatDialect(
    provider="deepseek",
    token_limit="max_tokens",  # noqa: S106
    structured="json_object",
    strict_schemas=False,
    lacks=frozenset(["seed"]),
    caches_prompts=False,
    takes_cache_marks=False,
    returns_reasoning=True,
    reasoning_field="reasoning_content",
)
"""DeepSeek's API: JSON without a schema, and thinking that must come back with its turn.

Source: DeepSeek's API reference and its guide to the thinking mode.
"""
