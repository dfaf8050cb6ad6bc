"""One call from its arguments to its result: trees by stages, memory, notes, and safe mode."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow
from racto.core.secrets import redact

from .conversations import Conversations
from .inquiry import Inquiry
from .observation import Observer
from .options import OptionTree, below
from .plans import check_text
from .results import NO_USAGE, ClassifierResult, ClassifierUsage
from .settings import Wishes


class Calls:
    """Runs calls.

    Args:
        inquiry: Answers one text for one list of options.
        observer: Notes what came of each call.
        conversations: The memory; None for none.
        uncertain: The uncertain label, at which a tree is not followed further.
    """

    def __init__(
        self,
        inquiry: Inquiry,
        observer: Observer,
        *,
        conversations: Conversations | None,
        uncertain: str | None,
    ) -> None:
        self._inquiry = inquiry
        self._observer = observer
        self._is_observed = not observer.is_idle
        self._conversations = conversations
        self._uncertain = uncertain

    def call(
        self, text: str, wishes: Wishes, descriptions: Mapping[str, str]
    ) -> Flow[ClassifierResult]:
        """The result of one call.

        Args:
            text: What to classify.
            wishes: What is asked for.
            descriptions: What options mean.

        Raises:
            RactoGatewayError: If there is no answer, outside of safe mode.
        """
        if self._is_observed:
            return (yield from self._observed(text, wishes, descriptions))
        try:
            return (yield from self._answered(text, wishes, descriptions))
        except Exception as error:
            if not wishes.safe:
                raise
            return failed(text, wishes, error)

    def _observed(
        self, text: str, wishes: Wishes, descriptions: Mapping[str, str]
    ) -> Flow[ClassifierResult]:
        observer = self._observer
        begun = observer.now()
        with observer.span(wishes, text) as span:
            failure: Exception | None = None
            try:
                result = yield from self._answered(text, wishes, descriptions)
            except Exception as error:
                failure, result = error, failed(text, wishes, error)
            # What is raised below, the span sees by itself.
            if failure is None or wishes.safe:
                observer.note(span, result, error=failure)
            observer.measure(begun, result, error=failure)
            try:
                yield from observer.audit(begun, result, wishes, error=failure)
            except Exception as error:
                # A choice that could not be put on record is not handed out.
                if not wishes.safe:
                    raise
                return failed(text, wishes, failure or error)
            if failure is not None and not wishes.safe:
                raise failure
            return result

    def _answered(
        self, text: str, wishes: Wishes, descriptions: Mapping[str, str]
    ) -> Flow[ClassifierResult]:
        check_text(text)
        options = wishes.options
        if not options:
            raise ConfigurationError("there are no options; give them to the pipeline or the call")
        if isinstance(options, Mapping):
            result = yield from self._by_stages(text, options, wishes, descriptions)
        else:
            result = yield from self._inquiry.answer(text, tuple(options), wishes, descriptions)
        if self._conversations is not None:
            yield from self._conversations.add(wishes.session_id, text, result.as_string())
        return result

    def _by_stages(
        self, text: str, tree: OptionTree, wishes: Wishes, descriptions: Mapping[str, str]
    ) -> Flow[ClassifierResult]:
        """From the root of a tree to a leaf, a choice a level."""
        if wishes.selection_mode == "multiple":
            raise ConfigurationError(
                "a tree of options is followed along one path; give a list for several selections"
            )
        stages: list[ClassifierResult] = []
        path: list[str] = []
        level: OptionTree | tuple[str, ...] = tree
        # A leaf has nothing below it, so the path ends there.
        while level:
            stage = yield from self._inquiry.answer(
                text, tuple(level), wishes, descriptions, tuple(path)
            )
            stages.append(stage)
            chosen = stage.selected[0]
            if chosen == self._uncertain and chosen not in level:
                break
            path.append(chosen)
            level = below(level, chosen) if isinstance(level, Mapping) else ()
        return _joined(stages, path)


def failed(text: Any, wishes: Wishes, error: Exception) -> ClassifierResult:
    """The result of a call without an answer, for safe mode.

    Args:
        text: What was to be classified, whatever it was.
        wishes: What was asked for.
        error: Why there is no answer.
    """
    usage = getattr(error, "usage", None)
    return ClassifierResult(
        user_query=text if isinstance(text, str) else "",
        options_provided=list(wishes.options or ()),
        usage=ClassifierUsage(
            input_tokens=usage.prompt_tokens, output_tokens=usage.output_tokens, cost=usage.cost
        )
        if usage is not None
        else NO_USAGE,
        # Errors of racto's hold no secrets; those of a stranger's kit may.
        error=redact(f"{type(error).__name__}: {error}"),
    )


def _joined(stages: Sequence[ClassifierResult], path: list[str]) -> ClassifierResult:
    """One result of all stages: as sure as all of them together."""
    last = stages[-1]
    certain = [stage.confidences[0] for stage in stages if stage.confidences]
    sources = {stage.confidence_source for stage in stages}
    is_sure = len(certain) == len(stages)
    hits = {stage.cache_hit for stage in stages}
    costs = [stage.usage.cost for stage in stages if stage.usage is not NO_USAGE]
    usage = ClassifierUsage(
        input_tokens=sum(stage.usage.input_tokens for stage in stages),
        output_tokens=sum(stage.usage.output_tokens for stage in stages),
        retry_count=sum(stage.usage.retry_count for stage in stages),
        cost=None if None in costs else math.fsum(cost for cost in costs if cost is not None),
    )
    changes: dict[str, Any] = {
        "options_provided": [option for stage in stages for option in stage.options_provided],
        "confidences": [math.prod(certain)] if is_sure else None,
        # One told by the model makes the product no better than told.
        "confidence_source": ("model" if "model" in sources else "logprobs") if is_sure else None,
        "corrections": {key: wrote for stage in stages for key, wrote in stage.corrections.items()},
        "fuzzy_corrected": any(stage.fuzzy_corrected for stage in stages),
        "below_threshold": any(stage.below_threshold for stage in stages),
        "shortlisted": any(stage.shortlisted for stage in stages),
        "path": path,
        # Only what came from caches alone is a hit.
        "cache_hit": None if None in hits else "semantic" if "semantic" in hits else "exact",
        "usage": usage,
    }
    return last.model_copy(update=changes)
