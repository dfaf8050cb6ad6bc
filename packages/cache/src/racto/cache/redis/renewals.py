"""Keeps the leads of long calls: each is renewed on Redis until its call has ended."""

from __future__ import annotations

import threading
import time
from typing import Any

from racto.core.errors import RactoGatewayError

from .gates import RedisGate
from .scripts import Script

RELEASE = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
""")
"""Removes a lead if it is still the caller's. Takes its key and the caller's token."""

EXTEND = Script("""
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
""")
"""Renews a lead if it is still the caller's. Takes its key, the token and milliseconds."""


class Renewals:
    """The leads that a process holds, renewed by one thread that ends when there are none.

    So a process that dies holds the others up for one ``lead_seconds``, however long calls take.

    Args:
        gate: The Redis.
        lead_seconds: Seconds that a lead lasts; each is renewed three times in it.
        longest: Seconds after which a lead is left to end, whatever its call does: a caller who
            forgot it must not hold the others up for ever.
    """

    def __init__(self, gate: RedisGate, *, lead_seconds: float, longest: float) -> None:
        self._gate, self._longest = gate, longest
        self._pause = lead_seconds / 3
        self.milliseconds = max(1, round(lead_seconds * 1000))
        self._lock = threading.Lock()
        self._held: dict[str, tuple[bytes, float]] = {}
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """Leads that are held."""
        return len(self._held)

    def hold(self, key: bytes, token: str) -> None:
        """Renew a lead from now on.

        Args:
            key: Where it lies.
            token: What it holds.
        """
        with self._lock:
            self._held[token] = key, time.monotonic() + self._longest
            # After a fork the thread is there and not alive.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="racto-cache-renewals", daemon=True
                )
                self._thread.start()

    def drop(self, token: str) -> None:
        """Renew a lead no longer.

        Args:
            token: What it holds.
        """
        with self._lock:
            self._held.pop(token, None)

    def clear(self) -> None:
        """Renew none of them any longer."""
        with self._lock:
            self._held.clear()

    def _work(self) -> None:
        while True:
            time.sleep(self._pause)
            with self._lock:
                now = time.monotonic()
                self._held = {name: each for name, each in self._held.items() if each[1] > now}
                if not self._held:
                    self._thread = None
                    return
                due = [(key, token) for token, (key, _) in self._held.items()]
            for key, token in due:
                self._renew(key, token)

    def _renew(self, key: bytes, token: str) -> None:
        arguments = [token.encode(), b"%d" % self.milliseconds]

        def work(client: Any) -> Any:
            return EXTEND.run(client, [key], arguments)

        try:
            is_ours = self._gate.call(work, otherwise=1)
        except RactoGatewayError as error:
            # Where failures are raised, the caller meets this one at his own next step.
            self._gate.note(error.message, type(error).__name__)
            return
        if not is_ours:
            self.drop(token)
