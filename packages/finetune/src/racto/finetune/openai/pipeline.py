"""From examples to a tuned model at OpenAI: check, upload, create, wait."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow
from racto.finetune.jobs import TuningJob
from racto.finetune.training_data import Source, checked, written

from .wire import OpenAIWire

Talk: TypeAlias = Callable[[Callable[[OpenAIWire], Flow[Any]]], Flow[Any]]
"""Opens a client, talks over its wire, and closes it."""


def uploaded(
    talk: Talk,
    source: Source,
    format: str,
    *,
    name: str = "train",
    waived: Collection[str] = (),
) -> Flow[str]:
    """Check examples and upload them.

    Args:
        talk: How OpenAI is reached.
        source: The examples.
        format: The format that the method takes.
        name: What the file is called at OpenAI, without its ending.
        waived: Rules of OpenAI's that do not hold at this host.

    Returns:
        The file's id.
    """
    # Before a client is opened: what is refused here costs no connection.
    yield from checked({"training": source}, format, waived=waived)
    with TemporaryDirectory(prefix="racto-finetune-") as folder:
        path = yield from written(source, Path(folder), f"{name}.jsonl", format)
        file_id: str = yield from talk(lambda wire: wire.upload(path, f"{name}.jsonl"))
        return file_id


def started(
    talk: Talk,
    training: Source,
    validation: Source | None,
    format: str,
    wanted: Mapping[str, Any],
    *,
    waived: Collection[str] = (),
) -> Flow[TuningJob]:
    """Check examples, upload them and make a job of them.

    Nothing is sent before all examples are in order. Files that were uploaded for a job that is
    refused are deleted again.

    Args:
        talk: How OpenAI is reached.
        training: What to train with.
        validation: What to validate with; None for nothing.
        format: The format that the method takes.
        wanted: The job as the API takes it, without its files.
        waived: Rules of OpenAI's that do not hold at this host.
    """
    sources = {"training": training}
    if validation is not None:
        sources["validation"] = validation
    yield from checked(sources, format, waived=waived)
    with TemporaryDirectory(prefix="racto-finetune-") as folder:
        paths = {}
        for word, source in sources.items():
            paths[word] = yield from written(source, Path(folder), f"{word}.jsonl", format)
        job: TuningJob = yield from talk(lambda wire: _made(wire, paths, wanted))
        return job


def _made(
    wire: OpenAIWire, paths: Mapping[str, Path], wanted: Mapping[str, Any]
) -> Flow[TuningJob]:
    ids: dict[str, str] = {}
    try:
        for word, path in paths.items():
            ids[f"{word}_file"] = yield from wire.upload(path, f"{word}.jsonl")
        return (yield from wire.create({**wanted, **ids}))
    except RactoGatewayError as error:
        # Of an error that passes nobody knows whether a job reads the files by now.
        if not error.retryable:
            yield from _deleted(wire, ids, error)
        raise


def _deleted(wire: OpenAIWire, ids: Mapping[str, str], error: RactoGatewayError) -> Flow[None]:
    for file_id in ids.values():
        try:
            yield from wire.delete_file(file_id)
        # The refusal is what the caller must see; that a file is left is a note to it.
        except RactoGatewayError as trouble:
            error.add_note(f"the file {file_id} was uploaded and could not be deleted: {trouble}")
        else:
            error.add_note(f"the file {file_id}, uploaded for this job, was deleted again")
