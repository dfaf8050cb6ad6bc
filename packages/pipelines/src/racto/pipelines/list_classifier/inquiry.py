"""One text on its way to a result: shortlist, memory, caches, limiter, model, and what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import BadRequestError, RactoGatewayError
from racto.core.flows import Flow
from racto.core.messages import Message
from racto.core.responses import LLMResponse

from .attempts import Attempted, attempted, refused_field
from .caches import ReplyCaches
from .conversations import Conversations
from .decisions import Decision, decide
from .limits import Budget
from .plans import Plan, PlanBook
from .results import NO_USAGE, CacheHit, ClassifierResult, ClassifierUsage, assembled
from .settings import ClassifierSettings, Wishes
from .shortlists import Shortlister
from .voices import voice


class Inquiry:
    """Answers texts with one kit, under one set of settings.

    Args:
        kit: Whatever has ``chat`` or ``achat``.
        settings: The pipeline's settings.
        caches: Asked before the model; None for none.
        budget: Taken from before the model is asked; None for none.
        conversations: The memory; None for none.
        shortlister: Chooses options when there are many; None shows all.
    """

    def __init__(
        self,
        kit: Any,
        settings: ClassifierSettings,
        *,
        caches: ReplyCaches | None = None,
        budget: Budget | None = None,
        conversations: Conversations | None = None,
        shortlister: Shortlister | None = None,
    ) -> None:
        self._chat = voice(kit, "chat", role="kit")
        self._settings = settings
        self._caches = caches
        self._budget = budget
        self._conversations = conversations
        self._shortlister = shortlister
        self._book = PlanBook()
        self._refused: frozenset[str] = frozenset()

    def plan(
        self,
        options: tuple[str, ...],
        wishes: Wishes,
        descriptions: Mapping[str, str],
        path: Sequence[str] = (),
    ) -> Plan:
        """What is prepared for a set of options.

        Args:
            options: Checked options.
            wishes: What the call asks for.
            descriptions: What options mean.
            path: What was chosen on the stages before.
        """
        told = tuple(descriptions.get(option) for option in options) if descriptions else ()
        key = (options, told, wishes[1:4], tuple(path), self._refused)
        return self._book.plan(
            key,
            lambda: Plan(
                options,
                self._settings,
                mode=wishes.selection_mode,
                temperature=wishes.temperature,
                max_tokens=wishes.max_tokens,
                descriptions=descriptions,
                path=path,
                refused=self._refused,
            ),
        )

    def prepared(self, options: tuple[str, ...], descriptions: Mapping[str, str]) -> Flow[None]:
        """Embed the options once, where they are too many to be shown.

        Args:
            options: Checked options.
            descriptions: What they mean.
        """
        if self._shortlister is not None and len(options) > self._shortlister.size:
            yield from self._shortlister.index(options, descriptions)

    def answer(
        self,
        text: str,
        options: tuple[str, ...],
        wishes: Wishes,
        descriptions: Mapping[str, str],
        path: Sequence[str] = (),
    ) -> Flow[ClassifierResult]:
        """The result for one text.

        Args:
            text: What to classify, not blank.
            options: Checked options.
            wishes: What the call asks for.
            descriptions: What options mean.
            path: What was chosen on the stages before.

        Raises:
            RactoGatewayError: If the limiter refuses, the kit fails, or no reply fits.
        """
        shortlister = self._shortlister
        is_long = shortlister is not None and len(options) > shortlister.size
        if shortlister is not None and is_long:
            options = yield from shortlister.nearest(text, options, descriptions)
        plan = self.plan(options, wishes, descriptions, path)
        history: tuple[Message, ...] = ()
        if self._conversations is not None:
            history = yield from self._conversations.history(wishes.session_id)

        def read(reply: LLMResponse) -> Decision:
            return decide(reply, plan, self._settings, wishes.threshold)

        config = plan.request(text, history)
        # A reason may quote the text that it was given for, so near texts share none.
        scope = (wishes.user_id or "") if self._settings.include_reasoning else ""
        if self._caches is not None:
            found = yield from self._caches.find(config, scope, read)
            if found is not None:
                return _result(text, plan, found.decision, NO_USAGE, found.hit, is_long)
        asked = yield from self._asked(config, plan, wishes, read)
        if self._caches is not None:
            yield from self._caches.keep(config, scope, asked.reply)
        return _result(text, plan, asked.decision, asked.usage, None, is_long)

    def _asked(self, config: Any, plan: Plan, wishes: Wishes, read: Any) -> Flow[Attempted]:
        if self._budget is None:
            return (yield from self._spared(config, plan, read))
        reservation = yield from self._budget.take(wishes.user_id)
        try:
            asked = yield from self._spared(config, plan, read)
        except RactoGatewayError as error:
            used = error.usage.total_tokens if error.usage is not None else 0
            yield from self._budget.settle(reservation, used)
            raise
        yield from self._budget.settle(reservation, asked.usage.total_tokens)
        return asked

    def _spared(self, config: Any, plan: Plan, read: Any) -> Flow[Attempted]:
        """Ask, and again without a field that only the provider knew it cannot take."""
        retries = self._settings.max_retries
        while True:
            try:
                return (
                    yield from attempted(
                        self._chat, config, mode=plan.mode, max_retries=retries, read=read
                    )
                )
            except BadRequestError as error:
                field = refused_field(error, config)
                if field is None:
                    raise
                # Later calls leave it out from the start.
                self._refused |= {field}
                config = config.model_copy(update={field: None})


def _result(
    text: str,
    plan: Plan,
    decision: Decision,
    usage: ClassifierUsage,
    hit: CacheHit | None,
    shortlisted: bool,
) -> ClassifierResult:
    selected = decision.selected
    return assembled(
        ClassifierResult,
        {
            "user_query": text,
            "options_provided": list(plan.options),
            "selected": selected,
            "confidences": decision.confidences,
            "confidence_source": decision.source,
            "all_scores": decision.scores,
            "reasoning": decision.reasoning,
            "fuzzy_corrected": bool(decision.corrections),
            "corrections": decision.corrections,
            "uncertain": plan.uncertain is not None and plan.uncertain in selected,
            "below_threshold": decision.below,
            "path": None,
            "shortlisted": shortlisted,
            "deduplicated": False,
            "cache_hit": hit,
            "usage": usage,
            "error": None,
        },
    )
