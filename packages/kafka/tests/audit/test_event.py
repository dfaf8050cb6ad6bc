"""The event has the reference's fields and cannot be changed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from racto.kafka import KafkaAuditEvent


def test_it_is_immutable() -> None:
    event = KafkaAuditEvent(
        user_id="ann", model="m", prompt="p", response="r", timestamp_utc="2026-01-01T00:00:00Z"
    )
    with pytest.raises(ValidationError, match="frozen"):
        setattr(event, "prompt", "changed")  # noqa: B010 - as a type checker does not see it
    assert KafkaAuditEvent.model_validate_json(event.model_dump_json()) == event


def test_fields_are_required() -> None:
    with pytest.raises(ValidationError, match="timestamp_utc"):
        KafkaAuditEvent(user_id="", model="", prompt="", response="")  # type: ignore[call-arg]
