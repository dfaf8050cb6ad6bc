"""Reads pipelines: every mistake is an error that points at its column, and limits hold.

::

    chain  = stage { ">>" stage }
    stage  = [ call ] "{" chain { "," chain } "}" call | call
    call   = NAME [ "[" NAME "]" ] [ "@" NAME ] [ "%" NUMBER ]
    NAME   = letter { letter | digit | "_" | "-" }

The language is five rules and has to point at columns, which is why it is read by hand: a
generated parser would be larger than this file and three to ten times slower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from racto.core.errors import ConfigurationError
from racto.retrieval.server.errors import PipelineError

from .nodes import Call, Chain, Fork, Stage

_TOKEN = re.compile(
    r"[ \t\r\n\f\v]*(?:(?P<name>[A-Za-z][A-Za-z0-9_-]*)|(?P<number>[0-9]+)|(?P<mark>>>|[\[\]{},%@])"
    r"|(?P<end>\Z))"
)
_SPACE = re.compile(r"[ \t\r\n\f\v]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineLimits:
    """How much one pipeline may ask for.

    Args:
        text: Most characters.
        depth: How deep braces may be nested.
        calls: Most calls of services in the text, aliases written out.
        fan_out: Most calls that one run can make, sub-queries counted.
        limit: Largest ``%N``.
        subqueries: Most sub-queries that an expander may make where it has no ``%N``.

    Raises:
        ConfigurationError: If one is below 1.
    """

    text: int = 4096
    depth: int = 8
    calls: int = 64
    fan_out: int = 256
    limit: int = 10_000
    subqueries: int = 10

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be at least 1: {getattr(self, name)!r}")


def parse(text: str, limits: PipelineLimits | None = None) -> Chain:
    """Read a pipeline.

    Args:
        text: The pipeline, such as ``"{bm25, dense}RRF%100 >> reranker%20"``.
        limits: How much it may ask for.

    Returns:
        Its stages; columns of calls are those of the text.

    Raises:
        PipelineError: If it cannot be read; ``column`` is where.
    """
    return _Reading(text, limits or PipelineLimits()).whole()


class _Reading:
    """One pass over a text, one token ahead."""

    def __init__(self, text: str, limits: PipelineLimits) -> None:
        if len(text) > limits.text:
            raise PipelineError(
                f"the pipeline has {len(text):,} characters; {limits.text:,} is the most",
                text=text,
                column=limits.text,
            )
        self._text = text
        self._limits = limits
        self._calls = 0
        self._after = 0
        self._advance()

    def whole(self) -> Chain:
        chain = self._chain(0)
        if self._kind != "end":
            raise self._wrong("'>>' or the end")
        return chain

    def _advance(self) -> None:
        match = _TOKEN.match(self._text, self._after)
        if match is None:
            at = _SPACE.match(self._text, self._after).end()  # type: ignore[union-attr]
            raise PipelineError(
                f"{self._text[at]!r} has no meaning in a pipeline", text=self._text, column=at + 1
            )
        self._kind = str(match.lastgroup)
        self._word = match[self._kind]
        self._column = match.start(self._kind) + 1
        self._after = match.end()

    def _wrong(self, wanted: str) -> PipelineError:
        found = f"{self._word!r}" if self._word else "the end"
        return PipelineError(
            f"{wanted} is expected, not {found}", text=self._text, column=self._column
        )

    def _skip(self, mark: str) -> bool:
        if self._word != mark:
            return False
        self._advance()
        return True

    def _chain(self, depth: int) -> Chain:
        stages = [self._stage(depth)]
        while self._skip(">>"):
            stages.append(self._stage(depth))
        return Chain(stages=tuple(stages))

    def _stage(self, depth: int) -> Stage:
        call = None
        if self._word != "{":
            call = self._call()
            if self._word != "{":
                return call
        if depth >= self._limits.depth:
            raise PipelineError(
                f"braces are nested more than {self._limits.depth} deep",
                text=self._text,
                column=self._column,
            )
        self._advance()
        branches = [self._chain(depth + 1)]
        while self._skip(","):
            branches.append(self._chain(depth + 1))
        if not self._skip("}"):
            raise self._wrong("'>>', ',' or '}'")
        if self._kind != "name":
            raise self._wrong("the name of a merger, such as RRF,")
        return Fork(branches=tuple(branches), merger=self._call(), expander=call)

    def _call(self) -> Call:
        if self._kind != "name":
            raise self._wrong("the name of a service")
        self._calls += 1
        if self._calls > self._limits.calls:
            raise PipelineError(
                f"a pipeline may have at most {self._limits.calls} calls of services",
                text=self._text,
                column=self._column,
            )
        name, column = self._word, self._column
        self._advance()
        alias = self._named("[", "an alias")
        if alias and not self._skip("]"):
            raise self._wrong("']'")
        view = self._named("@", "a view")
        return Call(name=name, alias=alias, view=view, limit=self._limit(), column=column)

    def _named(self, mark: str, what: str) -> str:
        if not self._skip(mark):
            return ""
        if self._kind != "name":
            raise self._wrong(f"the name of {what}")
        word = self._word
        self._advance()
        return word

    def _limit(self) -> int | None:
        if not self._skip("%"):
            return None
        if self._kind != "number":
            raise self._wrong("a number")
        # Compared by length first: thousands of digits take long to become a number.
        digits = self._word.lstrip("0")
        if len(digits) > 9 or not 1 <= int(digits or "0") <= self._limits.limit:
            raise PipelineError(
                f"%N is from 1 to {self._limits.limit:,}", text=self._text, column=self._column
            )
        self._advance()
        return int(digits)
