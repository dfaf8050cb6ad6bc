"""Histories cut to what fits: the beginning and the end stay, the oldest of the middle goes first.

What counts is the whole request: system text, tools, schema, attachments, the user's turn and the
room that the reply needs. Turns that belong together stay together: a tool's answer with its
call, and the thinking that led to it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pydantic import BaseModel, ConfigDict, Field

from racto.core.chat import ChatConfig
from racto.core.errors import ContextLengthError
from racto.core.messages import Message

from .catalog import Catalog
from .facts import ModelFacts
from .footprints import REPLY, Footprints
from .kits.systems import system_text
from .tokens import Counter, counter_for
from .turn_groups import TurnGroups

FALLBACK_CONTEXT = 8192
"""Context window of a model that the catalog does not know: the reference's number."""

_REMEMBERED = 64


class TruncationConfig(BaseModel):
    """How a :class:`TokenTruncator` cuts.

    Attributes:
        max_context_tokens: Most tokens of a request; the reply is not part of it. None takes the
            model's context window from the catalog and leaves room for ``max_tokens`` of reply.
        keep_first_n: Turns at the beginning that stay.
        keep_last_n: Turns at the end that stay.
        token_counter: Counts the tokens of a text. None takes the best that is at hand for the
            model: tiktoken with an encoding that it has cached, else an estimate by script (the
            reference counts a quarter of the characters, which is four times too low for
            Chinese).
        safety_margin: Tokens to leave free, because providers wrap turns in ways of their own;
            at most a quarter of the limit.
        unknown_context_tokens: Context window of models that the catalog does not know.
        catalog: Facts about models; racto's own when None.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True
    )

    max_context_tokens: int | None = Field(default=None, gt=0)
    keep_first_n: int = Field(default=2, ge=0)
    keep_last_n: int = Field(default=6, ge=0)
    token_counter: Counter | None = None
    safety_margin: int = Field(default=512, ge=0)
    unknown_context_tokens: int = Field(default=FALLBACK_CONTEXT, gt=0)
    catalog: Catalog | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """The tokens that a request may have, and where the number comes from."""

    tokens: int
    why: str


class TokenTruncator:
    """Shortens histories that do not fit a model; safe to share between threads.

    Turns of the middle are kept from the newest backwards, as many as fit. Where the turns that
    are to stay do not fit all together, those of the beginning go first, the later before the
    earlier, and then the older ones of the end; the reference sends them all, and the provider
    refuses. A single turn that must stay and does not fit is an error.

    Args:
        config: How to cut; the defaults when None.
    """

    def __init__(self, config: TruncationConfig | None = None) -> None:
        self._config = config or TruncationConfig()
        self._catalog = self._config.catalog or Catalog.load()
        self._own = _function(self._config.token_counter)
        self._counted: dict[tuple[str, str], Footprints] = {}

    def truncate(
        self, chat_config: ChatConfig, model: str, *, provider: str = "", system: str | None = None
    ) -> ChatConfig:
        """The same config when it fits, else a copy with less history.

        Args:
            chat_config: The request.
            model: Model that will be asked.
            provider: Who serves it; the first that lists it when empty.
            system: The system text as it will be sent; None to take it from the config.

        Raises:
            ContextLengthError: If the request does not fit even without history, or a single
                turn that must stay does not; it names ``limit`` and ``count``.
        """
        facts = self._catalog.model_facts(provider, model)
        footprints = self._footprints(facts)
        limit = self._limit(facts, chat_config)
        fixed = self._fixed(chat_config, footprints, system)
        counts = footprints.turns(chat_config.history)
        if sum(counts) + fixed <= limit.tokens:
            return chat_config
        if fixed > limit.tokens:
            raise _too_long("system text, tools and the user's turn", fixed, limit, model)
        kept = self._kept(chat_config, counts, limit, fixed=fixed, model=model)
        return chat_config.model_copy(update={"history": kept})

    def _footprints(self, facts: ModelFacts) -> Footprints:
        # A counter of one's own counts for all models, so its counts are remembered together.
        key = ("", "") if self._own is not None else (facts.provider, facts.model)
        found = self._counted.get(key)
        if found is None:
            if len(self._counted) >= _REMEMBERED:
                self._counted.clear()
            counter = self._own or counter_for(
                facts.model, provider=facts.provider, catalog=self._catalog
            )
            found = self._counted[key] = Footprints(counter)
        return found

    def _limit(self, facts: ModelFacts, config: ChatConfig) -> _Limit:
        most = self._config.max_context_tokens
        if most is not None:
            margin = self._margin(most)
            return _Limit(tokens=most - margin, why=f"max_context_tokens={most}, {margin} free")
        window = facts.context_window
        if window is None:
            window = self._config.unknown_context_tokens
            # A guess must not turn a generous max_tokens into an error.
            reply = min(config.max_tokens, window // 2)
            named = f"{window} assumed, because the catalog does not know the model"
        else:
            reply = min(config.max_tokens, facts.max_output_tokens or config.max_tokens)
            named = f"a context window of {window}"
        margin = self._margin(window)
        why = f"{named}, less {reply} for the reply and {margin} free"
        return _Limit(tokens=max(0, window - reply - margin), why=why)

    def _margin(self, limit: int) -> int:
        return min(self._config.safety_margin, limit // 4)

    def _fixed(self, config: ChatConfig, footprints: Footprints, system: str | None) -> int:
        text = system_text(config) if system is None else system
        count = REPLY + footprints.text(text)
        count += footprints.tools(config.tools) + footprints.schema(config.response_model)
        if config.user_message or config.attachments:
            turn = Message.user(config.user_message, config.attachments or ())
            count += footprints.turn(turn)
        return count

    def _kept(
        self,
        config: ChatConfig,
        counts: Sequence[int],
        limit: _Limit,
        *,
        fixed: int,
        model: str,
    ) -> tuple[Message, ...]:
        history, groups = config.history, TurnGroups(config.history)
        # Tokens before each turn, so that the size of a stretch is a difference.
        until = [0, *accumulate(counts)]
        first, last = self._staying(config, groups)
        room = limit.tokens - fixed
        for start, stop in (*groups.between(0, first), *groups.between(last, len(history))):
            size = until[stop] - until[start]
            if size > room:
                what = f"turn {start + 1} of the history, with what belongs to it,"
                raise _too_long(what, fixed + size, limit, model)
        while until[first] + until[-1] - until[last] > room:
            if first:
                first = groups.start_before(first - 1)
            else:
                last = groups.start_after(last + 1)
        room -= until[first] + until[-1] - until[last]
        # From the newest of the middle backwards, and without a hole.
        start = groups.start_after(bisect_left(until, until[last] - room))
        return (*history[:first], *history[groups.with_its_question(start, last) :])

    def _staying(self, config: ChatConfig, groups: TurnGroups) -> tuple[int, int]:
        """Where the beginning that stays ends, and where the end that stays begins."""
        length = len(config.history)
        # Without a user's turn it is the last turn of the history that is to be answered.
        ending = max(self._config.keep_last_n, int(not (config.user_message or config.attachments)))
        last = groups.start_before(max(0, length - ending))
        return min(last, groups.start_after(min(length, self._config.keep_first_n))), last


def _too_long(what: str, count: int, limit: _Limit, model: str) -> ContextLengthError:
    return ContextLengthError(
        f"{what} take about {count} tokens, and {model} may get {limit.tokens} ({limit.why}); "
        "send less, or name a model with a longer context",
        limit=limit.tokens,
        count=count,
    )


def _function(counter: Counter | None) -> Callable[[str], int] | None:
    if counter is None or not hasattr(counter, "count_tokens"):
        return counter
    found: Callable[[str], int] = counter.count_tokens
    return found
