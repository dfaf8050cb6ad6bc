"""Our side: each half of a job by itself, and whole jobs in fresh processes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fresh import measured  # type: ignore[import-not-found]
from job_racto import items  # type: ignore[import-not-found]
from stand_in import result  # type: ignore[import-not-found]

from racto.batch.decoding import ResultReader
from racto.batch.encoding import ItemEncoder
from racto.batch.jobs import BatchStatus
from racto.batch.manifest import ItemRow, Manifest
from racto.batch.openai_host import OpenAIBatchHost
from racto.batch.spooling import Place, Spool
from racto.batch.terms import Terms
from racto.providers.openai import OPENAI, OpenAIDeveloperKit


def build(count: int) -> Callable[[], int]:
    """Items to lines of a spool, with their state."""
    host = _host()
    root = Path(tempfile.mkdtemp())

    def once() -> int:
        folder = root / "job"
        folder.mkdir()
        encoder, spool = ItemEncoder(host[0], host[1]), Spool(folder, host[1].limits)

        def rows() -> Any:
            for item in encoder.encoded(items(count)):
                request = item.request
                place = spool.add(item.line, lane=item.lane, path=request.path, model=request.model)
                yield ItemRow(item.custom_id, place, item.weight, item.terms, item.texts)

        Manifest(folder / "items.sqlite3").fill(rows())
        spool.finish()
        shutil.rmtree(folder)
        return count

    return once


def parse(count: int) -> Callable[[], int]:
    """Lines of an output file to outcomes beside their items."""
    host = _host()[1]
    manifest, path = _filled(count)

    def once() -> int:
        matched, end = manifest.take(0, host.outcomes([path]), status=BatchStatus.COMPLETED)
        assert not end.strays
        return matched

    return once


def read(count: int) -> Callable[[], int]:
    """Outcomes to results in the items' order."""
    codec, host = _host()
    manifest, path = _filled(count)
    manifest.take(0, host.outcomes([path]), status=BatchStatus.COMPLETED)

    def once() -> int:
        reader = ResultReader(codec, manifest, models={})
        return sum(result.ok for page in reader.pages() for result in page)

    return once


def whole_rate(count: int) -> Callable[[], float]:
    """Items a CPU second of the client."""
    return lambda: count / measured("job_racto.py", count)["cpu"]


def whole_memory(count: int) -> Callable[[], float]:
    """Megabytes at the peak."""
    return lambda: float(measured("job_racto.py", count)["peak"])


def _host() -> tuple[Any, OpenAIBatchHost]:
    kit = OpenAIDeveloperKit("gpt-4o-mini", api_key="sk-none", dialect=OPENAI, api="chat")
    return kit.codec, OpenAIBatchHost(kit.codec, api_key="sk-none")


def _filled(count: int) -> tuple[Manifest, Path]:
    folder = Path(tempfile.mkdtemp())
    path = folder / "output.jsonl"
    path.write_bytes(b"".join(result(f"item-{number}") for number in reversed(range(count))))
    manifest = Manifest(folder / "items.sqlite3")
    terms = Terms(path="/chat/completions", model="gpt-4o-mini")
    manifest.fill(
        ItemRow(f"item-{number}", Place(0, 0, 1), 1, terms, ()) for number in range(count)
    )
    return manifest, path
