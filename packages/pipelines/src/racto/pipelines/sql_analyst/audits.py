"""What an audit log gets to know of a run: question, statements, answer, and no frame of rows."""

from __future__ import annotations

from typing import Any

from racto.core.flows import Flow
from racto.core.protocols.audits import AuditLogger

from .results import SQLAnalystResult
from .voices import ask


class AuditDesk:
    """Writes one record a run, failed ones and refused statements included.

    Args:
        logger: Any audit logger; None for none.
    """

    def __init__(self, logger: AuditLogger | None) -> None:
        self._logger = logger

    def record(self, result: SQLAnalystResult, *, user_id: str | None, model: str) -> Flow[None]:
        """Write the record; an error of the logger is raised, for a log with gaps is none.

        Args:
            result: What the run came to.
            user_id: Who asked.
            model: Which model wrote the SQL.
        """
        if self._logger is None:
            return
        yield from ask(
            self._logger,
            "log",
            user_id=user_id or "",
            model=model,
            prompt=result.user_query,
            response=result.error or result.answer or f"{result.row_count} rows",
            metadata=_facts(result),
        )


def _facts(result: SQLAnalystResult) -> dict[str, Any]:
    return {
        "operation": "sql_analyst",
        "dialect": result.dialect,
        "sql": result.sql_query,
        "rows": result.row_count,
        "columns": list(result.columns),
        "masked_columns": list(result.masked_columns),
        "truncated_by": result.truncated_by,
        "rejected": [attempt.model_dump() for attempt in result.attempts],
        "error_type": result.error_type,
        "session_id": result.session_id,
        "tokens": result.usage.total_tokens,
        "cost": result.usage.cost,
    }
