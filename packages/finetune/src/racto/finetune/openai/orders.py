"""A tuning job as OpenAI's API takes it: the model, the method and its settings, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from racto.core.errors import ConfigurationError

Method: TypeAlias = Literal["supervised", "dpo", "reinforcement"]
"""From examples, from preferences (DPO), or from grades."""

FORMATS: Mapping[str, str] = {
    "supervised": "openai",
    "dpo": "openai-preference",
    "reinforcement": "openai-reinforcement",
}
"""By method, the format that a dataset is written in."""

LONGEST_SUFFIX = 64
"""Most characters of a suffix."""

_COMMON = frozenset({"n_epochs", "batch_size", "learning_rate_multiplier"})
# Source: the SDK's types of the three methods.
_SETTINGS: Mapping[str, frozenset[str]] = {
    "supervised": _COMMON,
    "dpo": _COMMON | {"beta"},
    "reinforcement": _COMMON
    | {"compute_multiplier", "eval_interval", "eval_samples", "reasoning_effort"},
}


class JobOptions(TypedDict, total=False):
    """What a job may be told beyond the reference's parameters.

    Attributes:
        method: ``supervised`` (the default), ``dpo`` or ``reinforcement``.
        hyperparameters: Further ones: ``beta`` for ``dpo``; ``compute_multiplier``,
            ``eval_interval``, ``eval_samples`` and ``reasoning_effort`` for ``reinforcement``.
        grader: What grades answers, as OpenAI's API takes it; for ``reinforcement`` alone.
        seed: Makes the training repeatable, nearly.
        metadata: Notes to keep at the job, at most 16; racto adds one of its own.
        integrations: Where to report to, as OpenAI's API takes it.
    """

    method: Method
    hyperparameters: Mapping[str, Any]
    grader: Mapping[str, Any]
    seed: int
    metadata: Mapping[str, str]
    integrations: Sequence[Mapping[str, Any]]


def format_of(method: str) -> str:
    """The format in which a method takes its examples.

    Raises:
        ConfigurationError: If there is no such method.
    """
    if method not in FORMATS:
        raise ConfigurationError(f"method must be one of {', '.join(FORMATS)}, not {method!r}")
    return FORMATS[method]


def wanted(
    model: str | None, settings: Mapping[str, Any], suffix: str | None, options: JobOptions
) -> dict[str, Any]:
    """A job as the API takes it, without its files.

    Args:
        model: The base model.
        settings: Hyperparameters; ``auto`` and None leave the choice to OpenAI, and are not sent.
        suffix: Part of the tuned model's name.
        options: The rest.

    Raises:
        ConfigurationError: If something is missing, or does not fit together.
    """
    if not model:
        raise ConfigurationError(
            "model= must name the base model to tune, as the server's list of models does; there "
            "is no default, because providers retire their models"
        )
    if suffix is not None and not 0 < len(suffix) <= LONGEST_SUFFIX:
        raise ConfigurationError(f"suffix has 1 to {LONGEST_SUFFIX} characters, not {len(suffix)}")
    if strange := sorted(options.keys() - JobOptions.__annotations__.keys()):
        raise ConfigurationError(
            f"unknown options {', '.join(strange)}; there are "
            f"{', '.join(JobOptions.__annotations__)}"
        )
    order: dict[str, Any] = {
        "model": model,
        "method": _method(
            options.get("method", "supervised"),
            {**settings, **options.get("hyperparameters", {})},
            options.get("grader"),
        ),
        "suffix": suffix,
        "seed": options.get("seed"),
        "metadata": dict(options.get("metadata") or {}),
        "integrations": list(options.get("integrations") or ()),
    }
    return {name: value for name, value in order.items() if value not in (None, [], {})}


def _method(
    method: str, settings: Mapping[str, Any], grader: Mapping[str, Any] | None
) -> dict[str, Any]:
    format_of(method)
    chosen = {name: value for name, value in settings.items() if value not in (None, "auto")}
    if strange := sorted(chosen.keys() - _SETTINGS[method]):
        raise ConfigurationError(
            f"{', '.join(strange)}: no hyperparameter of method {method!r}, which has "
            f"{', '.join(sorted(_SETTINGS[method]))}"
        )
    # One without the other: a job that is refused only after the upload, or that grades nothing.
    if (grader is not None) != (method == "reinforcement"):
        raise ConfigurationError(
            "method 'reinforcement' needs grader="
            if grader is None
            else f"grader= is for method 'reinforcement', not for {method!r}"
        )
    body: dict[str, Any] = {"hyperparameters": chosen} if chosen else {}
    if grader is not None:
        body["grader"] = dict(grader)
    # An empty object beside the type says no more than the type.
    return {"type": method, method: body} if body else {"type": method}
