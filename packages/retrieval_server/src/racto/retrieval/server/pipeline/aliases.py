"""Names for whole pipelines, written out before a run; circles and clashes are found at the start."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from racto.retrieval.server.errors import PipelineError

from .grammar import PipelineLimits, parse
from .nodes import Call, Chain, Fork, Stage, calls_of, with_limit, with_view


class Aliases(Mapping[str, Chain]):
    """Pipelines by alias, with all aliases inside them written out.

    Args:
        texts: The pipeline of each alias; one may use others.
        taken: Names of services, which an alias must not hide.
        limits: How much one pipeline may ask for.

    Raises:
        PipelineError: If a pipeline cannot be read, an alias is a service's name, or aliases use
            each other in a circle; the message names the alias.
    """

    def __init__(
        self,
        texts: Mapping[str, str] | None = None,
        *,
        taken: Collection[str] = (),
        limits: PipelineLimits | None = None,
    ) -> None:
        self.texts = dict(texts or {})
        self._limits = limits or PipelineLimits()
        if hidden := sorted(set(self.texts) & set(taken)):
            raise PipelineError(f"aliases must not have names of services: {', '.join(hidden)}")
        self._read = {name: self._parsed(name, text) for name, text in self.texts.items()}
        self._done: dict[str, Chain] = {}
        for name in self._read:
            self._resolve(name, ())

    def __getitem__(self, name: str) -> Chain:
        return self._done[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._done)

    def __len__(self) -> int:
        return len(self._done)

    def expanded(self, chain: Chain, text: str = "") -> Chain:
        """Write out all aliases in a chain.

        A limit at the place of use replaces the limit of what comes out of the alias's pipeline,
        a view there fills in for calls that name none. Mergers and expanders are services always.

        Args:
            chain: As it was read.
            text: As it was written, for the message.

        Raises:
            PipelineError: If an alias is used with ``[...]``, or too many calls come out.
        """
        if not self._done:
            return chain
        full = self._chain(chain, text)
        if sum(1 for _ in calls_of(full)) > self._limits.calls:
            raise PipelineError(
                f"with its aliases written out, the pipeline has more than {self._limits.calls} "
                "calls of services",
                text=text,
                column=1,
            )
        return full

    def _parsed(self, name: str, text: str) -> Chain:
        try:
            return parse(text, self._limits)
        except PipelineError as error:
            raise PipelineError(f"pipeline alias {name!r}: {error}") from error

    def _resolve(self, name: str, path: tuple[str, ...]) -> None:
        if name in self._done:
            return
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise PipelineError(f"pipeline aliases use each other in a circle: {circle}")
        for call in calls_of(self._read[name]):
            if call.name in self._read:
                self._resolve(call.name, (*path, name))
        # All that it uses stands in ``_done`` now, and nothing that is unfinished.
        self._done[name] = self.expanded(self._read[name], self.texts[name])

    def _chain(self, chain: Chain, text: str) -> Chain:
        stages: list[Stage] = []
        for stage in chain.stages:
            stages.extend(self._stages(stage, text))
        return Chain(stages=tuple(stages))

    def _stages(self, stage: Stage, text: str) -> tuple[Stage, ...]:
        if isinstance(stage, Fork):
            branches = tuple(self._chain(branch, text) for branch in stage.branches)
            return (Fork(branches=branches, merger=stage.merger, expander=stage.expander),)
        body = self._done.get(stage.name)
        return (stage,) if body is None else self._body(stage, body, text).stages

    def _body(self, call: Call, body: Chain, text: str) -> Chain:
        if call.alias:
            raise PipelineError(
                f"{call.name!r} is a pipeline and not one service: it takes no [{call.alias}]",
                text=text,
                column=call.column,
            )
        if call.limit is not None:
            body = with_limit(body, call.limit)
        return with_view(body, call.view) if call.view else body
