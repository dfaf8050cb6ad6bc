"""The command ``python -m racto.testing``: a made-up model for any program to talk to."""

from __future__ import annotations

import argparse
import math
import re
import sys
import threading
from collections.abc import Sequence
from typing import get_args

import racto.testing
from racto.core.errors import ConfigurationError

from .exchange import Incoming
from .replies import Conduct, Failure, FailureKind, Reply
from .server import LoopbackServer

_SERVERS = {
    "openai": "OpenAIServer",
    "anthropic": "AnthropicServer",
    "gemini": "GeminiServer",
    "ollama": "OllamaServer",
    "huggingface": "HuggingFaceServer",
    "voyage": "VoyageServer",
}
# Where the official clients look for another address than the provider's.
_VARIABLES = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "gemini": "GOOGLE_GEMINI_BASE_URL",
    "ollama": "OLLAMA_HOST",
}
_REQUESTS_KEPT = 100
_EXAMPLES = """
examples:
  python -m racto.testing openai --port 9999 --reply "The sea is wide."
      answers every request with these words, whole or streamed, as it is asked
  python -m racto.testing anthropic --pause 0.2
      streams a word every 0.2 seconds, to watch a program that shows them
  python -m racto.testing openai --fail rate_limited --retry-after 3
      refuses every request with the provider's own 429

Only this machine can reach the server. Stop it with Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted.

    Args:
        arguments: The command line; the process's own when None.
    """
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        server = _server(chosen)
    except ConfigurationError as error:
        parser.error(str(error))
    with server:
        server.when(lambda request: _answer(chosen, request))
        for line in _greeting(server, chosen.provider):
            print(line, file=sys.stderr, flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{server.received} requests", file=sys.stderr)  # noqa: T201
    return 0


def _server(chosen: argparse.Namespace) -> LoopbackServer:
    name = _SERVERS[chosen.provider]
    # It may run for days, and nobody looks at what it was asked.
    kept = {"requests_kept": _REQUESTS_KEPT}
    server_class = type(name, (getattr(racto.testing, name),), kept)
    server: LoopbackServer = server_class(key=chosen.key, port=chosen.port)
    return server


def _greeting(server: LoopbackServer, provider: str) -> list[str]:
    lines = [f"{provider} at {server.url}"]
    if provider in _VARIABLES:
        lines.append(f"  export {_VARIABLES[provider]}={server.url}")
    return lines


def _answer(chosen: argparse.Namespace, request: Incoming) -> Reply | Failure:
    if chosen.fail:
        return Failure(kind=chosen.fail, retry_after=chosen.retry_after)
    # Each piece is a word with the space before it, as models write them.
    pieces = re.findall(r"\s*\S+", chosen.reply)
    pause = chosen.pause if _is_streamed(chosen.provider, request) else 0.0
    return Reply(text=pieces, conduct=Conduct(delay=chosen.delay, pause=pause))


def _is_streamed(provider: str, request: Incoming) -> bool:
    # A whole reply would pause after each piece. Gemini streams by path, Ollama unless told not to.
    body = request.json
    asked = body.get("stream", provider == "ollama") if isinstance(body, dict) else False
    return bool(asked) or "stream" in request.path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m racto.testing",
        description="Serve a provider's protocol on this machine, with a model that says what you"
        " tell it. Requests that the provider would refuse are refused.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("provider", choices=sorted(_SERVERS), help="whose protocol to speak")
    add("--port", type=int, default=0, help="port to listen on (a free one)")
    add("--key", help="API key that clients must send (any will do)")
    add("--reply", default="ok", metavar="TEXT", help="what every request is answered (ok)")
    add("--delay", type=_seconds, default=0.0, metavar="SECONDS", help="wait before each answer")
    add(
        "--pause", type=_seconds, default=0.0, metavar="SECONDS", help="wait between streamed words"
    )
    add("--fail", choices=get_args(FailureKind), metavar="KIND", help=_fail_help())
    add("--retry-after", type=_seconds, metavar="SECONDS", help="how long a failure asks to wait")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds, 0 or more")
    return seconds


def _fail_help() -> str:
    return f"refuse every request instead: {', '.join(get_args(FailureKind))}"
