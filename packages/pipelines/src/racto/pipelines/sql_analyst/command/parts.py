"""What a command works with: the database and the kit that its options name."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from racto.core import discovery
from racto.core.errors import ConfigurationError
from racto.core.protocols.chat import ChatKit
from racto.pipelines.sql_analyst.database import AccessPolicy

_ENVIRONMENT = "env:"
_FILES = {
    ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db3": "sqlite",
    ".duckdb": "duckdb", ".ddb": "duckdb",
}  # fmt: skip


def address(given: str) -> str:
    """The connection string that an argument stands for.

    Args:
        given: A connection string, a file, or ``env:NAME``.

    Raises:
        ConfigurationError: If the variable is not set, or there is no such file.
    """
    if given.startswith(_ENVIRONMENT):
        name = given.removeprefix(_ENVIRONMENT)
        found = os.environ.get(name, "").strip()
        if not found:
            raise ConfigurationError(f"the environment variable {name} is not set")
        return address(found) if not found.startswith(_ENVIRONMENT) else found
    # Before the ending is looked at: sqlite:///shop.db has one, too.
    if "://" in given:
        return given
    path = Path(given)
    kind = _FILES.get(path.suffix.lower())
    if kind is None:
        raise ConfigurationError(
            f"{given!r} is neither a connection string nor a file that ends in "
            f"{', '.join(_FILES)}; write sqlite:///{given} if it is a SQLite file"
        )
    # A database that is not there would be made, and then found to be empty.
    if not path.is_file():
        raise ConfigurationError(f"there is no file {given}")
    return f"{kind}:///{path.resolve().as_posix()}"


def chosen_kit(options: argparse.Namespace, make: Callable[[str], ChatKit] | None) -> ChatKit:
    """The kit that ``--kit`` or the environment names.

    Args:
        options: The parsed command line.
        make: Makes a kit of the name; None finds it among the installed packages.

    Raises:
        ConfigurationError: If nobody named one.
        PluginNotFoundError: If no installed package offers it; the message holds the install line.
    """
    named = options.kit or os.environ.get("RACTO_SQL_KIT", "").strip()
    if not named:
        raise ConfigurationError(
            "name who writes the SQL: --kit openai/gpt-5.4-mini (or RACTO_SQL_KIT); racto-sql demo "
            "needs nobody"
        )
    if make is not None:
        return make(named)
    provider, _, model = named.partition("/")
    further = {"model": model} if model else {}
    kit: ChatKit = discovery.create("racto.chat_kits", provider, **further)
    return kit


def policy_of(options: argparse.Namespace) -> AccessPolicy:
    """What the options allow, block and mask."""
    allowed = options.allow_table
    return AccessPolicy(
        allowed_tables=None if allowed is None else tuple(allowed),
        blocked_columns=tuple(options.block_column),
        mask_columns=tuple(options.mask),
    )
