"""The arguments of ``racto-mcp``: what each command takes."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import manual
from .exits import CommandError


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process, so that ``main`` alone decides how it ends."""

    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message}; see: {self.prog} --help")


class _Command(_Parser):
    """Takes options between the words, as in ``call URL --json add a=1``."""

    _is_inside = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._is_inside:
            return super().parse_known_args(args, namespace)
        self._is_inside = True
        try:
            found, rest = self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_inside = False
        # Here and not above, where the error would not know which command it was.
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; ``command_line`` is what stands after ``--``, or None.

    Raises:
        CommandError: If it is none.
    """
    words = list(arguments)
    command_line = None
    # argparse would mix what stands after -- with the words before it.
    if "--" in words:
        place = words.index("--")
        words, command_line = words[:place], words[place + 1 :]
    options = _parser().parse_args(words)
    if command_line is not None and not command_line:
        raise CommandError(
            "after -- comes the command line that starts a server, and there is none"
        )
    if command_line is not None and options.command == "serve":
        raise CommandError("serve takes MODULE:ATTRIBUTE, and no command line after --")
    options.command_line = command_line
    return options


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="racto-mcp",
        description=manual.ABOUT,
        epilog=manual.FIRST_STEPS,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    from importlib.metadata import version

    parser.add_argument(
        "--version", action="version", version=f"racto-mcp {version('racto-tools-mcp')}"
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=_Command
    )
    for add in (_add_list, _add_call, _add_read, _add_prompt, _add_inspect, _add_serve):
        command = add(commands)
        command.add_argument(
            "-v", "--verbose", action="count", default=0,
            help="show the server's log; -vv the client's too, and tracebacks",
        )  # fmt: skip
        # Caught by name: its value must not end up as an unknown argument in an error.
        command.add_argument("--token", nargs="?", action=_NoToken, help=argparse.SUPPRESS)
    return parser


def _add_list(commands: Any) -> argparse.ArgumentParser:
    parser = _client(commands, "list", "show what a server offers", manual.LIST, "[TARGET]")
    for name, what in (
        ("--tools", "its tools (the default)"),
        ("--resources", "its resources and their templates"),
        ("--prompts", "its prompts"),
        ("--all", "all of these"),
    ):
        parser.add_argument(name, action="store_true", help=what)
    return parser


def _add_call(commands: Any) -> argparse.ArgumentParser:
    parser = _client(commands, "call", "call a tool", manual.CALL, "[TARGET] TOOL [key=value ...]")
    parser.add_argument(
        "--args", metavar="JSON", help="all arguments as one object; @file, or - for standard input"
    )
    parser.add_argument("--save", type=Path, metavar="DIR", help="save media in this folder")
    parser.add_argument(
        "--progress",
        action="store_true",
        help="with --json: a line for each step before the result",
    )
    parser.add_argument(
        "--no-check", action="store_true", help="send the arguments even if they do not fit"
    )
    return parser


def _add_read(commands: Any) -> argparse.ArgumentParser:
    parser = _client(commands, "read", "read a resource", manual.READ, "[TARGET] URI")
    parser.add_argument("--save", type=Path, metavar="DIR", help="save media in this folder")
    return parser


def _add_prompt(commands: Any) -> argparse.ArgumentParser:
    words = "[TARGET] NAME [key=value ...]"
    return _client(commands, "prompt", "show a prompt", manual.PROMPT, words)


def _add_inspect(commands: Any) -> argparse.ArgumentParser:
    parser = _client(
        commands, "inspect", "show all of a server, and what is wrong with it", manual.INSPECT,
        "[TARGET] [TOOL ...]",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="exit with 1 if there are findings")
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="KIND",
        help="leave out findings of a kind, such as no-annotations; may be repeated",
    )  # fmt: skip
    return parser


def _add_serve(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "serve", "offer your functions as a server", manual.SERVE)
    parser.add_argument("module", nargs="?", metavar="MODULE[:ATTRIBUTE]", help="what to serve")
    parser.add_argument("--demo", action="store_true", help="serve a few tools to try things on")
    parser.add_argument(
        "--transport", choices=("stdio", "streamable-http", "sse"), default="stdio",
        help="how clients reach it (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port", type=_port, metavar="N", help="port to listen on, 0 for any (default: 8000)"
    )
    parser.add_argument("--name", help="name that clients see (default: the module's)")
    parser.add_argument(
        "--token-env", metavar="VAR", help="ask clients for the token in this variable"
    )
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="HOST",
        help="a name by which clients may call it; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--allow-unauthenticated", action="store_true",
        help="serve strangers without a token",
    )  # fmt: skip
    return parser


def _client(
    commands: Any, name: str, summary: str, examples: str, words: str
) -> argparse.ArgumentParser:
    parser = _command(commands, name, summary, examples)
    parser.usage = f"racto-mcp {name} {words} [options] [-- COMMAND ...]"
    parser.add_argument("words", nargs="*", metavar=words, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON; its shape stands below")
    server = parser.add_argument_group("the server")
    _add_target(server)
    _add_credentials(server)
    return parser


def _add_target(server: Any) -> None:
    server.add_argument("--config", type=Path, metavar="FILE", help='a file with "mcpServers"')
    server.add_argument("--server", metavar="NAME", help="which server of that file")
    server.add_argument(
        "--transport", choices=("streamable-http", "sse"), help="how the URL is spoken to"
    )
    server.add_argument(
        "--protocol", choices=("auto", "modern", "handshake"),
        help="era of the protocol (default: auto, which asks the server)",
    )  # fmt: skip
    server.add_argument(
        "--timeout", type=_seconds, metavar="S",
        help="seconds for a call, or none (default: 60)",
    )  # fmt: skip
    server.add_argument(
        "--open-timeout", type=_seconds, metavar="S",
        help="seconds for the server to start or answer first (default: 30)",
    )  # fmt: skip
    server.add_argument("--cwd", type=Path, metavar="DIR", help="folder a local server starts in")
    server.add_argument(
        "--env", action="append", default=[], metavar="K[=V]",
        help="a variable for a local server; without =V, your own of that name; may be repeated",
    )  # fmt: skip
    server.add_argument(
        "--inherit-env", action="store_true", help="give a local server your whole environment"
    )


def _add_credentials(server: Any) -> None:
    server.add_argument(
        "--header", action="append", default=[], metavar="'N: v'",
        help="an HTTP header; may be repeated; a secret one belongs in --config",
    )  # fmt: skip
    server.add_argument("--token-env", metavar="VAR", help="bearer token, from this variable")
    server.add_argument("--token-file", type=Path, metavar="FILE", help="bearer token, from a file")
    server.add_argument(
        "--login", action="store_true", help="log in through the browser (OAuth); it is kept"
    )


def _command(commands: Any, name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=examples,
        formatter_class=_formatter,
        allow_abbrev=False,
    )
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=26)


class _NoToken(argparse.Action):
    def __call__(self, *_: Any) -> NoReturn:
        raise CommandError(
            "a token on the command line is shown to everybody who runs ps, and kept by the "
            "shell's history; use --token-env VAR or --token-file FILE"
        )


def _seconds(text: str) -> float:
    if text == "none":
        return math.inf
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above zero, nor none")
    return value


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 0 to 65535")
    return int(text)
