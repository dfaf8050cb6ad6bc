"""What the model says in an interaction, as the events of a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from racto.testing.gemini.failures import status_body
from racto.testing.openai.saying import fragments
from racto.testing.payloads import encoded

from .failures import reworded
from .rendering import Turn


def turn_events(turn: Turn) -> Iterator[bytes]:
    """The events of a turn, ``[DONE]`` included."""
    yield _event("interaction.created", interaction=turn.head("in_progress"))
    update = {"interaction_id": turn.id, "status": "in_progress"}
    yield _event("interaction.status_update", **update)
    for number, step in enumerate(turn.steps()):
        start, deltas = _in_pieces(turn, step)
        yield _event("step.start", index=number, step=start)
        for delta in deltas:
            yield _event("step.delta", index=number, delta=delta)
        yield _event("step.stop", index=number)
    if turn.reply.failure_after is not None:
        yield _event("error", **reworded(status_body(turn.reply.failure_after)))
    else:
        # The steps went out already, and are not told twice.
        told = {key: value for key, value in turn.body().items() if key != "steps"}
        yield _event("interaction.completed", interaction=told)
    yield b"event: done\ndata: [DONE]\n\n"


def _in_pieces(turn: Turn, step: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    kind = step["type"]
    if kind == "thought":
        deltas: list[dict[str, Any]] = [
            {"type": "thought_summary", "content": {"type": "text", "text": thought}}
            for thought in turn.thoughts
        ]
        if "signature" in step:
            deltas.append({"type": "thought_signature", "signature": step["signature"]})
    elif kind == "model_output":
        deltas = [{"type": "text", "text": piece} for piece in turn.pieces]
        if notes := step["content"][0].get("annotations"):
            deltas.append({"type": "text_annotation_delta", "annotations": notes})
    else:
        parts = fragments(json.dumps(step["arguments"], ensure_ascii=False))
        deltas = [{"type": "arguments_delta", "arguments": part} for part in parts]
        # Only a call begins with fields of its own; words begin empty.
        return {**step, "arguments": {}}, deltas
    return {"type": kind}, deltas


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), encoded({"event_type": kind, **fields}))
