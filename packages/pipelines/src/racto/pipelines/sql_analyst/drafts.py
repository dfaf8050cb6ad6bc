"""A run while it goes on: what has been found so far, ready to be handed out at any moment."""

from __future__ import annotations

from typing import Any

from racto.core.errors import RactoGatewayError
from racto.core.secrets import redact
from racto.core.usage import Usage

from .attempts import Attempt
from .database import QueryRows
from .progress import StepName, Stopwatch
from .results import SQLAnalystResult
from .settings import Inquiry
from .usage import PaidStep, PipelineUsage


class Draft:
    """Collects what the steps of one run find.

    Args:
        inquiry: The question.
    """

    def __init__(self, inquiry: Inquiry) -> None:
        self.inquiry = inquiry
        self.watch = Stopwatch(inquiry.listener)
        self.usage = PipelineUsage()
        self.step: StepName | None = None
        self.rows: QueryRows | None = None
        self.sql = ""
        self._attempt = 1
        self._failed: tuple[StepName, int] | None = None
        self.attempts: list[Attempt] = []
        self.fields: dict[str, Any] = {}

    def begin(self, step: StepName, *, attempt: int = 1) -> None:
        """A step begins; an error from now on is its own."""
        self.step = step
        self._attempt = attempt
        self.watch.start(step, attempt=attempt)

    def end(self, detail: str = "") -> None:
        """The step that began last has ended well."""
        if self.step is not None:
            self.watch.done(self.step, detail, attempt=self._attempt)
        self.step = None

    def spend(self, step: PaidStep, used: Usage | None) -> None:
        """Add what one call of a model has used."""
        if used is not None:
            self.usage = self.usage.plus(step, used)

    def reject(self, step: str, text: str, error: Exception) -> None:
        """Note a statement or code that did not lead on, and why."""
        told = Attempt(step=step, text=text, reason=str(error), error_type=type(error).__name__)
        self.attempts.append(told)
        self.fail(error)

    def fail(self, error: BaseException) -> None:
        """The step that began last has failed; a second word about it changes nothing."""
        if self.step is not None and self._failed != (self.step, self._attempt):
            self._failed = (self.step, self._attempt)
            self.watch.failed(self.step, str(error), attempt=self._attempt)

    def result(self, error: BaseException | None = None) -> SQLAnalystResult:
        """Everything found so far, with what went wrong if something did."""
        # A copy: an error after this one may ask for the result once more.
        fields = dict(self.fields)
        if self.rows is not None:
            fields |= {
                "frame": self.rows.frame,
                "columns": list(self.rows.columns),
                "row_count": self.rows.row_count,
                "truncated_by": self.rows.truncated_by,
                "masked_columns": self.rows.masked,
            }
        if error is not None:
            fields |= {
                "error": _told(error),
                "error_type": type(error).__name__,
                "failed_step": self.step or "",
            }
        return SQLAnalystResult(
            user_query=self.inquiry.question,
            sql_query=self.sql,
            usage=self.usage,
            attempts=tuple(self.attempts),
            session_id=self.inquiry.session_id,
            timings=self.watch.seconds,
            **fields,
        )


def _told(error: BaseException) -> str:
    # racto's own messages are clean; those of a kit or a memory that is not racto's may not be.
    text = str(error) if isinstance(error, RactoGatewayError) else redact(str(error))
    return text or type(error).__name__
