"""From rows to findings: analysis code by a model, run where it can do no harm."""

from __future__ import annotations

from racto.core.chat import ChatConfig
from racto.core.errors import InvalidResponseError, RactoGatewayError
from racto.core.flows import Flow, step
from racto.pipelines.errors import SandboxError, SandboxUnavailableError

from .asking import asked
from .database import QueryRows
from .drafts import Draft
from .excerpts import rows_excerpt
from .prompts import code_prompt, code_task, mended_code_task
from .replies import read_code
from .sandbox import AnalysisSandbox, SandboxResult
from .settings import AnalysisEngine
from .tracing import Observer


class Analyser:
    """Asks a model for analysis code, and once more when it fails.

    Args:
        observer: Gets a span for each step.
        engine: The library of the code.
        retries: Further pieces of code to ask for when one is refused or fails.
    """

    def __init__(self, observer: Observer, *, engine: AnalysisEngine, retries: int) -> None:
        self._observer = observer
        self._engine = engine
        self._retries = retries

    def findings(self, draft: Draft, rows: QueryRows, sandbox: AnalysisSandbox) -> Flow[None]:
        """Put code and outcome into the draft.

        Raises:
            SandboxError: If the last code was refused, failed, or was stopped.
            InvalidResponseError: If the last reply held no code.
        """
        settings, question = draft.inquiry.pandas, draft.inquiry.question
        types = [(name, str(kind)) for name, kind in rows.frame.schema.items()]
        # The model sees a part of the rows; its code gets all of them.
        shown = rows_excerpt(rows.frame, truncated=rows.truncated)
        task = code_task(question, types, shown)
        default = code_prompt(self._engine)
        config = settings.request(task, default)
        failure: RactoGatewayError | None = None
        attempt = 1
        while True:
            draft.begin("analysis", attempt=attempt)
            flow = self._tried(draft, config, rows, sandbox, attempt)
            try:
                failed = yield from self._observer.within("analysis", flow)
            # The code that failed is the cause; that no other came, a remark.
            except Exception as error:
                if failure is None:
                    raise
                failure.add_note(f"asking for other code failed: {error}")
                raise failure from error
            if failed is None:
                draft.end()
                return
            if attempt > self._retries:
                raise failed
            failure = failed
            attempt += 1
            mended = mended_code_task(task, draft.attempts[-1].text, str(failure))
            config = settings.request(mended, default)

    def _tried(
        self,
        draft: Draft,
        config: ChatConfig,
        rows: QueryRows,
        sandbox: AnalysisSandbox,
        attempt: int,
    ) -> Flow[RactoGatewayError | None]:
        """Ask for code and run it; what was wrong with it, or None."""
        code = ""
        # Outside the try: errors of a kit are no reason to ask it for other code.
        response = yield from asked(draft, "pandas", draft.inquiry.pandas.kit, config)
        try:
            code = draft.fields["pandas_code"] = read_code(response)
            done: SandboxResult = yield from step(sandbox.run, sandbox.arun, code, rows.frame)
        # Other code would find the same platform.
        except SandboxUnavailableError:
            raise
        except (InvalidResponseError, SandboxError) as error:
            draft.reject("analysis", code, error)
            return error
        draft.fields["pandas_result"] = done.value
        return None
