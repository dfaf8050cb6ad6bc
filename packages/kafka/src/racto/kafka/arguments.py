"""The arguments of ``racto-kafka`` and the help that teaches them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from racto.core.errors import ConfigurationError

from .auditing import add_commands as add_audit_commands

_ABOUT = "Answer the prompts of a Kafka topic with any model, and look after audit trails."

_FIRST_STEPS = """\
first steps:
  racto-kafka serve --in prompts --out answers --model NAME     answer what comes in
  racto-kafka audit verify --topic racto.audit                  has anybody tampered with it?

Brokers are named by --brokers or RACTO_KAFKA_BROKERS; without either: localhost:9092.

exit codes:
  0    done, or ended in order after SIGTERM or Ctrl-C
  2    it could not be done; one line says why and what to do
  130  interrupted twice; what was not committed comes again
"""

_SERVE_EXAMPLES = """\
A prompt is plain text, or a JSON object:
  {"version": 1, "user_message": "...", "system": "...", "history": [{"role": "user", "content":
   "..."}], "temperature": 0.2, "max_tokens": 200, "stop": [], "seed": 1, "metadata": {}}
Only user_message is required. Its answer goes out under the prompt's key and with its headers:
  {"version": 1, "content": "...", "finish_reason": "stop", "usage": {...}, "provider": "...",
   "model": "...", "prompt": {"topic": ..., "partition": ..., "offset": ...}, "error": null}
A prompt that all attempts failed for goes to the dead-letter topic with the error in its headers,
and is answered with "error": {"type": ..., "message": ...}.

Prompts of one key are answered in order, others side by side. An offset is committed when its
answer is acknowledged, so that a crash repeats answers and loses none; "prompt" tells a repeated
one. With --exactly-once readers of committed data see each answer once.

Keys are read from the provider's usual variable, or from the one that --key-env names.

examples:
  OPENAI_API_KEY=... racto-kafka serve --in prompts --out answers --model NAME
  racto-kafka serve --in prompts --out answers --kit anthropic --model NAME --key-env MY_KEY
  racto-kafka serve --in prompts --out answers --model NAME --base-url http://localhost:11434/v1
  racto-kafka serve --in prompts --out answers --model NAME --workers 32 --max-tokens 500 \\
      --brokers a:9092,b:9092 --group support --dead-letters prompts.dead
"""


class Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process, so that ``main`` alone decides how it ends."""

    def error(self, message: str) -> NoReturn:
        """Raise the mistake.

        Raises:
            ConfigurationError: Always; says where help is.
        """
        raise ConfigurationError(f"{message}; see: {self.prog} --help")


def make_parser() -> Parser:
    """The parser of the whole command; ``parse_args`` raises ConfigurationError for mistakes."""
    parser = Parser(
        prog="racto-kafka",
        description=_ABOUT,
        epilog=_FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # Loading it costs more than all of the parser.
    from importlib.metadata import version

    parser.add_argument(
        "--version", action="version", version=f"racto-kafka {version('racto-kafka')}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_serve(commands)
    add_audit_commands(commands)
    return parser


def add_connection(parser: argparse.ArgumentParser) -> None:
    """Add what every command needs to reach the brokers; :func:`connection_of` reads it."""
    group = parser.add_argument_group("brokers")
    group.add_argument(
        "--brokers",
        metavar="HOST:PORT,...",
        default=os.environ.get("RACTO_KAFKA_BROKERS") or "localhost:9092",
        help="where to begin (default: RACTO_KAFKA_BROKERS, or localhost:9092)",
    )
    group.add_argument("--security-protocol", metavar="NAME", help="such as SASL_SSL")
    group.add_argument("--sasl-mechanism", metavar="NAME", help="such as SCRAM-SHA-512")
    group.add_argument("--sasl-username", metavar="NAME", help="user of PLAIN and SCRAM")
    group.add_argument(
        "--sasl-password-env", metavar="VARIABLE", help="the variable that holds the password"
    )
    group.add_argument(
        "--option",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="an option of librdkafka for every client, such as ssl.ca.location=ca.pem; may be "
        "repeated",
    )


def connection_of(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of a client's config that the options spell.

    Raises:
        ConfigurationError: If the variable of the password is not set.
    """
    fields: dict[str, Any] = {
        "bootstrap_servers": options.brokers,
        "security_protocol": options.security_protocol,
        "sasl_mechanism": options.sasl_mechanism,
        "sasl_plain_username": options.sasl_username,
        "sasl_plain_password": variable(options.sasl_password_env, "--sasl-password-env"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def variable(name: str | None, option: str) -> str | None:
    """What a variable of the environment holds; None when no variable is named.

    Raises:
        ConfigurationError: If it is not set.
    """
    if name is None:
        return None
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{option}: the variable {name} is not set")
    return value


def number(least: int) -> Callable[[str], int]:
    """A reader of whole numbers of at least ``least``."""

    def read(text: str) -> int:
        value = int(text) if text.lstrip("-").isdigit() and len(text) < 19 else None
        if value is None or value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of {least} or more")
        return value

    return read


def _add_serve(commands: Any) -> None:
    parser: argparse.ArgumentParser = commands.add_parser(
        "serve",
        help="answer the prompts of a topic with a model",
        description="Answer the prompts of a topic with a model, until SIGTERM or Ctrl-C.",
        epilog=_SERVE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--in", dest="input", required=True, metavar="TOPIC", help="where prompts come from")
    add("--out", dest="output", required=True, metavar="TOPIC", help="where answers go")
    add(
        "--dead-letters", metavar="TOPIC",
        help="where prompts go that could not be answered (default: the input's name and .dead)",
    )  # fmt: skip
    add("--group", default="racto-serve", metavar="NAME",
        help="the instances of one group share the prompts (default: %(default)s)")  # fmt: skip
    add("--from", dest="start", choices=("earliest", "latest"), default="earliest",
        help="where a new group begins (default: %(default)s)")  # fmt: skip
    _add_model(parser)
    _add_conduct(parser)
    add_connection(parser)
    parser.set_defaults(perform="racto.kafka.serve_command")


def _add_model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("model")
    add = group.add_argument
    add("--kit", default="openai", metavar="NAME",
        help="who answers, by its plug-in's name (default: %(default)s)")  # fmt: skip
    add("--model", default=os.environ.get("RACTO_MODEL"), metavar="NAME",
        help="which model (default: RACTO_MODEL)")  # fmt: skip
    add("--key-env", metavar="VARIABLE", help="the variable that holds the provider's key")
    add("--base-url", metavar="URL", help="another server that speaks the provider's protocol")
    words = group.add_mutually_exclusive_group()
    words.add_argument("--system", metavar="TEXT", help="system text for prompts without their own")
    words.add_argument("--system-file", type=Path, metavar="FILE", help="the same, from a file")
    add("--max-tokens", type=number(1), default=4096, metavar="N",
        help="most tokens an answer may have, whatever its prompt asks (default: %(default)s)"
        )  # fmt: skip


def _add_conduct(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("conduct")
    add = group.add_argument
    add("--workers", type=number(1), default=8, metavar="N",
        help="prompts that are answered at once (default: %(default)s)")  # fmt: skip
    add("--attempts", type=number(1), default=3, metavar="N",
        help="how often a prompt is tried (default: %(default)s)")  # fmt: skip
    add("--format", choices=("auto", "text", "json"), default="auto",
        help="how prompts are read; auto takes what begins with { as JSON (default: %(default)s)"
        )  # fmt: skip
    add("--max-prompt-bytes", type=number(1), default=1_000_000, metavar="N",
        help="larger prompts are put aside (default: %(default)s)")  # fmt: skip
    add("--exactly-once", metavar="ID",
        help="commit answers and offsets in transactions; the ID is this instance's own, and the "
        "same after a restart")  # fmt: skip
    add("--limit", type=number(1), metavar="N", help="end after so many prompts")
    add("--drain", type=number(0), default=30, metavar="SECONDS",
        help="how long answers under way may take after SIGTERM (default: %(default)s)"
        )  # fmt: skip
    add("--debug", action="store_true", help="show where an error comes from, and the client's log")


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name.strip(), value
