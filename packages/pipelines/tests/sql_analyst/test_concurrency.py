"""Many runs at once, a loop that is never held up, and runs that are called off."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from racto.core import ChatConfig, LLMResponse
from racto.core.testing import ListAudit, ScriptedKit, WindowLimiter
from racto.pipelines.sql_analyst import SQLAnalystPipeline, StepEvent

from .scripts import stage

NUMBER = "SELECT {} AS n FROM orders LIMIT 1"
# Harmless, and far too much: three rows to the power of twenty-four.
ENDLESS = "SELECT count(*) AS n FROM " + ", ".join(f"orders AS o{n}" for n in range(24))


class Echo(ScriptedKit):
    """Answers with the number in the question, a moment later."""

    def __init__(self) -> None:
        super().__init__(self._told)

    async def achat(self, config: ChatConfig) -> LLMResponse:
        await asyncio.sleep(0.01)
        return self.chat(config)

    @staticmethod
    def _told(config: ChatConfig) -> str:
        question = config.user_message.partition("<question>\nnumber ")[2]
        return NUMBER.format(question.partition("\n")[0])


async def test_twenty_runs_at_once_keep_to_themselves(address: str) -> None:
    async with SQLAnalystPipeline(Echo(), run_pandas=False, run_answer=False) as analyst:
        results = await asyncio.gather(
            *(analyst.arun(f"number {n}", connection_string=address) for n in range(20))
        )
    assert [result.raw_rows for result in results] == [[{"n": n}] for n in range(20)]


def test_twenty_threads_keep_to_themselves(address: str) -> None:
    with (
        SQLAnalystPipeline(Echo(), run_pandas=False, run_answer=False) as analyst,
        ThreadPoolExecutor(8) as pool,
    ):
        results = list(
            pool.map(lambda n: analyst.run(f"number {n}", connection_string=address), range(20))
        )
    assert [result.raw_rows for result in results] == [[{"n": n}] for n in range(20)]


async def test_the_loop_goes_on_while_the_database_works(sqlite_address: str) -> None:
    turns = 0

    async def turning() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.005)

    async with SQLAnalystPipeline(
        stage(ENDLESS), run_pandas=False, timeout_s=0.5, max_sql_retries=0, safe_mode=True
    ) as analyst:
        beat = asyncio.ensure_future(turning())
        result = await analyst.arun("?", connection_string=sqlite_address)
        beat.cancel()
    assert result.error_type == "QueryLimitError"
    # Half a second holds a hundred turns of a free loop; a loop that waits takes one or two.
    assert turns > 10


async def test_a_run_that_is_called_off_stops_its_statement(sqlite_address: str) -> None:
    limiter, audit = WindowLimiter(budget=5000), ListAudit()
    async with SQLAnalystPipeline(
        stage(ENDLESS), run_pandas=False, timeout_s=60, user_id="ada",
        rate_limiter=limiter, audit_logger=audit, reserve_tokens=4000,
    ) as analyst:  # fmt: skip
        seen = asyncio.Event()
        loop = asyncio.get_running_loop()

        def listen(event: StepEvent) -> None:
            if event.step == "query":
                loop.call_soon_threadsafe(seen.set)

        run = asyncio.ensure_future(
            analyst.arun("?", connection_string=sqlite_address, on_step=listen)
        )
        await asyncio.wait_for(seen.wait(), 30)
        await asyncio.sleep(0.05)
        before = time.monotonic()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert time.monotonic() - before < 10
    # The tokens that were used are settled, the others given back, and the record is written.
    assert 1000 < limiter.get_remaining("ada") < 5000
    assert [record["metadata"]["error_type"] for record in audit.records] == ["CancelledError"]


async def test_closing_leaves_no_thread_behind(sqlite_file: Path) -> None:
    before = {thread.name for thread in threading.enumerate()}
    async with SQLAnalystPipeline(
        stage("SELECT 1 AS n", code="result = 1"), analysis_engine="polars", chart=None
    ) as analyst:
        await analyst.arun("?", connection_string=f"sqlite:///{sqlite_file}")
    left = {thread.name for thread in threading.enumerate()} - before
    assert not [name for name in left if "asyncio" not in name and "ThreadPool" not in name]
