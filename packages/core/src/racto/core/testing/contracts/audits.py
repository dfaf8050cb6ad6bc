"""The contract of audit loggers: every exchange is kept, whole and in its user's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from racto.core.protocols.audits import AuditLogger

from .contract import Contract
from .voices import Voice


class AuditLoggerContract(Contract, subject="audit", protocol=AuditLogger):
    """All laws of an audit logger.

    Give a fixture ``audit``, and override :meth:`records` to read back what was logged.
    """

    def records(self, audit: Any) -> Sequence[Mapping[str, Any]]:
        """What was logged, as it stands after ``close``, oldest first.

        Each record is a mapping with ``user_id``, ``model``, ``prompt``, ``response`` and
        ``metadata``.

        The default reads ``audit.records``, and skips the law where there is none.
        """
        if not hasattr(audit, "records"):
            pytest.skip("override records() to have what was logged checked")
        found: Sequence[Mapping[str, Any]] = audit.records
        return found

    def test_exchange_is_kept_whole(self, audit: AuditLogger, voice: Voice) -> None:
        """All fields arrive as they were given, Unicode and nested metadata included.

        If this fails: serialise the record once, as JSON, and cut nothing.
        """
        # Characters that end a line in some formats must not end a record.
        exchange = {
            "user_id": "ann", "model": "m-1", "prompt": "Grüße 👋\n\u2028", "response": "x" * 10_000,
            "metadata": {"cost": 0.25, "tags": ["a", None], "deep": {"ok": True}},
        }  # fmt: skip
        voice(audit, "log", **exchange)
        voice(audit, "close")
        found = self.records(audit)
        assert len(found) == 1
        assert {key: found[0][key] for key in exchange} == exchange

    def test_metadata_may_be_left_out(self, audit: AuditLogger, voice: Voice) -> None:
        """Metadata is optional, and empty texts are fine.

        If this fails: treat None as no facts.
        """
        # A refused or failed request has no reply to record, and is recorded all the same.
        voice(audit, "log", user_id="ann", model="m-1", prompt="", response="")
        voice(audit, "close")
        assert len(self.records(audit)) == 1

    def test_order_is_kept(self, audit: AuditLogger, voice: Voice) -> None:
        """Records of one user keep their order.

        If this fails: use the user's id as the key that orders records.
        """
        # Two users take turns: only within one of them is an order promised.
        for number in range(20):
            voice(
                audit, "log", user_id=f"u{number % 2}", model="m", prompt=str(number), response=""
            )
        voice(audit, "close")
        for user in ("u0", "u1"):
            mine = [int(r["prompt"]) for r in self.records(audit) if r["user_id"] == user]
            assert mine == sorted(mine)
            assert len(mine) == 10

    def test_records_are_not_followed(self, audit: AuditLogger, voice: Voice) -> None:
        """A record does not change when the caller's metadata does.

        If this fails: serialise or copy the metadata before returning from ``log``.
        """
        metadata: dict[str, Any] = {"tags": ["a"]}
        voice(audit, "log", user_id="u", model="m", prompt="p", response="r", metadata=metadata)
        # Loggers hand records to a thread, which must not see what the caller does next.
        metadata["tags"].append("b")
        voice(audit, "close")
        assert self.records(audit)[0]["metadata"] == {"tags": ["a"]}

    def test_closing_loses_nothing(self, audit: AuditLogger, voice: Voice) -> None:
        """Closing writes what is buffered; doing it twice is fine and writes nothing twice.

        If this fails: flush before the connection is closed, and empty the buffer as it is
        written.
        """
        # Enough records to fill more than one buffer of a batching logger.
        for number in range(50):
            voice(audit, "log", user_id="u", model="m", prompt=str(number), response="")
        voice(audit, "close")
        voice(audit, "close")
        assert [int(record["prompt"]) for record in self.records(audit)] == list(range(50))
