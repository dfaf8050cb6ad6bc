"""An audit event: who asked which model what, what came back, and when."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class KafkaAuditEvent(BaseModel):
    """Immutable audit envelope for prompt/response traces.

    Attributes:
        user_id: Who asked, empty when unknown; the key of the record.
        model: Which model answered.
        prompt: What was asked.
        response: What was answered, or the error's message.
        timestamp_utc: When ``log`` was called, in ISO 8601 and UTC.
        metadata: Further facts, JSON-serialisable.
        event_id: Unique; an event that is delivered twice has it twice.
        chain_id: Which chain the event belongs to; None without a chain.
        sequence: Its place in the chain, from 1.
        previous: Digest of the event before it; of the first one, a digest of the chain's id.
        digest: SHA-256 of everything above, or HMAC-SHA256 where the chain has a key; in hex.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    user_id: str
    model: str
    prompt: str
    response: str
    timestamp_utc: str
    metadata: dict[str, Any] = Field(default_factory=dict)
    event_id: str = ""
    chain_id: str | None = None
    sequence: int | None = Field(default=None, ge=1)
    previous: str | None = None
    digest: str | None = None
