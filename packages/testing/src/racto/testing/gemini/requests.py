"""The requests of the API's methods: their fields, and how a body is read into one."""

from __future__ import annotations

import json
from typing import Any

from racto.testing.exchange import Incoming

from .failures import bad_fields, refusal
from .messages import Message, Repeated, Table
from .parts import CONTENT
from .protojson import (
    BYTES,
    DURATION,
    FLAG,
    INT32,
    INT64,
    STRUCT,
    TEXT,
    TIMESTAMP,
    Enumeration,
    Faults,
    Kind,
)
from .settings import SAFETY, SETTINGS
from .tools import TOOL, TOOL_CONFIG

# What a generation and a cache of its beginning have in common.
_PROMPT: dict[str, Kind] = {
    "model": TEXT,
    "contents": Repeated(CONTENT),
    "systemInstruction": CONTENT,
    "tools": Repeated(TOOL),
    "toolConfig": TOOL_CONFIG,
}

GENERATE = Message(
    "GenerateContentRequest",
    {
        **_PROMPT,
        "safetySettings": Repeated(SAFETY),
        "generationConfig": SETTINGS,
        "cachedContent": TEXT,
        "labels": Table(TEXT),
        "serviceTier": TEXT,
        "continuationToken": BYTES,
        "store": FLAG,
    },
    vertex={"modelArmorConfig": STRUCT, "outputConfig": STRUCT},
)
"""``generateContent`` and ``streamGenerateContent``."""

COUNT = Message(
    "CountTokensRequest",
    {"contents": Repeated(CONTENT), "generateContentRequest": GENERATE},
    vertex={
        "model": TEXT,
        "systemInstruction": CONTENT,
        "tools": Repeated(TOOL),
        "generationConfig": SETTINGS,
        "instances": Repeated(STRUCT),
    },
)
"""``countTokens``."""

TASK = Enumeration(
    "TaskType",
    "TASK_TYPE_UNSPECIFIED RETRIEVAL_QUERY RETRIEVAL_DOCUMENT SEMANTIC_SIMILARITY CLASSIFICATION "
    "CLUSTERING QUESTION_ANSWERING FACT_VERIFICATION CODE_RETRIEVAL_QUERY",
)
"""What a vector shall be good for."""

_VECTOR: dict[str, Kind] = {"taskType": TASK, "title": TEXT, "outputDimensionality": INT32}
_EMBEDDING: dict[str, Kind] = {
    **_VECTOR,
    "mimeType": TEXT,
    "autoTruncate": FLAG,
    "documentOcr": FLAG,
    "audioTrackExtraction": FLAG,
}

EMBED = Message(
    "EmbedContentRequest",
    {"model": TEXT, "content": CONTENT, **_VECTOR},
    vertex={"embedContentConfig": Message("EmbedContentConfig", _EMBEDDING), "autoTruncate": FLAG},
)
"""``embedContent``."""

BATCH_EMBED = Message("BatchEmbedContentsRequest", {"requests": Repeated(EMBED)})
"""``batchEmbedContents``."""

CACHE = Message(
    "CachedContent",
    {
        **_PROMPT,
        "name": TEXT,
        "displayName": TEXT,
        "ttl": DURATION,
        "expireTime": TIMESTAMP,
    },
    oneof={"expiration": "ttl expireTime"},
)
"""A cache, to be created or updated."""


def _batch(name: str, request: Message) -> Message:
    inlined = Message("InlinedRequest", {"request": request, "metadata": STRUCT})
    source = Message(
        "InputConfig",
        {"requests": Message("InlinedRequests", {"requests": Repeated(inlined)}), "fileName": TEXT},
        oneof={"source": "requests fileName"},
    )
    # A hook is taken and never called: nothing here calls its clients.
    hook = Message("WebhookConfig", {"uris": Repeated(TEXT), "userMetadata": STRUCT})
    batch: dict[str, Kind] = {
        "model": TEXT,
        "name": TEXT,
        "displayName": TEXT,
        "inputConfig": source,
        "priority": INT64,
        "webhookConfig": hook,
    }
    return Message(f"{name}Request", {"batch": Message(name, batch)})


BATCH = _batch("GenerateContentBatch", GENERATE)
"""``batchGenerateContent``."""

EMBEDDINGS_BATCH = _batch("EmbedContentBatch", EMBED)
"""``asyncBatchEmbedContent``."""

FILE = Message(
    "CreateFileRequest",
    {
        "file": Message(
            "File", {"name": TEXT, "displayName": TEXT, "mimeType": TEXT, "sizeBytes": INT64}
        )
    },
)
"""The beginning of an upload."""


def read(kind: Message, request: Incoming, *, vertex: bool = False) -> dict[str, Any]:
    """The body of a request as a message.

    Args:
        kind: What it must be.
        request: The request.
        vertex: Whether it goes to Vertex AI.

    Raises:
        Refusal: If it is no JSON, or fields are unknown or ill-typed.
    """
    try:
        # An empty body is an empty message, whose missing fields are told one by one.
        value = json.loads(request.body) if request.body.strip() else {}
    except (ValueError, RecursionError) as error:
        raise refusal(f"Invalid JSON payload received. {_where(error, request.body)}") from error
    return read_value(kind, value, vertex=vertex)


def read_value(kind: Message, value: Any, *, vertex: bool = False) -> dict[str, Any]:
    """A value as a message.

    Args:
        kind: What it must be.
        value: Any JSON.
        vertex: Whether it goes to Vertex AI.

    Raises:
        Refusal: If fields are unknown or ill-typed.
    """
    if not isinstance(value, dict):
        raise refusal(
            'Invalid JSON payload received. Unknown name "": Root element must be a message.'
        )
    faults = Faults(vertex=vertex)
    message: dict[str, Any] = kind.read(value, "", faults)
    if faults.found:
        raise bad_fields(faults.found)
    return message


def _where(error: Exception, body: bytes) -> str:
    if not isinstance(error, json.JSONDecodeError):
        return "Unexpected token."
    # Google shows the place of the fault, with a caret below it.
    seen = body.decode("utf-8", "replace")[max(0, error.pos - 20) : error.pos + 20]
    return f"Unexpected token.\n{seen}\n{' ' * min(error.pos, 20)}^"
