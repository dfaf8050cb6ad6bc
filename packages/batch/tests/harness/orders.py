"""Orders for a host: items as lines of a spool file, and what the job is to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from racto.batch.hosts import BatchHost, JobOrder, Outcome, RemoteJob
from racto.core import ChatConfig, EmbeddingConfig
from racto.core.requests import EncodedRequest

from .codecs import ChatCodec
from .voices import Voice


def questions(codec: ChatCodec, count: int) -> list[tuple[str, EncodedRequest]]:
    """Requests under the ids ``item-0`` and so on.

    Args:
        codec: Shapes them.
        count: How many.
    """
    return [
        (f"item-{number}", codec.encode(ChatConfig(user_message=f"Question {number}?")))
        for number in range(count)
    ]


def vectors(codec: ChatCodec, *texts: Sequence[str]) -> list[tuple[str, EncodedRequest]]:
    """Requests for vectors under the ids ``item-0`` and so on, one for each sequence of texts."""
    return [
        (f"item-{number}", codec.encode_embedding(EmbeddingConfig(texts=list(each))))
        for number, each in enumerate(texts)
    ]


def spooled(
    host: BatchHost,
    folder: Path,
    requests: Sequence[tuple[str, EncodedRequest]],
    *,
    tag: str = "order-1",
    label: str = "",
) -> tuple[Path, JobOrder]:
    """A spool file and its order.

    Args:
        host: Writes the lines.
        folder: Where the file goes.
        requests: Ids and requests.
        tag: The order's tag.
        label: The order's label.
    """
    spool = folder / f"{tag}.jsonl"
    spool.write_bytes(b"".join(host.line(*each) + b"\n" for each in requests))
    first = requests[0][1]
    order = JobOrder(path=first.path, model=first.model, count=len(requests), tag=tag, label=label)
    return spool, order


def ended(host: BatchHost, job: RemoteJob, voice: Voice) -> RemoteJob:
    """The job once it has ended; each look moves a loopback server's batch on by a state."""
    for _ in range(10):
        job = voice(host.look(job.job_id))
        if job.status.is_final:
            return job
    raise AssertionError(f"the job is still {job.status}")


def collected(
    host: BatchHost, job: RemoteJob, folder: Path, voice: Voice
) -> dict[str | None, Outcome]:
    """The outcomes of an ended job by id, of which each comes once."""
    found = list(host.outcomes(voice(host.fetch(job, folder))))
    assert len({each.custom_id for each in found}) == len(found)
    return {each.custom_id: each for each in found}
