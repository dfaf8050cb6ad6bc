"""A server between a program and a real API: it records once, and replays from then on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal, TypeAlias

from racto.core.errors import ConfigurationError
from racto.testing.server import LoopbackServer

from .player import Player, Recorder
from .scrubbing import Scrubber
from .tape import Tape
from .upstream import Upstream

Mode: TypeAlias = Literal["auto", "replay", "record"]
VARIABLE = "RACTO_CASSETTES"
"""Environment variable that overrides the mode; set it to ``replay`` where no network may be used."""


class CassetteServer(LoopbackServer):
    """Replays a recording, or makes it; any client with a base URL can stand before it.

    Give ``url`` as the base URL and, while recording, the provider's real key to the client. The
    file holds no key: headers are left out but for a few harmless ones, and secrets that are
    known by their field, their shape or by ``secrets`` are cut out of bodies. Still, read a
    recording before it is committed: it holds what was said.

    Closing it writes a new recording, and in replay raises for requests that nothing matched.

    Args:
        path: The recording, a JSON file.
        upstream: Root of the real API, for example ``https://api.openai.com/v1``; needed to
            record.
        mode: ``auto`` replays when the file is there and records it when not; ``replay`` and
            ``record`` do as they say. ``RACTO_CASSETTES`` overrides it.
        secrets: Further values that must not be kept.
        ignoring: Fields of JSON bodies that may differ between recording and replay, for
            example ``metadata.run``; lists are looked through.

    Raises:
        ConfigurationError: If there is nothing to replay, no API to record, or the file is no
            recording.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        upstream: str | None = None,
        mode: Mode = "auto",
        secrets: Sequence[str] = (),
        ignoring: Sequence[str] = (),
    ) -> None:
        tape, scrubber = Tape(path), Scrubber(secrets)
        self._is_recording = _records(tape, mode, upstream)
        self._tape_end: Player | Recorder
        if self._is_recording:
            self._tape_end = Recorder(tape, scrubber, upstream=Upstream(upstream or ""))
        else:
            self._tape_end = Player(tape, scrubber, ignoring=ignoring)
        super().__init__(self._tape_end)

    @property
    def is_recording(self) -> bool:
        """Whether the real API is asked."""
        return self._is_recording

    def close(self) -> None:
        """Stop, and write what was recorded.

        Raises:
            AssertionError: If a request had no recording.
        """
        try:
            super().close()
        finally:
            self._tape_end.close()


def _records(tape: Tape, mode: str, upstream: str | None) -> bool:
    wanted = os.environ.get(VARIABLE) or mode
    if wanted not in ("auto", "replay", "record"):
        raise ConfigurationError(f"the mode must be auto, replay or record, not {wanted!r}")
    records = wanted == "record" or (wanted == "auto" and not tape.path.exists())
    if records and not upstream:
        raise ConfigurationError(
            f"{tape.path} must be recorded first: give upstream=, the API's root"
        )
    if not records and not tape.path.exists():
        raise ConfigurationError(f"there is no recording {tape.path}; record it with mode='record'")
    return records
