"""What the commands of ``racto-batch`` do, given a processor."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from racto.core.errors import ConfigurationError, JobError

from .encoding import Item
from .jobs import BatchJobInfo
from .processor import HostedBatchProcessor
from .progress import Progress
from .results import BatchResult, BatchSummary, ItemStatus
from .tables import item_lines, write_results
from .tallies import Tally

DONE = 0
SOME_FAILED = 1


def perform(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    """Run the command that the options name; returns the exit code."""
    return _COMMANDS[options.command](options, processor)


def _submit(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    _check_output(options)
    lines = item_lines(options.items, columns=_columns(options.columns))
    items: Iterable[Item] = (_with_system(line, options.system) for line in lines)
    info = processor.submit_batch(items, label=options.label)
    _show(options, [info])
    if not (options.wait or options.output):
        return DONE
    return _waited(options, processor, info.job_id)


def _status(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    _show(options, [processor.poll_status(options.job_id)])
    return DONE


def _wait(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    _check_output(options)
    return _waited(options, processor, options.job_id)


def _waited(options: argparse.Namespace, processor: HostedBatchProcessor, job_id: str) -> int:
    with Progress() as progress:
        info = processor.wait_for(
            job_id,
            poll_interval_s=options.interval,
            max_wait_s=options.timeout,
            on_progress=progress.show,
        )
    _show(options, [info])
    return _collect(options, processor, job_id)


def _results(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    _check_output(options)
    return _collect(options, processor, options.job_id)


def _collect(options: argparse.Namespace, processor: HostedBatchProcessor, job_id: str) -> int:
    if options.output is None:
        summary = processor.summary(job_id)
    else:
        tally = Tally()

        def counted() -> Iterable[BatchResult]:
            for result in processor.iter_results(job_id):
                tally.add(result)
                yield result

        write_results(counted(), options.output, overwrite=options.overwrite)
        summary = tally.summary(job_id, {})
    _show_summary(options, summary)
    return SOME_FAILED if summary.failed else DONE


def _cancel(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    _show(options, [processor.cancel(options.job_id)])
    return DONE


def _retry(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    only = [ItemStatus(name) for name in options.only] if options.only else None
    _show(options, [processor.retry_failed(options.job_id, only=only)])
    return DONE


def _forget(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    processor.forget(options.job_id)
    return DONE


def _resume(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    try:
        infos = processor.resume()
    except JobError as error:
        # Those in trouble are told as the error; the others stand in it.
        _show(options, error.partial or ())
        raise
    _show(options, infos)
    return DONE


def _list(options: argparse.Namespace, processor: HostedBatchProcessor) -> int:
    _show(options, processor.list(options.limit))
    return DONE


def _check_output(options: argparse.Namespace) -> None:
    """Refuse an output file before anything is paid for."""
    if options.output is not None:
        path = Path(options.output)
        if path.suffix.lower() not in (".jsonl", ".ndjson", ".parquet"):
            raise ConfigurationError(f"{path}: results are written to .jsonl and .parquet files")
        if not path.parent.is_dir():
            raise ConfigurationError(f"{path}: there is no folder {path.parent}; make it first")
        if path.exists() and not options.overwrite:
            raise ConfigurationError(f"{path} is there already; add --overwrite, or name another")


def _columns(given: list[str]) -> Mapping[str, str] | None:
    pairs = dict(pair.partition("=")[::2] for pair in given)
    if not all(pairs.values()):
        raise ConfigurationError("--columns takes FIELD=COLUMN, such as user_message=question")
    return pairs or None


def _with_system(line: bytes, system: str | None) -> bytes:
    if system is None:
        return line
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError:
        # It is named together with all other faulty items.
        return line
    if not isinstance(fields, dict) or fields.keys() & {"system", "prompt", "texts"}:
        return line
    return orjson.dumps({**fields, "system": system})


def _show(options: argparse.Namespace, infos: Iterable[BatchJobInfo]) -> None:
    for info in infos:
        if options.json:
            _print(info.model_dump_json())
            continue
        counts = info.counts
        parts = f"  {len(info.parts)} parts" if len(info.parts) > 1 else ""
        _print(f"{info.job_id}  {info.status}  {counts.done}/{counts.total}{parts}")
        for error in info.errors:
            _print(f"  {error}")


def _show_summary(options: argparse.Namespace, summary: BatchSummary) -> None:
    if options.json:
        _print(summary.model_dump_json())
        return
    counts = ", ".join(f"{count} {status.value}" for status, count in summary.counts.items())
    usage = summary.usage
    cost = "at an unknown price" if usage.cost is None else f"for {usage.cost:.4f} {usage.currency}"
    _print(f"{counts or 'no items'}; {usage.total_tokens} tokens {cost}")
    if summary.strays:
        first = f": {summary.first_strays[0]}" if summary.first_strays else ""
        _print(f"{summary.strays} lines of the results belong to no item{first}")


def _print(text: str) -> None:
    # What a provider says is a stranger's words, and a terminal would obey some of them.
    print("".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text))  # noqa: T201


_COMMANDS: dict[str, Callable[[Any, HostedBatchProcessor], int]] = {
    "submit": _submit,
    "status": _status,
    "wait": _wait,
    "results": _results,
    "cancel": _cancel,
    "retry": _retry,
    "forget": _forget,
    "resume": _resume,
    "list": _list,
}
