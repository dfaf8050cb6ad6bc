"""Plans: pipelines that were checked against the services there are, ready to run."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from racto.retrieval.server.errors import PipelineError
from racto.retrieval.server.registry import Registry

from .aliases import Aliases
from .grammar import PipelineLimits, parse
from .nodes import Call, Chain, Stage

_WHAT = {
    "search": "searches",
    "score": "scores passages (a stage after '>>' reorders what the one before found)",
    "fuse": "merges rankings",
    "decompose_query": "splits queries",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A pipeline that can be run.

    Args:
        chain: Its stages, aliases written out.
        text: As it was written.
        keys: Names under which options of a run reach its calls.
        reranks: Whether it reads documents, and so needs a collection.
        calls: Most calls of services that one run makes.
        subqueries: Most sub-queries of an expander without ``%N``; ``calls`` counts on it.
    """

    chain: Chain
    text: str
    keys: frozenset[str]
    reranks: bool
    calls: int
    subqueries: int = PipelineLimits().subqueries


def plan(
    text: str,
    registry: Registry,
    aliases: Aliases | None = None,
    limits: PipelineLimits | None = None,
    *,
    dynamic: bool = True,
) -> Plan:
    """Read a pipeline and check it.

    Args:
        text: The pipeline.
        registry: The services there are.
        aliases: Names for whole pipelines.
        limits: How much it may ask for.
        dynamic: Whether any pipeline will do; if not, it must be an alias, perhaps with ``%N``.

    Returns:
        A plan; it stays good as long as the services are the same.

    Raises:
        PipelineError: If it cannot be read, names a service that is not there or cannot do what
            its place asks for, or asks for more than the limits allow.
    """
    limits = limits or PipelineLimits()
    aliases = aliases if aliases is not None else Aliases()
    written = parse(text, limits)
    if not dynamic and not _is_alias(written, aliases):
        raise PipelineError(
            f"this server runs named pipelines only: {', '.join(aliases) or 'none'}",
            text=text,
            column=1,
        )
    chain = aliases.expanded(written, text)
    roles = list(roles_of(chain))
    for call, role in roles:
        if not registry.has_service(call.name, role):
            # An alias's call has its column in the alias's text, not in this one.
            raise _absent(call, role, registry, text if written == chain else "")
    # Counted before anything runs: a line of text must not become a thousand model calls.
    calls = _cost(chain, limits)
    if calls > limits.fan_out:
        raise PipelineError(
            f"the pipeline can make {calls:,} calls of services, and {limits.fan_out} is the "
            "most; give its expanders a smaller %N or drop branches",
            text=text,
            column=1,
        )
    return Plan(
        chain=chain,
        text=text,
        keys=frozenset(call.key for call, _ in roles),
        reranks=any(role == "score" for _, role in roles),
        calls=calls,
        subqueries=limits.subqueries,
    )


def roles_of(chain: Chain, *, first: str = "search") -> Iterator[tuple[Call, str]]:
    """Every call with the role that its place gives it.

    Args:
        chain: The pipeline.
        first: Role of its first stage: ``search``, or ``score`` where there are results already.
    """
    for at, stage in enumerate(chain.stages):
        role = first if at == 0 else "score"
        if isinstance(stage, Call):
            yield stage, role
            continue
        if stage.expander is not None:
            yield stage.expander, "decompose_query"
        for branch in stage.branches:
            yield from roles_of(branch, first=role)
        yield stage.merger, "fuse"


def _is_alias(chain: Chain, aliases: Aliases) -> bool:
    only = chain.stages[0]
    return len(chain.stages) == 1 and isinstance(only, Call) and only.name in aliases


def _cost(chain: Chain, limits: PipelineLimits) -> int:
    return sum(_stage_cost(stage, limits) for stage in chain.stages)


def _stage_cost(stage: Stage, limits: PipelineLimits) -> int:
    if isinstance(stage, Call):
        return 1
    inside = sum(_cost(branch, limits) for branch in stage.branches)
    if stage.expander is None:
        return inside + 1
    return 2 + inside * (stage.expander.limit or limits.subqueries)


def _absent(call: Call, role: str, registry: Registry, text: str) -> PipelineError:
    able = registry.get_all_services()[role]
    if call.name in registry.all_services:
        others = ", ".join(registry.all_services[call.name])
        message = (
            f"{call.name!r} has the roles {others}, and here a service is needed that {_WHAT[role]}"
        )
    else:
        # Names differ by case more often than by anything else.
        folded = {name.casefold(): name for name in able}
        close = difflib.get_close_matches(call.name.casefold(), folded, n=1)
        hint = f"; did you mean {folded[close[0]]!r}?" if close else "."
        message = f"there is no service {call.name!r} that {_WHAT[role]}{hint}"
    message += f" Services that do: {', '.join(sorted(able)) or 'none'}"
    return PipelineError(message, text=text, column=call.column if text else 0)
