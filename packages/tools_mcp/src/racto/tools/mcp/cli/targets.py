"""Which server a command means, read from its options: a URL, a command line, a configuration file."""

from __future__ import annotations

import argparse
import difflib
import math
import os
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from racto.core.errors import ConfigurationError
from racto.core.secrets import redact
from racto.tools.mcp import MCPClientConfig
from racto.tools.mcp.configfiles import load_configs

from .exits import CommandError, in_options

_LOGIN = 330.0
_WAYS = "a URL, a command line after --, or --config FILE"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A server, and the words of the command line that are left.

    Attributes:
        config: How to reach it.
        words: What else was given, such as the name of a tool.
    """

    config: MCPClientConfig
    words: tuple[str, ...]


def target_of(
    options: argparse.Namespace, *, least: int = 0, most: int | None = None, wanted: str = ""
) -> Target:
    """The server that the options name.

    Args:
        options: The options of the command.
        least: How many words must be left.
        most: How many may be left; None for any number.
        wanted: What the first of them is, for the error.

    Raises:
        CommandError: If no server is named, or two are, or an option makes no sense for it.
    """
    words = list(options.words)
    try:
        named = _named(options, words)
        config = _adapted(named, options)
    except ConfigurationError as error:
        raise CommandError(in_options(error.message)) from error
    except ValidationError as error:
        reason = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise CommandError(redact(reason)) from error
    if len(words) < least:
        raise CommandError(f"{wanted} is missing; see: racto-mcp {options.command} --help")
    if most is not None and len(words) > most:
        raise CommandError(
            f"{shlex.join(words[most:])} is one word too many; the server is named by {_WAYS}"
        )
    return Target(config=config, words=tuple(words))


def _named(options: argparse.Namespace, words: list[str]) -> MCPClientConfig:
    if options.config is not None and options.command_line is not None:
        raise CommandError("--config and a command line after -- name two servers; keep one")
    if options.server is not None and options.config is None:
        raise CommandError("--server names a server of the file that --config names")
    if options.config is not None:
        return _of_file(options.config, options.server)
    if options.command_line is not None:
        return MCPClientConfig(command=options.command_line[0], args=list(options.command_line[1:]))
    if not words:
        raise CommandError(f"no server is named: give {_WAYS}")
    return _of_word(words.pop(0))


def _of_word(word: str) -> MCPClientConfig:
    is_url = re.match(r"https?://", word, re.IGNORECASE)
    # A forgotten server makes a tool's name the first word; its name is no program.
    if not is_url and " " not in word.strip() and shutil.which(word) is None:
        hint = f" (is http://{word} meant?)" if re.search(r":\d+(/|$)", word) else ""
        raise CommandError(f"{word!r} is no server{hint}: give {_WAYS}")
    # In quotation marks a command line is one word too.
    # Errors name a server as it was typed, but for what stands before the @.
    name = urlsplit(word).netloc.rpartition("@")[2] if is_url else ""
    return MCPClientConfig.from_target(word, name=name)


def _of_file(path: Path, name: str | None) -> MCPClientConfig:
    configs = load_configs(path)
    known = ", ".join(configs) or "none"
    if name is None:
        if len(configs) != 1:
            raise CommandError(f"{path} has several servers; choose one with --server: {known}")
        return next(iter(configs.values()))
    if name not in configs:
        close = difflib.get_close_matches(name, configs, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"it has: {known}"
        raise CommandError(f"{path} has no server {name!r}; {hint}")
    return configs[name]


def _adapted(config: MCPClientConfig, options: argparse.Namespace) -> MCPClientConfig:
    """The configuration with what the options say, checked as a whole."""
    given: dict[str, Any] = {
        "protocol": options.protocol,
        "transport": options.transport,
        "cwd": options.cwd,
        "token": token_of(options),
        # The server answers first when a person has logged in.
        "open_timeout": options.open_timeout or (_LOGIN if options.login else None),
        # The command may well have secrets that a server needs; it says so itself.
        "inherit_env": options.inherit_env or None,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if options.timeout is not None:
        changes["timeout"] = None if options.timeout == math.inf else options.timeout
    changes["headers"] = {**config.headers, **dict(map(_header, options.header))}
    changes["env"] = {**config.env, **dict(map(_variable, options.env))}
    # Made anew, so that what does not go together is told.
    return MCPClientConfig(**{**dict(config), **changes})


def token_of(options: argparse.Namespace) -> str | None:
    """The bearer token that the options point at.

    Raises:
        CommandError: If there is none where they point.
    """
    if options.token_env is not None:
        return _from_environment(options.token_env, "--token-env")
    path = getattr(options, "token_file", None)
    if path is None:
        return None
    try:
        token = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--token-file: {path} cannot be read: {error}") from error
    if not token:
        raise CommandError(f"--token-file: {path} is empty")
    return token


def _header(text: str) -> tuple[str, str]:
    name, sign, value = text.partition(":")
    if not sign or not name.strip():
        raise CommandError("--header is written 'Name: value', and one has no name or no colon")
    return name.strip(), value.strip()


def _variable(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    # "--env NAME" hands a secret on without showing it to everybody who runs ps.
    return name, value if sign else _from_environment(name, "--env")


def _from_environment(name: str, option: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise CommandError(f"{option} {name}: the environment has no variable {name}")
    return value
