"""The requests of Kafka's protocol by name, as far as a test may want to see or refuse them."""

from __future__ import annotations

from collections.abc import Mapping

from racto.core.errors import ConfigurationError

API_KEYS: Mapping[str, int] = {
    "Produce": 0, "Fetch": 1, "ListOffsets": 2, "Metadata": 3, "OffsetCommit": 8,
    "OffsetFetch": 9, "FindCoordinator": 10, "JoinGroup": 11, "Heartbeat": 12, "LeaveGroup": 13,
    "SyncGroup": 14, "ApiVersions": 18, "InitProducerId": 22, "AddPartitionsToTxn": 24,
    "AddOffsetsToTxn": 25, "EndTxn": 26, "TxnOffsetCommit": 28,
}  # fmt: skip
"""Number of each request; source: Kafka's protocol guide."""

_NAMES = {number: name for name, number in API_KEYS.items()}


def api_key(name: str) -> int:
    """The number of a request.

    Raises:
        ConfigurationError: If there is no request of this name.
    """
    if name not in API_KEYS:
        raise ConfigurationError(
            f"{name!r:.80} is no request of Kafka's; known are {', '.join(API_KEYS)}"
        )
    return API_KEYS[name]


def api_name(number: int) -> str:
    """The name of a request; its number as text when it has none here."""
    return _NAMES.get(number, str(number))
