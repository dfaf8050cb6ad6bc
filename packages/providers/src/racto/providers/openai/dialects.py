"""How servers that speak OpenAI's protocol differ from OpenAI: declared, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDialect:
    """The Chat Completions API as one kind of server speaks it; the defaults are OpenAI's.

    Attributes:
        provider: Name of the provider in responses, errors and traces.
        token_limit: Name of the field that limits the tokens of the reply.
        system_role: Role under which system text is sent.
        stream_usage: Whether ``stream_options`` may ask for usage in streams.
        sends_finish_reason: Whether replies always tell why they ended. Where they do not,
            ``[DONE]`` ends a stream, and a stream that merely stops is still an error.
        strict_schemas: Whether schemas are enforced (``strict``) and must keep OpenAI's subset
            of JSON Schema; elsewhere they are sent whole.
        takes_top_k: Whether ``top_k`` is understood.
        caches_prompts: Whether unchanged prefixes are cached, and how long can be asked.
        returns_reasoning: Whether replies carry the model's thinking in ``reasoning_content``
            or ``reasoning``.
    """

    provider: str = "openai"
    token_limit: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"  # noqa: S105
    system_role: Literal["system", "developer"] = "system"
    stream_usage: bool = True
    sends_finish_reason: bool = True
    strict_schemas: bool = True
    takes_top_k: bool = False
    caches_prompts: bool = True
    returns_reasoning: bool = False


OPENAI = ChatDialect()
"""OpenAI's own servers."""

COMPATIBLE = ChatDialect(
    provider="openai-compatible",
    token_limit="max_tokens",  # noqa: S106
    strict_schemas=False,
    takes_top_k=True,
    caches_prompts=False,
    returns_reasoning=True,
)
"""What vLLM, llama.cpp, LM Studio, Ollama and most gateways understand."""
