"""What a pipeline consists of: calls of services, one after the other or side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call of a service: ``name[alias]@view%limit``.

    Args:
        name: The service.
        alias: Name under which options of a run reach this call; the service's by default.
        view: View of the documents that are read for it; empty for the collection's default.
        limit: Most results; None for the service's default.
        column: Where it stands in the text, counted from 1. Calls are equal wherever they stand.
    """

    name: str
    alias: str = ""
    view: str = ""
    limit: int | None = None
    column: int = 0

    def __str__(self) -> str:
        alias = f"[{self.alias}]" if self.alias and self.alias != self.name else ""
        view = f"@{self.view}" if self.view else ""
        limit = f"%{self.limit}" if self.limit is not None else ""
        return f"{self.name}{alias}{view}{limit}"

    @property
    def key(self) -> str:
        """The name under which options of a run reach it."""
        return self.alias or self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Fork:
    """Branches side by side, and what makes one ranking of theirs: ``{a, b}merger``.

    Args:
        branches: Each is a chain of its own.
        merger: Fuses the branches' rankings.
        expander: Splits the query first; each sub-query then goes through every branch.
    """

    branches: tuple[Chain, ...]
    merger: Call
    expander: Call | None = None

    def __str__(self) -> str:
        inside = ", ".join(map(str, self.branches))
        return f"{self.expander or ''}{{{inside}}}{self.merger}"

    @property
    def column(self) -> int:
        """Where it begins, counted from 1."""
        return (self.expander or self.branches[0].stages[0]).column


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """Stages one after the other: ``a >> b``; each later one reorders what the one before found.

    Args:
        stages: One or more.
    """

    stages: tuple[Stage, ...]

    def __str__(self) -> str:
        return " >> ".join(map(str, self.stages))

    @property
    def column(self) -> int:
        """Where it begins, counted from 1."""
        return self.stages[0].column


Stage: TypeAlias = Call | Fork


def calls_of(node: Chain | Stage) -> Iterator[Call]:
    """Every call within, in the order of the text, mergers and expanders included."""
    if isinstance(node, Call):
        yield node
    elif isinstance(node, Chain):
        for stage in node.stages:
            yield from calls_of(stage)
    else:
        if node.expander is not None:
            yield node.expander
        for branch in node.branches:
            yield from calls_of(branch)
        yield node.merger


def with_limit(chain: Chain, limit: int) -> Chain:
    """The chain with another limit on what comes out of it."""
    last = chain.stages[-1]
    changed: Stage
    # What comes out of a fork is what its merger lets through.
    if isinstance(last, Call):
        changed = replace(last, limit=limit)
    else:
        changed = replace(last, merger=replace(last.merger, limit=limit))
    return Chain(stages=(*chain.stages[:-1], changed))


def with_view(chain: Chain, view: str) -> Chain:
    """The chain with a view for all calls in it that name none; mergers and expanders read none."""
    return Chain(stages=tuple(_viewed(stage, view) for stage in chain.stages))


def _viewed(stage: Stage, view: str) -> Stage:
    if isinstance(stage, Call):
        return stage if stage.view else replace(stage, view=view)
    return replace(stage, branches=tuple(with_view(branch, view) for branch in stage.branches))
