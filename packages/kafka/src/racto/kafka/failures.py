"""The one border at which errors of confluent-kafka become racto's.

They are told apart by shape, not by class: naming the classes would import the client.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
)

PROVIDER = "kafka"

_LONGEST_REASON = 300

# By the name that KafkaError.name() gives. What is not here is judged by its retriable flag.
_KINDS: Mapping[str, type[RactoGatewayError]] = {
    name: kind
    for kind, names in {
        RactoGatewayTimeoutError: "_TIMED_OUT _TIMED_OUT_QUEUE _MSG_TIMED_OUT REQUEST_TIMED_OUT"
        " _PURGE_QUEUE _PURGE_INFLIGHT",
        APIConnectionError: "_TRANSPORT _ALL_BROKERS_DOWN _RESOLVE _WAIT_COORD _DESTROY"
        " NETWORK_EXCEPTION BROKER_NOT_AVAILABLE REBOOTSTRAP_REQUIRED",
        RactoGatewayAuthError: "_AUTHENTICATION _SSL SASL_AUTHENTICATION_FAILED"
        " UNSUPPORTED_SASL_MECHANISM ILLEGAL_SASL_STATE UNACCEPTABLE_CREDENTIAL",
        PermissionDeniedError: "TOPIC_AUTHORIZATION_FAILED GROUP_AUTHORIZATION_FAILED"
        " CLUSTER_AUTHORIZATION_FAILED TRANSACTIONAL_ID_AUTHORIZATION_FAILED"
        " DELEGATION_TOKEN_AUTHORIZATION_FAILED SECURITY_DISABLED",
        NotFoundError: "UNKNOWN_TOPIC_OR_PART _UNKNOWN_TOPIC _UNKNOWN_PARTITION _UNKNOWN_GROUP"
        " UNKNOWN_TOPIC_ID GROUP_ID_NOT_FOUND",
        BadRequestError: "MSG_SIZE_TOO_LARGE RECORD_LIST_TOO_LARGE INVALID_MSG_SIZE INVALID_MSG"
        " INVALID_TIMESTAMP INVALID_RECORD TOPIC_EXCEPTION UNSUPPORTED_FOR_MESSAGE_FORMAT"
        " OFFSET_METADATA_TOO_LARGE INVALID_GROUP_ID INVALID_SESSION_TIMEOUT POLICY_VIOLATION",
        OverloadedError: "_QUEUE_FULL COORDINATOR_LOAD_IN_PROGRESS",
        RateLimitError: "THROTTLING_QUOTA_EXCEEDED",
        ConfigurationError: "_INVALID_ARG _NOT_CONFIGURED _UNSUPPORTED_FEATURE",
    }.items()
    for name in names.split()
}

# Errors of a group on the move; librdkafka has no opinion on them, and they pass.
_PASSING = frozenset(
    ("REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE")
)

_HINTS: Mapping[type[RactoGatewayError], str] = {
    RactoGatewayAuthError: "; check security_protocol, sasl_mechanism and the credentials",
    PermissionDeniedError: "; ask the cluster's owner for this right",
    NotFoundError: "; create the topic, or check its name",
    APIConnectionError: "; is the broker running, and bootstrap_servers right?",
}


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise racto's errors in place of those that the client raises inside.

    Args:
        doing: What was being done and where, for the message.
    """
    try:
        yield
    except RactoGatewayError:
        raise
    except Exception as error:
        raise failure(error, doing) from error


def failure(error: Any, doing: str, *, hint: str = "") -> RactoGatewayError:
    """The error of racto's tree that says what an error of the client means.

    Args:
        error: A ``KafkaException`` or a ``KafkaError``, or what else the client raised.
        doing: What was being done and where, for the message.
        hint: What to do, where the caller knows better than this room.
    """
    told = _told(error)
    if told is None:
        reason = str(error)[:_LONGEST_REASON]
        return RactoGatewayAPIError(
            f"Kafka's client failed while {doing}: {type(error).__name__}: {reason}{hint}",
            provider=PROVIDER,
        )
    name = str(told.name())
    retriable = bool(told.retriable()) or name in _PASSING
    # librdkafka has fatal errors of each kind, and not one goes away by trying again.
    kind = _KINDS.get(name) or (ServerError if retriable else RactoGatewayAPIError)
    text = f"{name} ({str(told.str())[:_LONGEST_REASON]})"
    return kind(
        f"Kafka failed while {doing}: {text}{hint or _HINTS.get(kind, '')}",
        provider=PROVIDER,
        retryable=False if told.fatal() else (True if retriable else None),
    )


def _told(error: Any) -> Any:
    """The ``KafkaError`` inside of what was raised; None when there is none."""
    if isinstance(error, Exception):
        error = error.args[0] if error.args else None
    return error if callable(getattr(error, "retriable", None)) else None


def name_of(error: Any) -> str:
    """Kafka's own name of an error, such as ``_QUEUE_FULL``; empty when it has none."""
    told = _told(error)
    return "" if told is None else str(told.name())
