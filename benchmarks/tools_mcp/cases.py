"""What is asked of racto-tools-mcp: the SDK's own speed, through a registry and an agent."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(
    name="ractogateway-mcp", requirements=("ractogateway==0.2.1", "mcp>=1.20,<2")
)

STDIO = {"calls": 100}
WIDE = {"width": 50}


def ours(function: str, file: str = "side_racto.py") -> Side:
    """A function of our side."""
    return Side(file=file, function=function)


def bare(function: str) -> Side:
    """A function of the SDK's side."""
    return Side(file="side_sdk.py", function=function)


CASES = [
    Case(
        name="a tool call through the registry, open stdio session",
        unit="ms",
        measure="time",
        scale=10,  # milliseconds of one of a hundred calls
        better="lower",
        how="100 calls one after the other, awaited; wall time, both sides with a server of the SDK's",
        given=STDIO,
        ours=ours("stdio"),
        peer=bare("stdio"),
        peer_name="mcp 2.3 Client.call_tool",
        asked="ratio <= 1.15",
        clock="wall",
        runs=15,
    ),
    Case(
        name="the same from plain functions",
        unit="ms",
        measure="time",
        scale=10,
        better="lower",
        how="registry.execute, which hands each call to the private loop; the SDK has no such voice",
        given=STDIO,
        ours=ours("stdio_blocking"),
        peer=bare("stdio"),
        peer_name="mcp 2.3 Client.call_tool, awaited",
        clock="wall",
        runs=11,
    ),
    Case(
        name="a tool call through the registry, against the reference",
        unit="ms",
        measure="time",
        scale=1e3 / 3,
        better="lower",
        how="the reference starts a server for each call",
        given={"calls": 3},
        ours=ours("stdio"),
        peer=Side(file="side_reference.py", function="stdio", environment=REFERENCE),
        peer_name="ractogateway 0.2.1 (mcp 1)",
        clock="wall",
        runs=5,
    ),
    Case(
        name="50 calls at once over streamable HTTP",
        unit="calls/s",
        measure="rate",
        better="higher",
        how="through the registry, one session; wall time with server and client on two cores",
        given=WIDE,
        ours=ours("http"),
        peer=bare("http"),
        peer_name="mcp 2.3 Client.call_tool",
        asked="ratio >= 0.9",
        clock="wall",
        runs=15,
        seconds=0.5,
    ),
    Case(
        name="a result of 10 MB over stdio",
        unit="MB/s",
        measure="rate",
        better="higher",
        how="characters of one text; wall time, the server's share included",
        given={"size": 10_000_000},
        quick={"size": 1_000_000},
        scale=1e-6,
        ours=ours("big"),
        peer=bare("big"),
        peer_name="mcp 2.3 Client.call_tool",
        clock="wall",
        runs=7,
    ),
    Case(
        name="an agent's turn, blocking",
        unit="us/turn",
        measure="figure",
        better="lower",
        how="50 turns, a stub kit and a stub tool whose own time is taken off; CPU time",
        given={"turns": 50},
        quick={"turns": 10},
        ours=Side(file="side_agent.py", function="sync_turns"),
        asked="ours < 300",
        runs=11,
        seconds=0,
    ),
    Case(
        name="an agent's turn, awaited",
        unit="us/turn",
        measure="figure",
        better="lower",
        how="as above, with an async tool",
        given={"turns": 50},
        quick={"turns": 10},
        ours=Side(file="side_agent.py", function="async_turns"),
        asked="ours < 300",
        runs=11,
        seconds=0,
    ),
    Case(
        name="an agent's turn, streamed",
        unit="us/turn",
        measure="figure",
        better="lower",
        how="as above, blocking, with every event read",
        given={"turns": 50},
        quick={"turns": 10},
        ours=Side(file="side_agent.py", function="streamed_turns"),
        runs=11,
        seconds=0,
    ),
    Case(
        name="import racto.tools.mcp over racto.core",
        unit="ms",
        measure="figure",
        better="lower",
        how="CPU time in a fresh interpreter that has loaded pydantic and racto.core",
        ours=ours("import_cost"),
        asked="ours <= 30",
        runs=7,
    ),
]
