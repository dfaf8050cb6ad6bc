"""The run itself, step after step, written once for both voices."""

from __future__ import annotations

from typing import Any

from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow

from .analysis import Analyser
from .answering import Respondent
from .audits import AuditDesk
from .charting import Draughtsman
from .conversations import Conversations
from .database import QueryRows
from .drafts import Draft
from .grounds import Connection, DatabaseShelf, Grounds, Surveyor
from .limits import Turnstile
from .querying import Querist
from .results import SQLAnalystResult
from .settings import Inquiry
from .tracing import Observer
from .workshop import Workshop


class Analyst:
    """Answers questions with parts that were put together by the pipeline.

    Args:
        turnstile: Lets runs in.
        shelf: The open databases.
        surveyor: Reads schemas.
        querist: From the question to rows.
        analyser: From rows to findings.
        respondent: From rows and findings to words.
        draughtsman: From rows to a figure.
        conversations: What was said before.
        audit: Keeps a record.
        observer: Traces and measures.
        workshop: Makes the sandbox.
        safe_mode: Whether errors are put into the result instead of being raised.
    """

    def __init__(
        self,
        *,
        turnstile: Turnstile,
        shelf: DatabaseShelf,
        surveyor: Surveyor,
        querist: Querist,
        analyser: Analyser,
        respondent: Respondent,
        draughtsman: Draughtsman,
        conversations: Conversations,
        audit: AuditDesk,
        observer: Observer,
        workshop: Workshop,
        safe_mode: bool,
    ) -> None:
        self._turnstile = turnstile
        self._shelf = shelf
        self._surveyor = surveyor
        self._querist = querist
        self._analyser = analyser
        self._respondent = respondent
        self._draughtsman = draughtsman
        self._conversations = conversations
        self._audit = audit
        self._observer = observer
        self._workshop = workshop
        self._safe_mode = safe_mode

    def run(self, inquiry: Inquiry, connection: Connection) -> Flow[SQLAnalystResult]:
        """The steps of one run, audited and measured however it ends."""
        draft = Draft(inquiry)
        failure: BaseException | None = None
        try:
            facts = self._observer.facts(draft)
            yield from self._observer.within("run", self._charged(draft, connection), facts)
        # Nothing may be awaited any more when a driver closes the flow.
        except GeneratorExit:
            raise
        except BaseException as error:
            failure = error
            draft.fail(error)
        result = draft.result(failure)
        self._observer.measure(draft, result, failure)
        try:
            yield from self._audit.record(
                result, user_id=inquiry.user_id, model=getattr(inquiry.sql.kit, "model", "")
            )
        except Exception as error:
            # The first error is the one to tell of; a lost record alone is an error too.
            if failure is None:
                failure, result = error, draft.result(error)
            else:
                failure.add_note(f"and the audit log failed: {error}")
        if failure is None or (self._safe_mode and isinstance(failure, Exception)):
            return result
        # Who catches it can still book what the run had used.
        if isinstance(failure, RactoGatewayError):
            failure.usage = draft.usage.total
        raise failure

    def _charged(self, draft: Draft, connection: Connection) -> Flow[None]:
        ticket = yield from self._turnstile.enter(draft.inquiry.user_id)
        try:
            yield from self._steps(draft, connection)
        finally:
            yield from self._turnstile.leave(ticket, draft.usage.total_tokens)

    def _steps(self, draft: Draft, connection: Connection) -> Flow[None]:
        inquiry = draft.inquiry
        sandbox: Any = None
        if inquiry.run_pandas:
            # A platform that cannot lock it down is told of before anything is paid for.
            sandbox = yield from self._workshop.sandbox()
        draft.begin("schema")
        survey = self._surveyed(draft, connection)
        grounds: Grounds = yield from self._observer.within("schema", survey)
        draft.end()
        # Later than the schema: a database that is down asks no memory.
        conversation = yield from self._conversations.recall(inquiry.session_id)
        rows: QueryRows = yield from self._querist.rows(draft, grounds, conversation=conversation)
        if inquiry.run_pandas:
            yield from self._analyser.findings(draft, rows, sandbox)
        if inquiry.run_answer:
            yield from self._respondent.answer(draft, rows, conversation=conversation)
        yield from self._draughtsman.chart(draft, rows)
        # Kept last, so that a run that failed is no part of the conversation.
        said = draft.fields.get("answer") or f"{rows.row_count} rows"
        yield from self._conversations.keep(
            inquiry.session_id, inquiry.question, sql=draft.sql, answer=said
        )

    def _surveyed(self, draft: Draft, connection: Connection) -> Flow[Grounds]:
        database = yield from self._shelf.database(connection)
        draft.fields["dialect"] = database.dialect
        grounds = yield from self._surveyor.grounds(
            database,
            question=draft.inquiry.question,
            schema=draft.inquiry.schema,
            max_rows=draft.inquiry.max_rows,
        )
        draft.fields["schema_used"] = grounds.schema
        return grounds
