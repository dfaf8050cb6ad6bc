"""Codecs of the tests' own, for three providers: small, and real enough for the loopback servers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from racto.core import (
    BadRequestError,
    ChatConfig,
    EmbeddingConfig,
    EmbeddingError,
    EmbeddingResponse,
    EmbeddingVector,
    InvalidResponseError,
    LLMResponse,
    NotFoundError,
    OverloadedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
    ResponseModelValidationError,
    ServerError,
    ToolCallResult,
    UnsupportedFeatureError,
    Usage,
)
from racto.core.messages import MessageRole
from racto.core.requests import EncodedRequest
from racto.core.retries import parse_retry_after

MODELS = {"openai": "gpt-4o-mini", "anthropic": "claude-haiku-4-5", "google": "gemini-2.5-flash"}
EMBEDDERS = {"openai": "text-embedding-3-small", "google": "gemini-embedding-001"}
PRICE = 1e-6
"""What a token costs; half of it in a batch."""

_KINDS: Mapping[int, type[RactoGatewayError]] = {
    401: RactoGatewayAuthError,
    404: NotFoundError,
    429: RateLimitError,
    503: OverloadedError,
    529: OverloadedError,
}
_WORDS: Mapping[str, type[RactoGatewayError]] = {
    "rate_limit_error": RateLimitError,
    "overloaded_error": OverloadedError,
    "invalid_request_error": BadRequestError,
    "not_found_error": NotFoundError,
    "api_error": ServerError,
}


class ChatCodec:
    """Keeps :class:`~racto.core.protocols.RequestCodec`.

    Args:
        provider: ``openai`` (Chat Completions), ``anthropic`` or ``google``.
        model: Model for requests that name none.
    """

    def __init__(self, provider: str = "openai", model: str | None = None) -> None:
        self.provider = provider
        self.model = model or MODELS[provider]

    def encode(self, config: ChatConfig) -> EncodedRequest:
        """Shape a chat request."""
        if config.auto_execute_tools:
            raise UnsupportedFeatureError("no tools are run here", feature="auto_execute_tools")
        system = config.system or (config.prompt.compile() if config.prompt else None)
        model = config.model or self.model
        said = [(m.role, m.text) for m in config.messages(system)]
        path, body = {
            "openai": _openai_body,
            "anthropic": _anthropic_body,
            "google": _google_body,
        }[self.provider](model, said, config)
        return EncodedRequest(path=path, body=body | config.extra, model=model)

    def decode(
        self,
        request: EncodedRequest,
        body: bytes,
        *,
        config: ChatConfig | None = None,
        request_id: str | None = None,
        is_batch: bool = False,
    ) -> LLMResponse:
        """Read a reply, and check it against the config's model."""
        data = json.loads(body)
        try:
            text, calls, tokens = {
                "openai": _openai_reply,
                "anthropic": _anthropic_reply,
                "google": _google_reply,
            }[self.provider](data)
        except (KeyError, IndexError, TypeError) as error:
            raise InvalidResponseError(
                f"{self.provider}: no reply", provider=self.provider
            ) from error
        response = LLMResponse(
            content=text,
            tool_calls=calls,
            usage=_priced(tokens, is_batch=is_batch),
            provider=self.provider,
            model=request.model,
            request_id=request_id,
            raw=data,
        )
        if config is not None and config.response_model is not None:
            try:
                parsed = config.response_model.model_validate_json(text or "")
            except ValidationError as error:
                raise ResponseModelValidationError(
                    "the reply does not fit",
                    attempts=1,
                    last_error=error,
                    raw_response=text,
                    partial=response,
                    usage=response.usage,
                ) from error
            response.parsed = parsed.model_dump(mode="json")
        return response

    def encode_embedding(self, config: EmbeddingConfig) -> EncodedRequest:
        """Shape a request for vectors."""
        if self.provider not in EMBEDDERS:
            raise UnsupportedFeatureError("no embeddings", feature="embeddings")
        model = config.model or EMBEDDERS[self.provider]
        if self.provider == "openai":
            body: dict[str, Any] = {"model": model, "input": config.texts}
            return EncodedRequest(path="/embeddings", body=body, model=model)
        requests = [
            {"model": f"models/{model}", "content": {"role": "user", "parts": [{"text": text}]}}
            for text in config.texts
        ]
        path = f"/v1/models/{model}:batchEmbedContents"
        return EncodedRequest(path=path, body={"requests": requests}, model=model)

    def decode_embedding(
        self,
        request: EncodedRequest,
        body: bytes,
        *,
        texts: Sequence[str],
        request_id: str | None = None,
        is_batch: bool = False,
    ) -> EmbeddingResponse:
        """Read the vectors."""
        data = json.loads(body)
        if self.provider == "openai":
            rows = [each["embedding"] for each in sorted(data["data"], key=lambda e: e["index"])]
        else:
            rows = [each["values"] for each in data["embeddings"]]
        if len(rows) != len(texts):
            raise EmbeddingError(f"{len(rows)} vectors for {len(texts)} texts")
        vectors = [
            EmbeddingVector(index=number, text=text, embedding=row)
            for number, (text, row) in enumerate(zip(texts, rows, strict=True))
        ]
        count = data.get("usage", {}).get("prompt_tokens", len(texts))
        usage = _priced((count, 0), is_batch=is_batch)
        return EmbeddingResponse(
            vectors=vectors, model=request.model, usage=usage, provider=self.provider
        )

    def refused(
        self, status: int | None, body: bytes, *, headers: Mapping[str, str] | None = None
    ) -> RactoGatewayError:
        """The error of a refusal."""
        try:
            told = json.loads(body)["error"]
        except (ValueError, TypeError, KeyError):
            told = {"message": body.decode("utf-8", "replace")[:200]}
        word = str(told.get("type") or told.get("code"))
        kind = _KINDS.get(status or 0) or (
            BadRequestError if status and 400 <= status < 500 else _WORDS.get(word)
        )
        if kind is None:
            kind = ServerError if status and status >= 500 else RactoGatewayAPIError
        return kind(
            f"{self.provider} answered {status}: {told.get('message')}",
            provider=self.provider,
            status_code=status,
            retry_after=parse_retry_after(dict(headers or {})),
        )


def _openai_body(model: str, said: Any, config: ChatConfig) -> tuple[str, dict[str, Any]]:
    messages = [{"role": role.value, "content": text} for role, text in said]
    body: dict[str, Any] = {"model": model, "messages": messages}
    body["max_completion_tokens"] = config.max_tokens
    return "/chat/completions", body


def _anthropic_body(model: str, said: Any, config: ChatConfig) -> tuple[str, dict[str, Any]]:
    turns = [{"role": r.value, "content": t} for r, t in said if r is not MessageRole.SYSTEM]
    body: dict[str, Any] = {"model": model, "max_tokens": config.max_tokens, "messages": turns}
    if system := [text for role, text in said if role is MessageRole.SYSTEM]:
        body["system"] = "\n".join(system)
    return "/v1/messages", body


def _google_body(model: str, said: Any, config: ChatConfig) -> tuple[str, dict[str, Any]]:
    contents = [
        {"role": "model" if role is MessageRole.ASSISTANT else "user", "parts": [{"text": text}]}
        for role, text in said
        if role is not MessageRole.SYSTEM
    ]
    body: dict[str, Any] = {
        "contents": contents,
        "generationConfig": {"maxOutputTokens": config.max_tokens},
    }
    if system := [text for role, text in said if role is MessageRole.SYSTEM]:
        body["systemInstruction"] = {"parts": [{"text": "\n".join(system)}]}
    return f"/v1/models/{model}:generateContent", body


def _openai_reply(data: Any) -> tuple[str | None, list[ToolCallResult], tuple[int, int]]:
    message, usage = data["choices"][0]["message"], data.get("usage") or {}
    calls = [
        ToolCallResult(
            id=each["id"],
            name=each["function"]["name"],
            arguments=json.loads(each["function"]["arguments"]),
        )
        for each in message.get("tool_calls") or ()
    ]
    tokens = (usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0))
    return message.get("content"), calls, tokens


def _anthropic_reply(data: Any) -> tuple[str | None, list[ToolCallResult], tuple[int, int]]:
    text = "".join(each["text"] for each in data["content"] if each["type"] == "text")
    return text, [], (data["usage"]["input_tokens"], data["usage"]["output_tokens"])


def _google_reply(data: Any) -> tuple[str | None, list[ToolCallResult], tuple[int, int]]:
    text = "".join(part["text"] for part in data["candidates"][0]["content"]["parts"])
    usage = data.get("usageMetadata", {})
    return text, [], (usage.get("promptTokenCount", 0), usage.get("candidatesTokenCount", 0))


def _priced(tokens: tuple[int, int], *, is_batch: bool) -> Usage:
    cost = sum(tokens) * PRICE * (0.5 if is_batch else 1.0)
    return Usage(input_tokens=tokens[0], output_tokens=tokens[1], cost=cost)
