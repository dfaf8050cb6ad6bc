"""What a limiter sends to its scripts, and what their answers mean: keys, arguments, verdicts."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeAlias

from racto.cache.config import MOST, RateLimitConfig
from racto.cache.limits.rules import GRANTED, Rule, Verdict, hold_microseconds, remaining, rules_of
from racto.core.protocols.limiters import Reservation

from .keys import key
from .scripts import Script
from .windows import LOOK, SETTLE, TAKE

MARK_LENGTH = 32
"""Characters of a reservation's mark; the model's name follows them."""

_REMEMBERED = 1024


Call: TypeAlias = tuple[Script, list[bytes], list[bytes]]
"""A script with its keys and its other arguments."""


class Calls:
    """Makes the calls of one configuration, and reads their answers.

    Args:
        config: The limits.
        clock: Tells the time in seconds; None leaves it to the server.
    """

    def __init__(self, config: RateLimitConfig, clock: Callable[[], float] | None) -> None:
        self.rules = rules_of(config)
        self._prefix, self._clock = config.key_prefix, clock
        self._lasting = b"%d" % hold_microseconds(self.rules)
        self._kinds = [_kind(rule) for rule in self.rules]
        # What each call says of each budget, in bytes: it is said on every call.
        self._terms = [
            b"%b %d %d" % (b"t" if rule.counts_tokens else b"r", rule.amount, rule.width)
            for rule in self.rules
        ]
        self._scopes = [
            (kind, r.limit.scope) for kind, r in zip(self._kinds, self.rules, strict=True)
        ]
        # One script may touch keys of one slot only, and these belong to several users.
        is_shared = any(rule.limit.scope != "user" for rule in self.rules)
        self._slot = "prefix" if is_shared else "id"
        # Quoting an id takes as long as packing the whole command.
        self._key = lru_cache(_REMEMBERED)(self._made_key)

    def take(self, user_id: str, tokens: int, model: str, mark: str = "") -> Call:
        """The call that takes from all budgets; with a mark it makes a reservation."""
        keys = self._keys(user_id, model)
        arguments = [self._told(tokens), *self._terms]
        if mark:
            keys.append(self._key("open", user_id))
            arguments += (mark.encode("utf-8", "surrogatepass"), self._lasting)
        return TAKE, keys, arguments

    def look(self, user_id: str, tokens: int, model: str) -> Call:
        """The call that only looks."""
        return LOOK, self._keys(user_id, model), [self._told(tokens), *self._terms]

    def settle(self, reservation: Reservation, used: int) -> Call:
        """The call that corrects a reservation."""
        user_id, model = reservation.user_id, reservation.token[MARK_LENGTH:]
        counted = [
            (self._key(kind, rule.holder(user_id, model)), b"%d" % rule.width)
            for kind, rule in zip(self._kinds, self.rules, strict=True)
            if rule.counts_tokens
        ]
        over = self._told(min(used, MOST) - reservation.tokens)
        mark = reservation.token.encode("utf-8", "surrogatepass")
        return (
            SETTLE,
            [*(name for name, _ in counted), self._key("open", user_id)],
            [over, *(width for _, width in counted), mark, self._lasting],
        )

    def own_keys(self, user_id: str) -> list[bytes]:
        """The keys that are a user's alone."""
        own = [
            self._key(kind, user_id)
            for kind, rule in zip(self._kinds, self.rules, strict=True)
            if rule.limit.scope == "user"
        ]
        return [*own, self._key("open", user_id)]

    def verdict(self, answer: Any, mark: str = "") -> Verdict:
        """What the answer of :meth:`take` or :meth:`look` says about the call."""
        if answer == 0 or not answer[0]:
            return Verdict(True, mark=mark) if mark else GRANTED
        return Verdict(False, self.rules[answer[0] - 1].limit, answer[1] / 1_000_000)

    def left(self, answer: Any) -> int:
        """What the answer of :meth:`look` says is left."""
        return remaining(self.rules, answer[2:])

    def _keys(self, user_id: str, model: str) -> list[bytes]:
        return [
            self._key(kind, user_id if scope == "user" else model if scope == "model" else "")
            for kind, scope in self._scopes
        ]

    def _made_key(self, kind: str, holder: str) -> bytes:
        return key(self._prefix, kind, holder, slot=self._slot)

    def _told(self, tokens: int) -> bytes:
        if self._clock is None:
            return b"%d" % tokens
        return b"%d@%d" % (tokens, int(self._clock() * 1_000_000))


def _kind(rule: Rule) -> str:
    """What tells a limit's keys from another's; its amount may change, its slices may not."""
    limit = rule.limit
    told = f"{limit.what} {limit.scope} {rule.width} {limit.name}"
    return "used" + blake2b(told.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
