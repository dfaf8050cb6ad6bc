"""From a question to rows: SQL by a model, checked, run, and mended until it works."""

from __future__ import annotations

from racto.core.chat import ChatConfig
from racto.core.errors import InvalidResponseError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.core.responses import LLMResponse
from racto.pipelines.errors import CannotAnswerError, QueryError, ReadOnlyViolationError

from .asking import ReplyShelf, asked
from .database import DatabaseConnectionError, QueryRows
from .drafts import Draft
from .gate import Admission
from .grounds import Grounds
from .prompts import mended_sql_task, sql_prompt, sql_task
from .replies import read_sql
from .reply_models import SQLWords
from .tracing import Observer


class Querist:
    """Asks a model for SQL until a statement has brought rows.

    Args:
        observer: Gets a span for each step.
        shelf: Replies that worked before.
        retries: Further statements to ask for when one is refused or fails.
        structured: Whether to ask for the statement as structured data.
    """

    def __init__(
        self, observer: Observer, *, shelf: ReplyShelf, retries: int, structured: bool
    ) -> None:
        self._observer = observer
        self._shelf = shelf
        self._retries = retries
        self._further = {"response_model": SQLWords} if structured else {}

    def rows(self, draft: Draft, grounds: Grounds, *, conversation: str) -> Flow[QueryRows]:
        """Put a statement and its rows into the draft, and return the rows.

        Raises:
            CannotAnswerError: If the model says that the schema does not hold the answer; it is
                believed at once.
            ReadOnlyViolationError: If the last statement was refused, too.
            QueryError: If the last statement failed, too, or the database cannot be reached.
            InvalidResponseError: If the last reply held no statement.
        """
        settings = draft.inquiry.sql
        task = sql_task(draft.inquiry.question, grounds.schema, conversation=conversation)
        default = sql_prompt(grounds.database.dialect)
        first = config = settings.request(task, default, **self._further)
        failure: RactoGatewayError | None = None
        attempt = 1
        while True:
            try:
                response = yield from self._reply(draft, config, attempt)
            except Exception as error:
                # What was wrong with the statement is the cause; that no other came, a remark.
                if failure is None:
                    raise
                failure.add_note(f"asking for another statement failed: {error}")
                raise failure from error
            failure = yield from self._tried(draft, grounds, response, attempt)
            if failure is None and draft.rows is not None:
                yield from self._shelf.keep(settings.kit, first, response)
                return draft.rows
            if failure is not None and attempt > self._retries:
                raise failure
            attempt += 1
            # From the first task, so that prompts do not grow with each attempt.
            mended = mended_sql_task(task, draft.attempts[-1].text, str(failure))
            config = settings.request(mended, default, **self._further)

    def _reply(self, draft: Draft, config: ChatConfig, attempt: int) -> Flow[LLMResponse]:
        draft.begin("sql", attempt=attempt)
        return (yield from self._observer.within("sql", self._asked(draft, config, attempt)))

    def _asked(self, draft: Draft, config: ChatConfig, attempt: int) -> Flow[LLMResponse]:
        kit = draft.inquiry.sql.kit
        if attempt == 1:
            found = yield from self._shelf.find(kit, config)
            if found is not None:
                return found
        return (yield from asked(draft, "sql", kit, config))

    def _tried(
        self, draft: Draft, grounds: Grounds, response: LLMResponse, attempt: int
    ) -> Flow[RactoGatewayError | None]:
        """Read, check and run a reply's statement; what was wrong with it, or None."""
        text = ""
        try:
            reply = read_sql(response)
            if reply.cannot_answer:
                raise CannotAnswerError(_reason(reply.reason))
            text = reply.sql
            draft.end()
            draft.begin("guard", attempt=attempt)
            admission = grounds.gate.admit(text)
            draft.end()
            draft.sql = admission.sql
            draft.rows = yield from self._run(draft, grounds, admission, attempt)
        # Another statement would not reach the database either.
        except DatabaseConnectionError:
            raise
        except (InvalidResponseError, ReadOnlyViolationError, QueryError) as error:
            draft.reject("sql", text, error)
            return error
        return None

    def _run(
        self, draft: Draft, grounds: Grounds, admission: Admission, attempt: int
    ) -> Flow[QueryRows]:
        draft.begin("query", attempt=attempt)
        rows = yield from self._observer.within("query", _fetched(grounds, admission))
        more = " (there are more)" if rows.truncated else ""
        draft.end(f"{rows.row_count} rows{more}")
        return rows


def _fetched(grounds: Grounds, admission: Admission) -> Flow[QueryRows]:
    database = grounds.database
    try:
        return (
            yield from step(
                database.query,
                database.aquery,
                admission.sql,
                limits=grounds.limits,
                policy=grounds.policy,
                masked=admission.masked,
            )
        )
    except DatabaseConnectionError:
        raise
    except (QueryError, ReadOnlyViolationError) as error:
        quiet = grounds.gate.hushed(error, admission)
        if quiet is error:
            raise
        # Without its cause, whose message still holds the value.
        raise quiet from None


def _reason(told: str) -> str:
    reason = told or "it gives no reason"
    return f"the model says that the schema does not answer this question: {reason}"
