"""The settings as librdkafka's options, ready for its clients."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from pydantic import SecretStr

from racto.core.secrets import resolve_secret

from .config import KafkaConsumerConfig, KafkaProducerConfig

_RESET: Final = {"earliest": "earliest", "latest": "latest", "none": "error"}


def producer_options(config: KafkaProducerConfig) -> dict[str, Any]:
    """The options of a producer, secrets in the open: they go to librdkafka and nowhere else."""
    options: dict[str, Any] = {
        **_connection(config),
        "acks": config.acks,
        "linger.ms": config.linger_ms,
        "compression.type": config.compression_type or "none",
        "retries": config.retries,
        "request.timeout.ms": config.request_timeout_ms,
        # librdkafka refuses idempotence where it cannot hold.
        "enable.idempotence": config.acks == "all" and config.retries > 0,
    }
    return options | _opened(config.extra)


def consumer_options(config: KafkaConsumerConfig) -> dict[str, Any]:
    """The options of a consumer; without a group it gets a name that nobody else has."""
    options: dict[str, Any] = {
        **_connection(config),
        # librdkafka has no consumer without a group; one of its own shares with nobody.
        "group.id": config.group_id or f"racto-alone-{uuid.uuid4().hex}",
        "auto.offset.reset": _RESET[config.auto_offset_reset],
        "enable.auto.commit": config.enable_auto_commit,
        "session.timeout.ms": config.session_timeout_ms,
    }
    # KIP-848 leaves the session's length to the broker, and librdkafka refuses to be told.
    if str(config.extra.get("group.protocol", "")).lower() == "consumer":
        del options["session.timeout.ms"]
    elif "heartbeat.interval.ms" not in config.extra:
        options["heartbeat.interval.ms"] = min(3000, max(1, config.session_timeout_ms // 3))
    return options | _opened(config.extra)


def _connection(config: KafkaProducerConfig | KafkaConsumerConfig) -> dict[str, Any]:
    servers = config.bootstrap_servers
    options: dict[str, Any] = {
        "bootstrap.servers": servers if isinstance(servers, str) else ",".join(servers),
        "client.id": config.client_id,
        "security.protocol": config.security_protocol,
    }
    if config.sasl_mechanism is not None:
        options["sasl.mechanisms"] = config.sasl_mechanism
    if config.sasl_plain_username is not None:
        options["sasl.username"] = config.sasl_plain_username
    if (password := resolve_secret(config.sasl_plain_password)) is not None:
        options["sasl.password"] = password.get_secret_value()
    return options


def _opened(extra: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in extra.items()
    }
