"""Ollama's sentences become errors that say what to do in Ollama's own commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core import (
    APIConnectionError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    NotFoundError,
    OverloadedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
    ServerError,
)
from racto.providers.ollama.failures import OLLAMA_VOCABULARY, OllamaTranslator

TRANSLATOR = OllamaTranslator("ollama", OLLAMA_VOCABULARY, secrets=["a-key-4711"])


def refused(status: int, error: Any, headers: dict[str, str] | None = None) -> RactoGatewayError:
    return TRANSLATOR.refused(status, headers or {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    ("status", "error", "kind", "told"),
    [
        (400, "registry.ollama.ai/x does not support tools", BadRequestError, "support tools"),
        (400, "runner-model does not support chat", BadRequestError, "support chat"),
        (400, "blocked by the provider's content policy", ContentFilterError, "policy"),
        (401, "unauthorized", RactoGatewayAuthError, "OLLAMA_API_KEY"),
        (402, "upgrade at https://ollama.com/upgrade", QuotaExhaustedError, "billing"),
        (404, 'model "tiny" not found, try pulling it first', NotFoundError, "ollama pull tiny`"),
        (404, "model 'qwen3:4b' not found", NotFoundError, "ollama pull qwen3:4b`"),
        (404, "model 'moderation' not found", NotFoundError, "ollama pull moderation`"),
        (404, "model 'runner' not found", NotFoundError, "ollama pull runner`"),
        (429, "too many requests", RateLimitError, "too many"),
        (500, "llama runner process has terminated: signal: killed", ServerError, "terminated"),
        (500, "the input length exceeds the context length", ContextLengthError, "num_ctx"),
        (400, "prompt too long; exceeded max context length by 904 tokens", ContextLengthError,
         "by 904"),
        (500, "error parsing tool call: raw='{', err=invalid JSON", ServerError, "tool call"),
        (503, "server busy, please try again. maximum pending requests exceeded",
         OverloadedError, "busy"),
    ],
)  # fmt: skip
def test_each_sentence_has_its_class(
    status: int, error: str, kind: type[Exception], told: str
) -> None:
    made = refused(status, error)
    assert type(made) is kind
    assert told in str(made)
    assert made.status_code == status


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("model 'tiny' not found", NotFoundError),
        ("server busy", OverloadedError),
        ("an error was encountered while running the model: CUDA error", ServerError),
        ("unauthorized", RactoGatewayAuthError),
        ("something new", RactoGatewayAPIError),
    ],
)
def test_in_mid_stream_the_sentence_is_all_there_is(error: str, kind: type[Exception]) -> None:
    made = TRANSLATOR.reported(TRANSLATOR.error_of({"error": error}))
    assert type(made) is kind


def test_the_engines_own_json_is_unpacked() -> None:
    inner = {
        "code": 400,
        "message": "request (351 tokens) exceeds the available context size (256 tokens)",
        "type": "exceed_context_size_error",
    }
    for error in (json.dumps({"error": inner}), inner):
        made = refused(400, error)
        assert isinstance(made, ContextLengthError)
        assert (made.limit, made.count) == (256, 351)
    longer = "the prompt is longer than the context length currently available to the model"
    unnumbered = refused(400, longer)
    assert isinstance(unnumbered, ContextLengthError)
    assert (unnumbered.limit, unnumbered.count) == (None, None)
    assert "{half" in str(refused(400, "{half a sentence"))


def test_how_long_to_wait_is_in_the_header() -> None:
    assert refused(429, "slow down", {"retry-after": "7"}).retry_after == 7.0


def test_a_page_of_a_proxy_is_shown() -> None:
    made = TRANSLATOR.refused(502, {}, b"<html>Bad gateway")
    assert isinstance(made, ServerError)
    assert "Bad gateway" in str(made)


def test_a_server_that_is_not_there_can_be_started() -> None:
    made = TRANSLATOR.translated(ConnectionRefusedError(111, "refused"))
    assert isinstance(made, APIConnectionError)
    assert "ollama serve" in str(made)


def test_the_key_is_cut_out() -> None:
    assert "a-key-4711" not in str(refused(401, "bad key a-key-4711"))


@pytest.mark.parametrize("data", [{}, {"error": ""}, {"error": None}, [], "error", None])
def test_what_is_no_error_is_none(data: Any) -> None:
    assert TRANSLATOR.error_of(data) is None
