"""Our job, from items to the last result, in memory that does not grow."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator

from fresh import PROMPT, report  # type: ignore[import-not-found]

from racto.batch import BatchItem, OpenAIBatchProcessor
from racto.core import RactoPrompt
from racto.providers.openai import OPENAI, OpenAIDeveloperKit


def items(count: int) -> Iterator[BatchItem]:
    """Short questions."""
    for number in range(count):
        yield BatchItem(
            custom_id=f"item-{number}", user_message=f"What is {number} squared?", max_tokens=64
        )


def main(address: str, count: int) -> None:
    """Submit, wait, and read every result once."""
    kit = OpenAIDeveloperKit(
        "gpt-4o-mini", api_key="sk-none", base_url=address, dialect=OPENAI, api="chat"
    )
    with (
        tempfile.TemporaryDirectory() as state,
        OpenAIBatchProcessor(
            api_key="sk-none", base_url=address, codec=kit, state=f"{state}/batch"
        ) as batch,
    ):
        job = batch.submit_batch(items(count), prompt=RactoPrompt(**PROMPT))
        batch.wait_for(job.job_id, poll_interval_s=0.05)
        report(sum(result.ok for result in batch.iter_results(job.job_id)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
