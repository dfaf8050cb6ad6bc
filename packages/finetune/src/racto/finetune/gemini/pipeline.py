"""From examples to a tuning job at Vertex AI: check, stage, create."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow
from racto.finetune.jobs import TuningJob
from racto.finetune.training_data import Source, checked, working, written

from .staging import Staging, fingerprint
from .wire import VertexWire

Examples: TypeAlias = Source
"""A dataset, a path, or, as text, the address of a file on Cloud Storage (``gs://...``)."""
Talk: TypeAlias = Callable[[Callable[[VertexWire], Flow[Any]]], Flow[Any]]
"""Opens clients, talks over their wire, and closes them."""


def staged(
    talk: Talk, staging: Staging | None, examples: Mapping[str, Examples], format: str
) -> Flow[dict[str, str]]:
    """Check examples and put them where Vertex AI reads them.

    Args:
        talk: How Google is reached.
        staging: Where files are put; None where there is no bucket.
        examples: What to train with, and what to validate with, by these words.
        format: The format that the method takes.

    Returns:
        Addresses by the same words.

    Raises:
        ConfigurationError: If the examples do not fit, or there is no bucket to put them into.
    """
    here = {word: one for word, one in examples.items() if not isinstance(one, str)}
    found = {word: address(one) for word, one in examples.items() if isinstance(one, str)}
    if not here:
        return found
    if staging is None:
        raise ConfigurationError(
            "Vertex AI reads examples from Cloud Storage: name a bucket with staging_bucket=, or "
            "give the address of a file that is there (gs://...). Nothing was sent"
        )
    yield from checked(here, format)
    with TemporaryDirectory(prefix="racto-finetune-") as folder:
        for word, source in here.items():
            path = yield from written(source, Path(folder), f"{word}.jsonl", format)
            found[word] = yield from _put(talk, staging, path)
    return found


def started(
    talk: Talk, base_model: str, files: Mapping[str, str], config: Mapping[str, Any]
) -> Flow[TuningJob]:
    """Make a job of examples that are staged.

    Args:
        talk: How Google is reached.
        base_model: The model to tune.
        files: Addresses of the examples, by ``training`` and ``validation``.
        config: The rest, as the SDK takes it.
    """
    job: TuningJob = yield from talk(
        lambda wire: wire.create(base_model, files["training"], files.get("validation"), config)
    )
    return job


def address(text: str) -> str:
    """The address of a file on Cloud Storage.

    Raises:
        ConfigurationError: If it is none.
    """
    if not text.startswith("gs://"):
        raise ConfigurationError(
            f"{text!r} is no address on Cloud Storage (gs://...); for a file on this machine give "
            "a pathlib.Path"
        )
    return text


def _put(talk: Talk, staging: Staging, path: Path) -> Flow[str]:
    known = yield from working(lambda: fingerprint(path))
    place: str = yield from talk(lambda wire: staging.put(wire.calls, path, known))
    return place
