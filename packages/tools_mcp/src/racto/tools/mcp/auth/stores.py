"""Places for logins: a file that several processes share, or memory."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from racto.core import ConfigurationError
from racto.core.flows import threaded

from .logins import Login, key_of
from .safekeeping import check_owner, locked, read, replace

_FORMAT = 1


class MemoryTokenStore:
    """Keeps logins until the process ends; safe to share between threads."""

    def __init__(self) -> None:
        self._logins: dict[str, Login] = {}
        self._guard = threading.Lock()

    def load(self, key: str) -> Login | None:
        """Return what was saved."""
        with self._guard:
            return self._logins.get(key)

    def save(self, key: str, login: Login) -> None:
        """Keep a login in the place of the one before."""
        with self._guard:
            self._logins[key] = login

    def forget(self, server_url: str) -> None:
        """Drop the logins at a server."""
        with self._guard:
            self._logins = _without(self._logins, server_url)


class FileTokenStore:
    """Keeps logins in one JSON file that only its owner may read (mode 0600).

    A folder that is missing is made with mode 0700. Changes are written whole or not at all, and
    one process at a time makes them, under a lock file beside it. The tokens are in the file as
    they are: whoever reads it can use them.

    Args:
        path: The file; by default ``racto/mcp/logins.json`` in the user's folder for settings.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._path = Path(path).expanduser() if path is not None else _default_path()

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._path)!r})"

    @property
    def path(self) -> Path:
        """The file that holds the logins, or will."""
        return self._path

    def load(self, key: str) -> Login | None:
        """Return what was saved.

        Raises:
            ConfigurationError: If the file cannot be read, or holds anything else.
        """
        entry = self._entries().get(key)
        if entry is None:
            return None
        try:
            return Login.model_validate(entry)
        except ValidationError as error:
            fields = ", ".join(str(one["loc"]) for one in error.errors(include_input=False))
            # Its cause would print the tokens.
            raise self._corrupt(f"its entry for {key} has wrong fields: {fields}") from None

    def save(self, key: str, login: Login) -> None:
        """Keep a login in the place of the one before.

        Raises:
            ConfigurationError: If the file cannot be written, or holds anything else.
        """
        entry = login.model_dump(mode="json", exclude_none=True)
        self._change(lambda entries: {**entries, key: entry})

    def forget(self, server_url: str) -> None:
        """Drop the logins at a server.

        Raises:
            ConfigurationError: If the file cannot be written, or holds anything else.
        """
        self._change(lambda entries: _without(entries, server_url))

    aload = threaded(load)
    asave = threaded(save)
    aforget = threaded(forget)

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        with locked(self._path):
            # Read under the lock: another process may have changed it since.
            entries = self._entries()
            changed = change(entries)
            if changed != entries:
                text = json.dumps({"format": _FORMAT, "logins": changed}, indent=1)
                replace(self._path, text.encode())

    def _entries(self) -> dict[str, Any]:
        raw = read(self._path)
        if raw is None:
            return {}
        check_owner(self._path)
        try:
            content = json.loads(raw)
        # Not quoted: an error of the parser keeps the whole text, tokens and all.
        except ValueError:
            content = None
        entries = content.get("logins") if isinstance(content, dict) else None
        if not isinstance(content, dict) or not isinstance(entries, dict):
            raise self._corrupt("it is not the JSON that racto writes")
        if content.get("format") != _FORMAT:
            raise self._corrupt(f"its format is {content.get('format')!r}, and not {_FORMAT}")
        return entries

    def _corrupt(self, problem: str) -> ConfigurationError:
        return ConfigurationError(
            f"the file of logins {self._path} cannot be used: {problem}. It is left as it is; move "
            "it away, then log in again"
        )


def _without(entries: Mapping[str, Any], server_url: str) -> dict[str, Any]:
    server = key_of(server_url)
    return {key: value for key, value in entries.items() if key.partition("#")[0] != server}


def _default_path() -> Path:
    if sys.platform == "win32":
        home = os.environ.get("APPDATA")
    else:
        home = os.environ.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "racto" / "mcp" / "logins.json"
