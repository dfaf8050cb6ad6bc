"""Results as rows of plain columns."""

from __future__ import annotations

from typing import Any

import orjson

from .results import BatchResult


def flat_row(result: BatchResult) -> dict[str, Any]:
    """One result as a row; what has no plain form is JSON text."""
    reply, vectors, usage = result.response, result.embedding, result.usage
    return {
        "custom_id": result.custom_id,
        "status": result.status.value,
        "ok": result.ok,
        "content": reply.content if reply else None,
        "parsed": _text(reply.parsed) if reply else None,
        "tool_calls": _text([call.model_dump(mode="json") for call in reply.tool_calls])
        if reply and reply.tool_calls
        else None,
        "refusal": reply.refusal if reply else None,
        "vectors": [each.embedding for each in vectors.vectors] if vectors else None,
        "error": result.error,
        "error_type": result.error_type,
        "model": (reply or vectors).model if reply or vectors else None,  # type: ignore[union-attr]
        "finish_reason": reply.finish_reason.value if reply else None,
        "request_id": reply.request_id if reply else None,
        # Disjoint, so that sums over a column are right.
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cached_tokens": usage.cache_read_tokens,
        "cost": usage.cost,
        "currency": usage.currency,
    }


def flat_schema(polars: Any) -> dict[str, Any]:
    """The columns of :func:`flat_row` and their types.

    Args:
        polars: The library.
    """
    names = "content parsed tool_calls refusal error error_type model finish_reason request_id"
    # Given and not guessed: a first page without errors would make the column a null.
    text, whole = polars.String, polars.Int64
    return {
        "custom_id": text,
        "status": text,
        "ok": polars.Boolean,
        **dict.fromkeys(names.split()[:4], text),
        "vectors": polars.List(polars.List(polars.Float64)),
        **dict.fromkeys(names.split()[4:], text),
        **dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens"), whole),
        "cost": polars.Float64,
        "currency": text,
    }


def _text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
