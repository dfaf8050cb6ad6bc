"""The models of a server: every model is there until it is deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from .failures import refusal

_SIZE = 2_000_000_000
_FOREVER = timedelta(days=3650)
_KEPT = timedelta(minutes=5)


class Library:
    """Which models were pulled or used, which were deleted, and which are in memory."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._deleted: set[str] = set()
        self._loaded: dict[str, str] = {}

    def use(self, name: str, keep_alive: float | str | None) -> None:
        """Load a model.

        Args:
            name: Its name.
            keep_alive: How long it stays in memory; 0 unloads it.

        Raises:
            Refusal: If it was deleted.
        """
        self.find(name)
        self.add(name)
        if is_zero(keep_alive):
            self._loaded.pop(full_name(name), None)
        else:
            until = datetime.now(UTC) + (_FOREVER if _is_forever(keep_alive) else _KEPT)
            self._loaded[full_name(name)] = until.isoformat()

    def add(self, name: str) -> None:
        """Note that a model is there."""
        # A model is there until somebody deletes it: tests need not pull first.
        self._deleted.discard(full_name(name))
        self._known.setdefault(full_name(name), datetime.now(UTC).isoformat())

    def find(self, name: str) -> None:
        """Look for a model.

        Raises:
            Refusal: If it was deleted.
        """
        if full_name(name) in self._deleted:
            raise refusal(f"model '{name}' not found", status=HTTPStatus.NOT_FOUND)

    def delete(self, name: str) -> None:
        """Delete a model.

        Raises:
            Refusal: If it was deleted before.
        """
        self.find(name)
        self._deleted.add(full_name(name))
        self._known.pop(full_name(name), None)
        self._loaded.pop(full_name(name), None)

    def listed(self) -> list[dict[str, Any]]:
        """The models that were pulled or used."""
        return [
            {**_entry(name), "modified_at": since} for name, since in reversed(self._known.items())
        ]

    def running(self) -> list[dict[str, Any]]:
        """The models in memory."""
        more = {"size_vram": _SIZE, "context_length": 4096}
        return [
            {**_entry(name), **more, "expires_at": until} for name, until in self._loaded.items()
        ]

    def shown(self, name: str) -> dict[str, Any]:
        """All about one model.

        Raises:
            Refusal: If it was deleted.
        """
        self.find(name)
        return {
            "modelfile": f"FROM {full_name(name)}\n",
            "parameters": "",
            "template": "{{ .Prompt }}",
            "details": _DETAILS,
            "model_info": {"general.architecture": "llama", "llama.context_length": 131_072},
            "capabilities": ["completion", "tools", "thinking", "vision", "embedding"],
            "modified_at": self._known.get(full_name(name), datetime.now(UTC).isoformat()),
        }


_DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "3.2B",
    "quantization_level": "Q4_K_M",
}


def full_name(name: str) -> str:
    """A model's name with its tag."""
    return name if ":" in name else f"{name}:latest"


def is_zero(keep_alive: float | str | None) -> bool:
    """Whether a model shall be unloaded at once."""
    if isinstance(keep_alive, str):
        # "0", "0s" and "0h0m" are all nothing.
        return not any(digit in keep_alive for digit in "123456789")
    return keep_alive == 0


def digest_of(name: str) -> str:
    """The digest of a model."""
    return hashlib.sha256(full_name(name).encode("utf-8", "surrogatepass")).hexdigest()


def pull_steps(name: str) -> Iterator[dict[str, Any]]:
    """What a pull tells of its progress."""
    digest = digest_of(name)
    yield {"status": "pulling manifest"}
    # The same layer is told again and again, each time with more of it.
    for done in range(0, _SIZE + 1, _SIZE // 4):
        layer = {"digest": f"sha256:{digest}", "total": _SIZE, "completed": done}
        yield {"status": f"pulling {digest[:12]}", **layer}
    yield {"status": "verifying sha256 digest"}
    yield {"status": "writing manifest"}
    yield {"status": "success"}


def _is_forever(keep_alive: float | str | None) -> bool:
    if isinstance(keep_alive, str):
        return keep_alive.startswith("-")
    return keep_alive is not None and keep_alive < 0


def _entry(name: str) -> dict[str, Any]:
    digest = digest_of(name)
    return {"name": name, "model": name, "size": _SIZE, "digest": digest, "details": _DETAILS}
