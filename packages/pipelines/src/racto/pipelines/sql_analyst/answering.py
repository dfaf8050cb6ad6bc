"""From rows and findings to an answer in Markdown, whose numbers are held against the data."""

from __future__ import annotations

from functools import partial

from racto.core.errors import ConfigurationError, ContentFilterError, InvalidResponseError
from racto.core.flows import Flow
from racto.core.responses import FinishReason, LLMResponse

from .answers import CheckedAnswer, check_answer
from .asking import asked
from .database import QueryRows
from .drafts import Draft
from .excerpts import rows_excerpt, value_excerpt
from .prompts import FOLLOW_UPS, answer_prompt, answer_task
from .replies import whole_text
from .tracing import Observer
from .voices import offload


class Respondent:
    """Asks a model to put the result into words.

    Args:
        observer: Gets a span for the step.
        follow_ups: How many further questions the model is to propose.
    """

    def __init__(self, observer: Observer, *, follow_ups: int) -> None:
        self._observer = observer
        self._follow_ups = follow_ups

    def answer(self, draft: Draft, rows: QueryRows, *, conversation: str) -> Flow[None]:
        """Put the answer into the draft.

        Raises:
            ContentFilterError: If the model or its provider refused.
            InvalidResponseError: If the reply is empty.
        """
        draft.begin("answer")
        yield from self._observer.within("answer", self._written(draft, rows, conversation))
        draft.end()

    def _written(self, draft: Draft, rows: QueryRows, conversation: str) -> Flow[None]:
        settings = draft.inquiry.answer
        outcome = draft.fields.get("pandas_result")
        task = answer_task(
            draft.inquiry.question,
            draft.sql,
            rows_excerpt(rows.frame, truncated=rows.truncated),
            analysis="" if outcome is None else value_excerpt(outcome),
            conversation=conversation,
        )
        config = settings.request(task, answer_prompt(self._follow_ups))
        response = yield from asked(draft, "answer", settings.kit, config)
        text, questions = split_follow_ups(_answer(response))
        checked = yield from self._checked(draft, text, rows)
        draft.fields |= {
            "answer": checked.text,
            "unsupported_numbers": tuple(number.text for number in checked.marked),
            "follow_ups": questions[: self._follow_ups],
            "is_answer_whole": response.finish_reason.is_complete,
        }

    def _checked(self, draft: Draft, text: str, rows: QueryRows) -> Flow[CheckedAnswer]:
        question, outcome = draft.inquiry.question, draft.fields.get("pandas_result")
        check = partial(check_answer, text, rows.frame, question=question)
        try:
            checked: CheckedAnswer = yield from offload(check, frames=[outcome])
        except ConfigurationError:
            # Code may leave what goes into no table; the answer is held against the rows alone.
            checked = yield from offload(check)
        return checked


def split_follow_ups(answer: str) -> tuple[str, tuple[str, ...]]:
    """The answer, and the questions below the heading that was asked for.

    Args:
        answer: The model's reply.

    Returns:
        The answer without them, and the questions in their order.
    """
    text, heading, below = answer.rpartition(FOLLOW_UPS)
    if not heading:
        return answer.strip(), ()
    lines = (line.strip() for line in below.splitlines())
    questions = tuple(line[2:].strip() for line in lines if line.startswith(("- ", "* ")))
    # Without questions below it the heading is part of some other text.
    return (text.strip(), questions) if questions else (answer.strip(), ())


def _answer(response: LLMResponse) -> str:
    try:
        return whole_text(response)
    except ContentFilterError:
        raise
    except InvalidResponseError:
        # Half of an answer is paid for, and says something; half of a statement does not.
        if response.finish_reason is FinishReason.LENGTH and (response.content or "").strip():
            return response.content or ""
        raise
