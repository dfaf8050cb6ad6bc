"""What OpenAI's batch endpoint takes."""

from __future__ import annotations

from typing import Literal

from racto.testing.fields import Given, Strict

from .files import ExpiresAfter
from .settings import Metadata


class BatchCreate(Strict):
    """A new batch, for an endpoint that this server has."""

    input_file_id: str
    endpoint: Literal["/v1/responses", "/v1/chat/completions", "/v1/embeddings"]
    completion_window: Literal["24h"]
    metadata: Metadata | None = None
    output_expires_after: Given[ExpiresAfter] = None
