"""ListClassifierPipeline: a text in, one or more of a list's options out, checked and explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from racto.core import discovery, flows
from racto.core.prompts import RactoPrompt
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer

from .batches import Progress
from .enums import enum_of
from .evaluation.report import EvaluationReport
from .evaluation.trial import Labelled, Trial
from .options import Options
from .ownership import KitHolder
from .requests import Given, Requests
from .selections import OptionHolder, Selections
from .settings import OMITTED, ClassifierSettings, Omitted, OutputFormat, SelectionMode
from .wiring import wired

_P = TypeVar("_P", bound="ListClassifierPipeline")


class ListClassifierPipeline(OptionHolder, KitHolder):
    """Maps texts to options of a list, with any kit; safe to share between threads and tasks.

    Beyond the reference: options of any text, trees of options, shortlists, thresholds by label,
    confidences from log-probabilities, caches that know the options, and evaluation.

    Args:
        kit: Whatever has ``chat`` or ``achat``, as each ``ChatKit`` has both.
        options: Different texts, or a tree of them; None when each call brings its own.
        selection_mode: ``single`` for exactly one option, ``multiple`` for one or more.
        output_format: ``pydantic``, ``string`` or ``dict``.
        prompt: Replaces the built-in instructions; the options are added to it.
        temperature: Sampling temperature; left out for models that take none.
        max_tokens: Most tokens of a reply.
        max_retries: How often the model is asked again when its reply does not fit.
        include_confidence: Ask for confidences, and for log-probabilities where there are any.
        include_reasoning: Ask for a reason in one sentence.
        score_all: Ask for a score of every option.
        option_descriptions: What options mean, for the model and for the shortlist.
        fuzzy_fallback: Correct slips in a reply before asking again; never into an opposite.
        uncertain_label: An option more, for texts that fit none of the others.
        confidence_threshold: Drop selections that the model is less sure of; the best stays.
        case_sensitive: Whether ``billing`` is another word than ``Billing``.
        safe_mode: Return errors on the result instead of raising them.
        exact_cache: Keeps ``ExactCache``.
        semantic_cache: Keeps ``SimilarityCache``.
        audit_logger: Keeps ``AuditLogger``.
        tracer: Keeps ``Tracer``.
        metrics: Keeps ``Metrics``.
        rate_limiter: Keeps ``RateLimiter``; with ``Reserving``, what was used is counted.
        memory: Keeps ``ChatMemory``.
        user_id: Who asks when a call does not say.
        label_thresholds: Least confidence by option, before ``confidence_threshold``. With
            ``score_all`` and several selections, an option that reaches its own is selected.
        option_examples: Texts that belong to an option, for the model and for the shortlist.
        embedder: Shortlists the options when there are more than ``shortlist_size``.
        shortlist_size: How many options the model is shown then.
        use_logprobs: Whether to ask for log-probabilities at all.
        audit_content: Whether audit records hold the texts and the reasons.

    Raises:
        ConfigurationError: If a setting is out of range, or a service lacks a method.
    """

    def __init__(
        self,
        kit: Any,
        *,
        options: Options | None = None,
        selection_mode: SelectionMode = "single",
        output_format: OutputFormat = "pydantic",
        prompt: RactoPrompt | None = None,
        temperature: float = 0.0,
        max_tokens: int = 512,
        max_retries: int = 2,
        include_confidence: bool = True,
        include_reasoning: bool = False,
        score_all: bool = False,
        option_descriptions: Mapping[str, str] | None = None,
        fuzzy_fallback: bool = True,
        uncertain_label: str | None = None,
        confidence_threshold: float | None = None,
        case_sensitive: bool = False,
        safe_mode: bool = False,
        exact_cache: Any = None,
        semantic_cache: Any = None,
        audit_logger: Any = None,
        tracer: Tracer | None = None,
        metrics: Metrics | None = None,
        rate_limiter: Any = None,
        memory: Any = None,
        user_id: str | None = None,
        label_thresholds: Mapping[str, float] | None = None,
        option_examples: Mapping[str, Sequence[str]] | None = None,
        embedder: Embedder | None = None,
        shortlist_size: int = 20,
        use_logprobs: bool = True,
        audit_content: bool = False,
    ) -> None:
        self._kit = kit
        # Checked as a whole and never changed, so that calls may share it without a lock.
        self._settings = ClassifierSettings(
            selection_mode=selection_mode,
            output_format=output_format,
            prompt=prompt,
            temperature=temperature,
            max_tokens=max_tokens,
            max_retries=max_retries,
            include_confidence=include_confidence,
            include_reasoning=include_reasoning,
            score_all=score_all,
            fuzzy_fallback=fuzzy_fallback,
            uncertain_label=uncertain_label,
            confidence_threshold=confidence_threshold,
            label_thresholds=dict(label_thresholds or {}),
            case_sensitive=case_sensitive,
            safe_mode=safe_mode,
            examples=dict(option_examples or {}),
            shortlist_size=shortlist_size,
            use_logprobs=use_logprobs,
            audit_content=audit_content,
            user_id=user_id,
        )
        self._selections = Selections(options, option_descriptions)
        calls, inquiry = wired(
            kit,
            self._settings,
            exact_cache=exact_cache,
            semantic_cache=semantic_cache,
            audit_logger=audit_logger,
            tracer=tracer,
            metrics=metrics,
            rate_limiter=rate_limiter,
            memory=memory,
            embedder=embedder,
        )
        self._requests = Requests(
            self._settings,
            self._selections,
            calls=calls,
            inquiry=inquiry,
            has_memory=memory is not None,
        )

    @classmethod
    def from_provider(
        cls: type[_P],
        provider: str,
        model: str,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        options: Options | None = None,
        **kwargs: Any,
    ) -> _P:
        """A pipeline with a provider's kit, found among the installed distributions.

        Args:
            provider: Name of a kit in the entry-point group ``racto.chat_kits``.
            model: The provider's name of the model.
            api_key: Key; the provider's environment variable when None.
            base_url: Another endpoint.
            options: As for the constructor.
            **kwargs: Any other parameter of the constructor.

        Raises:
            PluginNotFoundError: If no installed distribution offers the provider; the message
                has the line that installs it.
        """
        # Kits look for their own variables when they are given no key.
        access = {"api_key": api_key, "base_url": base_url}
        given = {name: value for name, value in access.items() if value is not None}
        kit = discovery.create("racto.chat_kits", provider, model=model, **given)
        made = cls(kit, options=options, **kwargs)
        made._owns_kit = True
        return made

    @staticmethod
    def make_enum(options: Sequence[str], name: str = "OptionsEnum") -> type[Enum]:
        """An enum class of options; each is name and value of its member.

        Args:
            options: Different texts of any kind.
            name: Name of the class.

        Raises:
            ConfigurationError: If an option occurs twice, or ``name`` is no identifier.
        """
        return enum_of(options, name)

    def run(
        self,
        user_query: str,
        *,
        options: Options | Omitted | None = OMITTED,
        selection_mode: SelectionMode | None = None,
        output_format: OutputFormat | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        confidence_threshold: float | Omitted | None = OMITTED,
        session_id: str | None = None,
        user_id: str | None = None,
    ) -> Any:
        """Classify a text.

        Args:
            user_query: The text.
            options: Other options for this call; the pipeline's when omitted or None.
            selection_mode: Another mode for this call.
            output_format: Another form of the result.
            temperature: Another temperature.
            max_tokens: Another limit of tokens.
            confidence_threshold: Another threshold; None filters nothing.
            session_id: Conversation in the memory.
            user_id: Who asks, for limiter and audit.

        Returns:
            A ``ClassifierResult``, or text or a dictionary by ``output_format``.

        Raises:
            ConfigurationError: If there are no options, or an argument is out of range.
            ClassifierRateLimitExceededError: If the limiter refuses.
            ResponseModelValidationError: If no reply chose from the options.
        """
        given = Given(
            options, selection_mode, output_format, temperature, max_tokens,
            confidence_threshold, session_id, user_id,
        )  # fmt: skip
        flow, shape = self._requests.one(user_query, given)
        return shape(flows.run(flow))

    async def arun(
        self,
        user_query: str,
        *,
        options: Options | Omitted | None = OMITTED,
        selection_mode: SelectionMode | None = None,
        output_format: OutputFormat | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        confidence_threshold: float | Omitted | None = OMITTED,
        session_id: str | None = None,
        user_id: str | None = None,
    ) -> Any:
        """Async twin of :meth:`run`."""
        given = Given(
            options, selection_mode, output_format, temperature, max_tokens,
            confidence_threshold, session_id, user_id,
        )  # fmt: skip
        flow, shape = self._requests.one(user_query, given)
        return shape(await flows.arun(flow))

    def batch_run(
        self,
        queries: Sequence[str],
        *,
        options: Options | Omitted | None = OMITTED,
        selection_mode: SelectionMode | None = None,
        output_format: OutputFormat | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        confidence_threshold: float | Omitted | None = OMITTED,
        session_id: str | None = None,
        user_id: str | None = None,
        max_concurrency: int | None = None,
        deduplicate: bool = True,
        progress: Progress | None = None,
    ) -> list[Any]:
        """Classify many texts; results stand in the texts' order.

        Outside of safe mode the first error ends the batch.

        Args:
            queries: The texts.
            options: As for :meth:`run`, and so the others up to ``user_id``.
            selection_mode: Mode of all calls.
            output_format: Form of the results.
            temperature: Temperature of all calls.
            max_tokens: Limit of tokens of each call.
            confidence_threshold: Threshold of all calls.
            session_id: Conversation in the memory.
            user_id: Who asks.
            max_concurrency: Calls at once. When None, one after the other here, and at most 64
                in :meth:`abatch_run`.
            deduplicate: Ask once for equal texts; without effect in a conversation.
            progress: Called with how many texts are done and how many there are.

        Raises:
            RactoGatewayError: As :meth:`run` does.
        """
        given = Given(
            options, selection_mode, output_format, temperature, max_tokens,
            confidence_threshold, session_id, user_id,
        )  # fmt: skip
        flow, shape = self._requests.many(
            queries, given, width=max_concurrency, deduplicate=deduplicate, progress=progress
        )
        return [shape(result) for result in flows.run(flow)]

    async def abatch_run(
        self,
        queries: Sequence[str],
        *,
        options: Options | Omitted | None = OMITTED,
        selection_mode: SelectionMode | None = None,
        output_format: OutputFormat | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        confidence_threshold: float | Omitted | None = OMITTED,
        session_id: str | None = None,
        user_id: str | None = None,
        max_concurrency: int | None = None,
        deduplicate: bool = True,
        progress: Progress | None = None,
    ) -> list[Any]:
        """Async twin of :meth:`batch_run`, with as many tasks as calls at once."""
        given = Given(
            options, selection_mode, output_format, temperature, max_tokens,
            confidence_threshold, session_id, user_id,
        )  # fmt: skip
        flow, shape = self._requests.many(
            queries, given, width=max_concurrency, deduplicate=deduplicate, progress=progress
        )
        return [shape(result) for result in await flows.arun(flow)]

    def evaluate(
        self,
        labelled: Iterable[Labelled],
        *,
        options: Options | Omitted | None = OMITTED,
        max_concurrency: int | None = None,
        progress: Progress | None = None,
        checkpoint: str | Path | None = None,
    ) -> EvaluationReport:
        """Classify texts whose labels are known, and report how well that went.

        A text that fails counts as wrong, and the report says why; nothing ends the evaluation
        but an interrupt, after which ``checkpoint`` goes on where it was.

        Args:
            labelled: Pairs of a text and its label, or its labels; or mappings with ``text`` and
                ``label``.
            options: Other options; where the pipeline has none either, the labels are.
            max_concurrency: As for :meth:`batch_run`.
            progress: Called with how many texts are done and how many there are.
            checkpoint: File of outcomes, a line each. It holds labels and no texts; what it
                holds for the same texts, labels, options, settings and model is not asked again.

        Raises:
            ConfigurationError: If there is no text, or the checkpoint cannot be used.
        """
        trial = self._trial(labelled, options, checkpoint)
        return flows.run(trial.flow(max_concurrency, progress))

    async def aevaluate(
        self,
        labelled: Iterable[Labelled],
        *,
        options: Options | Omitted | None = OMITTED,
        max_concurrency: int | None = None,
        progress: Progress | None = None,
        checkpoint: str | Path | None = None,
    ) -> EvaluationReport:
        """Async twin of :meth:`evaluate`."""
        trial = self._trial(labelled, options, checkpoint)
        return await flows.arun(trial.flow(max_concurrency, progress))

    def _trial(
        self,
        labelled: Iterable[Labelled],
        options: Options | Omitted | None,
        checkpoint: str | Path | None,
    ) -> Trial:
        model = f"{getattr(self._kit, 'provider', '')}/{getattr(self._kit, 'model', '')}"
        return Trial(self._requests, labelled, options=options, checkpoint=checkpoint, model=model)
