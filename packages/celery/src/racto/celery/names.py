"""Names of workers on an app: no two share one, so that no task reaches another one's kit."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from racto.core.errors import ConfigurationError

DEFAULT = "racto"

_lock = threading.Lock()
_taken: weakref.WeakKeyDictionary[Any, dict[str, _Claim]] = weakref.WeakKeyDictionary()


class _Claim:
    """Who has a name, and whether it was chosen for them."""

    def __init__(self, owner: tuple[Any, ...], *, is_chosen: bool) -> None:
        self.owner, self.is_chosen = owner, is_chosen


def claimed(app: Any, wanted: str | None, owner: tuple[Any, ...]) -> str:
    """The name of a worker on an app.

    The same owner gets the same name again: making a worker twice from the same kit and pipeline
    is no clash.

    Args:
        app: The Celery app.
        wanted: The name asked for; None chooses ``racto``, ``racto-2`` and so on.
        owner: Two things that tell workers apart: the sources of kit and pipeline.

    Raises:
        ConfigurationError: If the name is another worker's already, or is none.
    """
    if wanted is not None and (
        not wanted or not wanted.replace("-", "").replace("_", "").isalnum()
    ):
        raise ConfigurationError(
            f"name={wanted!r}: use letters, digits, '-' and '_'; task names begin with it"
        )
    with _lock:
        claims = _taken.setdefault(app, {})
        if wanted is not None:
            found = claims.setdefault(wanted, _Claim(owner, is_chosen=False))
            if not _same(found.owner, owner):
                raise ConfigurationError(
                    f"a worker named {wanted!r} with another kit or pipeline, or a queue with other "
                    "jobs, is on this Celery app already; give another name"
                )
            return wanted
        # The order of making is the same wherever the same module is imported.
        number = 1
        while True:
            name = DEFAULT if number == 1 else f"{DEFAULT}-{number}"
            found = claims.setdefault(name, _Claim(owner, is_chosen=True))
            if _same(found.owner, owner):
                return name
            number += 1


def is_mistakable(app: Any) -> bool:
    """Whether several workers on the app have names that were chosen by their order."""
    with _lock:
        claims = tuple(_taken.get(app, {}).values())
    return sum(claim.is_chosen for claim in claims) > 1


def _same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    # Import paths by value, objects by identity: equal kits may differ in their keys.
    return all(
        a == b if isinstance(a, str) and isinstance(b, str) else a is b
        for a, b in zip(one, other, strict=True)
    )
