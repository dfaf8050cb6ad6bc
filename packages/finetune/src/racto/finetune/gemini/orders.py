"""A tuning job as Vertex AI takes it: the model, the method and its settings, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, TypedDict

from racto.core.errors import ConfigurationError, UnsupportedFeatureError

Method: TypeAlias = Literal["supervised", "dpo"]
"""From examples, or from preferences."""

FORMATS: Mapping[str, str] = {"supervised": "gemini", "dpo": "gemini-preference"}
"""By method, the format that a dataset is written in."""

_METHODS = {"supervised": "SUPERVISED_FINE_TUNING", "dpo": "PREFERENCE_TUNING"}
_ADAPTERS = {1: "ONE", 2: "TWO", 4: "FOUR", 8: "EIGHT", 16: "SIXTEEN", 32: "THIRTY_TWO"}
# Where models are served and none is tuned.
_NO_REGIONS = frozenset({"global", "us", "eu"})
# Dots that climb, queries and fragments would turn a name into another call.
_NAME = re.compile(r"(?!.*\.\.)[\w.@-]+(?:/[\w.@-]+)*")


class JobOptions(TypedDict, total=False):
    """What a job may be told beyond the reference's parameters.

    Attributes:
        method: ``supervised`` (the default) or ``dpo``, which Vertex AI calls preference tuning.
        learning_rate_multiplier: Factor of the default learning rate, for Google's own models.
        adapter_size: Size of the adapter: 1, 2, 4, 8, 16 or 32.
        beta: How near the model stays to the base model; for ``dpo`` alone.
        checkpoints: Whether the models from the middle are kept, which is the default.
        description: What the job is for.
        labels: The caller's notes at the job, in lower case; racto adds one of its own.
        extra: Further fields of the SDK's ``CreateTuningJobConfig``, such as ``output_uri``.
    """

    method: Method
    learning_rate_multiplier: float
    adapter_size: int
    beta: float
    checkpoints: bool
    description: str
    labels: Mapping[str, str]
    extra: Mapping[str, Any]


def format_of(method: str) -> str:
    """The format in which a method takes its examples.

    Raises:
        ConfigurationError: If there is no such method here.
    """
    if method not in FORMATS:
        raise ConfigurationError(f"method must be one of {', '.join(FORMATS)}, not {method!r}")
    return FORMATS[method]


def base_model_of(name: str | None) -> str:
    """The name of the model to tune.

    Raises:
        ConfigurationError: If there is none.
        UnsupportedFeatureError: If it is one of the Gemini Developer API's.
    """
    if not name:
        raise ConfigurationError(
            "base_model= must name the model to tune, as Vertex AI lists it for tuning, or a tuned "
            "one of yours (projects/.../models/...); there is no default, because Google retires "
            "its models"
        )
    if name.startswith("tunedModels/") or name.endswith("-tuning"):
        raise UnsupportedFeatureError(
            f"{name!r} is a model of the Gemini Developer API, which has tuned no model since May "
            "2025. Name a model that Vertex AI tunes",
            feature="base_model",
        )
    return name.removeprefix("models/").removeprefix("publishers/google/models/")


def region_of(location: str | None) -> str:
    """The region where models are tuned.

    Raises:
        ConfigurationError: If there is none.
    """
    if not location or location in _NO_REGIONS:
        raise ConfigurationError(
            "location= (or GOOGLE_CLOUD_LOCATION) must name a region in which Vertex AI tunes, "
            f"such as 'us-central1' or 'europe-west4', not {location or 'nothing'}"
        )
    return location


def resource_of(name: str, collection: str = "tuningJobs") -> str:
    """The name of a resource, as a path takes it.

    Args:
        name: Its whole name, or its number alone.
        collection: What it is when there is only a number.

    Raises:
        ConfigurationError: If it cannot stand in a path.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is no name of a resource: give what create_job() or list_jobs() told, such "
            f"as 'projects/my-project/locations/us-central1/{collection}/123'"
        )
    return name if "/" in name else f"{collection}/{name}"


def config_of(
    *,
    display_name: str,
    epoch_count: int | None,
    batch_size: int | None,
    learning_rate: float | None,
    options: JobOptions,
) -> dict[str, Any]:
    """The configuration of a job, without its files.

    Args:
        display_name: What the tuned model is called.
        epoch_count: Passes over the examples; None leaves it to Google.
        batch_size: Examples a step; for open models alone.
        learning_rate: Learning rate; for open models alone.
        options: The rest.

    Raises:
        ConfigurationError: If something does not fit together.
    """
    if strange := sorted(options.keys() - JobOptions.__annotations__.keys()):
        raise ConfigurationError(
            f"unknown options {', '.join(strange)}; there are "
            f"{', '.join(JobOptions.__annotations__)}"
        )
    method = options.get("method", "supervised")
    format_of(method)
    if "beta" in options and method != "dpo":
        raise ConfigurationError("beta= is for method 'dpo'")
    if learning_rate is not None and "learning_rate_multiplier" in options:
        raise ConfigurationError("give learning_rate or learning_rate_multiplier, not both")
    # Only what is given is sent: Google refuses some settings for some models, also as defaults.
    config: dict[str, Any] = {
        "method": _METHODS[method],
        "tuned_model_display_name": display_name or None,
        "epoch_count": epoch_count,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "learning_rate_multiplier": options.get("learning_rate_multiplier"),
        "adapter_size": _adapter(options.get("adapter_size")),
        "beta": options.get("beta"),
        "export_last_checkpoint_only": None if options.get("checkpoints", True) else True,
        "description": options.get("description"),
        "labels": dict(options.get("labels") or {}),
        **options.get("extra", {}),
    }
    return {name: value for name, value in config.items() if value is not None}


def _adapter(size: int | None) -> str | None:
    if size is None:
        return None
    if size not in _ADAPTERS:
        raise ConfigurationError(
            f"adapter_size is one of {', '.join(map(str, _ADAPTERS))}, not {size!r}"
        )
    return f"ADAPTER_SIZE_{_ADAPTERS[size]}"
