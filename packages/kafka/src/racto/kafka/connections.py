"""What a client says about its connections: logged once, and raised where nothing else would tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from racto.core.errors import RactoGatewayError

from .clients import LOGGER
from .failures import failure, name_of

# A client that cannot connect says so many times a second.
_SILENCE_SECONDS = 30.0

_DOWN = "_ALL_BROKERS_DOWN"
_REFUSED = frozenset(("_AUTHENTICATION", "_SSL", "_RESOLVE", "SASL_AUTHENTICATION_FAILED"))


class ConnectionLog:
    """Takes the errors that belong to no record and no partition.

    Attributes:
        is_up: Whether a broker has been reached; an outage then ends by itself and is not raised.
    """

    def __init__(self) -> None:
        self.is_up = False
        self._last: Any = None
        self._reason = ""
        self._said: dict[str, float] = {}
        self._fatal: RactoGatewayError | None = None

    def note(self, error: Any) -> None:
        """What librdkafka calls as ``error_cb``."""
        name = error.name()
        # That all brokers are down follows from why the last one is, which was told before.
        if name != _DOWN or not self._reason:
            self._reason = f"{name}: {error.str()}"
        if name == _DOWN or name in _REFUSED:
            self._last = error
        if error.fatal():
            self._fatal = failure(error, "running the client")
        now = time.monotonic()
        if now - self._said.get(name, -_SILENCE_SECONDS) >= _SILENCE_SECONDS:
            self._said[name] = now
            LOGGER.warning("Kafka's client: %s: %s", name, error.str())

    def because(self) -> str:
        """What it said last, to go into an error's message."""
        return f" (the client's last error: {self._reason})" if self._reason else ""

    def check(self) -> None:
        """Raise what keeps the client from ever having reached a broker, and each error once.

        Raises:
            RactoGatewayError: If it has reached none, or has failed for good.
        """
        if self._fatal is not None:
            raise self._fatal
        error, self._last = self._last, None
        if error is not None and not self.is_up:
            raise failure(error, f"connecting{self.because()}")


def commits_told(
    theirs: Callable[[Any, Any], object] | None,
) -> Callable[[Any, Sequence[Any]], None]:
    """What librdkafka calls after a commit that nobody waits for: a failure goes to the log.

    Args:
        theirs: The user's own callback, which is called as well.
    """

    def note(error: Any, partitions: Sequence[Any]) -> None:
        errors = [error] if error is not None else [p.error for p in partitions or () if p.error]
        if errors and name_of(errors[0]) != "_NO_OFFSET":
            LOGGER.warning(
                "a commit nobody waits for: %s", failure(errors[0], "committing offsets")
            )
        if theirs is not None:
            theirs(error, partitions)

    return note
