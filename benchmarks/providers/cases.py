"""What is asked of racto-providers: no more than the SDK for a call, far less for a stream."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

SDK = Environment(name="openai", requirements=("openai==3.54.0",))
REFERENCE = Environment(name="ractogateway-openai", requirements=("ractogateway[openai]==0.2.1",))
WORDLLAMA = Environment(name="wordllama", requirements=("wordllama==0.4.0.post1", "numpy==2.4.6"))


def ours(function: str) -> Side:
    """A function of our side."""
    return Side(file="side_racto.py", function=function)


def sdk(function: str) -> Side:
    """A function of the official SDK's side."""
    return Side(file="side_sdk.py", function=function, environment=SDK)


CASES = [
    Case(
        name="chat of 2 messages, against the SDK",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="CPU of the client, a loopback server in another process, one kept connection",
        given={"messages": 2},
        ours=ours("chat"),
        peer=sdk("chat"),
        peer_name="openai 3.54 chat.completions.create",
        asked="ratio <= 1.1",
    ),
    Case(
        name="chat of 200 messages, against the SDK",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="as above; the history is ready, as an application keeps it",
        given={"messages": 200},
        ours=ours("chat"),
        peer=sdk("chat"),
        peer_name="openai 3.54 chat.completions.create",
        asked="ratio <= 0.25",
    ),
    Case(
        name="chat of 2 messages, against the reference",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="CPU of the client; the reference makes a client and a connection for every call",
        given={"messages": 2},
        ours=ours("chat"),
        peer=Side(file="side_reference.py", function="chat", environment=REFERENCE),
        peer_name="ractogateway 0.2.1",
        asked="ratio <= 0.067",
        runs=5,
    ),
    Case(
        name="stream of 1,000 chunks",
        unit="us/chunk",
        measure="figure",
        better="lower",
        how="CPU of the client, all included, over ten streams",
        ours=ours("per_chunk"),
        peer=sdk("per_chunk"),
        peer_name="openai 3.54 stream=True",
        asked="ours <= 60",
        runs=5,
        seconds=0,
    ),
    Case(
        name="import of the kit over racto.core",
        unit="ms",
        measure="figure",
        better="lower",
        how="CPU of importing the kit, and of importing racto.core's rooms alone; fresh processes",
        ours=ours("imported"),
        peer=ours("core"),
        peer_name="racto.core.chat, stream, retries, ...",
        asked="difference <= 40",
        runs=7,
        seconds=0,
    ),
    Case(
        name="local embedder, sentences of 24 words",
        unit="sentences/s",
        measure="rate",
        better="higher",
        how="CPU of all threads, 1,000 sentences a call, 256 dimensions, normalised",
        given={"count": 1000},
        quick={"count": 100},
        ours=ours("embed"),
        peer=Side(file="side_wordllama.py", function="embed", environment=WORDLLAMA),
        peer_name="wordllama 0.4.0 WordLlama.embed",
        asked="ratio >= 0.9",
    ),
]
