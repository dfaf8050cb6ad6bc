"""A server between a program and a real API: it records once, and replays from then on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, NoReturn, TypeAlias

from racto.core.errors import ConfigurationError
from racto.testing.replies import Failure, Reply
from racto.testing.scripts import Rule
from racto.testing.server import LoopbackServer

from .player import Player
from .recorder import Recorder
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
    Nothing is written when the ``with`` block or an answer failed, or nothing was asked. While
    it records, the answer to a request is read whole before it goes on: a stream arrives at once.

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
        self._behind: Player | Recorder
        if _records(tape, mode, upstream):
            self._behind = Recorder(tape, scrubber, upstream=Upstream(upstream or ""))
        else:
            self._behind = Player(tape, scrubber, ignoring=ignoring)
        super().__init__(self._behind)

    @property
    def is_recording(self) -> bool:
        """Whether the real API is asked."""
        return isinstance(self._behind, Recorder)

    @property
    def default(self) -> NoReturn:
        """A recording has no default.

        Raises:
            ConfigurationError: Always.
        """
        raise _unscripted()

    @default.setter
    def default(self, answer: Reply | Failure) -> None:
        raise _unscripted()

    def add(self, *answers: Reply | Failure) -> NoReturn:
        """Refuse to be scripted; so do :meth:`say` and :meth:`fail`.

        Args:
            *answers: What a scripted server would answer.

        Raises:
            ConfigurationError: Always.
        """
        raise _unscripted()

    def when(self, rule: Rule) -> NoReturn:
        """Refuse to be scripted.

        Args:
            rule: What a scripted server would ask.

        Raises:
            ConfigurationError: Always.
        """
        raise _unscripted()

    def assert_all_used(self) -> None:
        """Check that every recording was asked for; while recording there is none.

        Raises:
            AssertionError: If some were not.
        """
        if isinstance(self._behind, Player) and (unused := self._behind.unused):
            told = ", ".join(f"{each.method} {each.path}" for each in unused)
            raise AssertionError(f"{len(unused)} recordings were never asked for: {told:.500}")

    def discard(self) -> None:
        """Forget what was recorded so far, as a test that failed should."""
        if isinstance(self._behind, Recorder):
            self._behind.discard()

    def close(self) -> None:
        """Stop, and write what was recorded.

        Raises:
            AssertionError: If a request had no recording.
            ConfigurationError: If the real API could not be reached.
        """
        try:
            super().close()
        except BaseException:
            self.discard()
            raise
        if isinstance(self._behind, Recorder):
            self._behind.write()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.discard()
        super().__exit__(kind, error, trace)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.discard()
        await super().__aexit__(kind, error, trace)


def _unscripted() -> ConfigurationError:
    return ConfigurationError(
        "a CassetteServer answers with its recording alone; to say what is answered, take a "
        "scripted server such as OpenAIServer"
    )


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
