"""The transport alone: replies with their ids, and a thousand kits that leave nothing behind."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from racto.core import Deadline, DeadlineExceededError, RactoGatewayTimeoutError
from racto.providers.kits import WireRequest
from racto.providers.openai.connection import connect

ASKED = WireRequest(
    path="/chat/completions", body={"model": "m", "messages": [{"role": "user", "content": "hi"}]}
)


async def test_a_reply_keeps_its_id_and_headers(server: Any) -> None:
    transport = connect("openai", api_key="k", base_url=server.url).transport
    server.add(server.reply(server.says("ok").body, headers={"openai-processing-ms": "7"}))
    reply = transport.send(ASKED, Deadline())
    assert reply.request_id == "req_1"
    assert reply.headers["openai-processing-ms"] == "7"
    assert (await transport.asend(ASKED, Deadline())).request_id == "req_2"
    await transport.aclose()


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_deadline_that_has_passed_is_not_waited_for(server: Any, voice: str) -> None:
    transport = connect("openai", api_key="k", base_url=server.url).transport
    late = Deadline.after(0.0)
    with pytest.raises((DeadlineExceededError, RactoGatewayTimeoutError)):
        transport.send(ASKED, late) if voice == "sync" else asyncio.run(
            transport.asend(ASKED, late)
        )
    assert server.requests == []
    transport.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_connections_that_are_closed_leave_no_descriptor(server: Any) -> None:
    def use() -> None:
        connection = connect("openai", api_key="k", base_url=server.url)
        connection.transport.send(ASKED, Deadline())
        connection.transport.close()

    use()
    server.wait_until(lambda: server.open_connections == 0)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(10):
        use()
    server.wait_until(lambda: server.open_connections == 0)
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # noqa: PTH208
