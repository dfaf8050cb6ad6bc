"""The reference's job, from items to its list of results."""

from __future__ import annotations

import sys

from fresh import PROMPT, report  # type: ignore[import-not-found]
from ractogateway import BatchItem, OpenAIBatchProcessor, RactoPrompt  # type: ignore[import-not-found]


def main(address: str, count: int) -> None:
    """Submit, wait, and read every result once."""
    batch = OpenAIBatchProcessor("gpt-4o-mini", api_key="sk-none", base_url=address)
    prompt = RactoPrompt(**PROMPT)
    items = [
        BatchItem(
            custom_id=f"item-{number}", user_message=f"What is {number} squared?", max_tokens=64
        )
        for number in range(count)
    ]
    results = batch.submit_and_wait(items, prompt=prompt, poll_interval_s=0.05)
    report(sum(result.ok for result in results))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
