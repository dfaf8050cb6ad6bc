"""KitReranker: a chat kit judges passages, one by one or as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from racto.core import Engine
from racto.core.flows import Flow, arun, gather
from racto.core.protocols import ChatKit

from .kit_requests import KNOWN, MOST_QUERY, KitRequests
from .quotations import quoted
from .rerankers import split
from .settings import Settings
from .verdicts import order_in, relevance

METHODS = ("pointwise", "listwise")
_KNOWN = (*KNOWN, "method", "max_passage_characters", "logprobs", "window", "stride")

_POINTWISE = (
    "You judge search results. Does the passage help to answer the query? Answer with one word: "
    "yes or no."
)
_LISTWISE = (
    "You rank search results. Order the numbered passages by how well they help to answer the "
    "query, best first. Answer with the numbers of all passages, each exactly once, as `order`."
)


class Ranking(BaseModel):
    """The reply that a list of passages asks for.

    Attributes:
        order: Numbers of the passages, best first.
    """

    order: list[int] = Field(description="Numbers of the passages, best first.")


class KitReranker(Engine):
    """Scores passages by any chat kit.

    ``pointwise`` asks about each passage whether it helps, and scores it by the probability of
    yes where the kit gives log-probabilities, else by the word alone; passages on which the reply
    is unclear get 0.0. ``listwise`` has the kit order windows of passages, from the last to the
    first, and scores them by their places, the best 1.0.

    Each passage or window is a paid call: put an ``AsyncPairwiseScoreProcessor`` before it, which
    never divides a failed batch and asks again. Settings: ``kit`` (the name of a plug-in, or an
    object of ``name`` and its options, such as ``model``), ``method``, ``prompt``, ``width``
    (calls of one batch at once, 8), ``max_tokens``, ``temperature`` (left to the model),
    ``max_passage_characters`` (4000), ``logprobs`` (alternatives a token, 10; 0 for none),
    ``window`` (20) and ``stride`` (10).

    Args:
        name: Name under which it is served.
        config: Its settings, or the path of a JSON file with them.
        kit: The kit, instead of the setting; whoever made it closes it.
        **options: Settings that override those of ``config``.

    Raises:
        ConfigurationError: If a setting is wrong, or there is no kit.
        PluginNotFoundError: If the plug-in is not installed.
    """

    def __init__(
        self,
        name: str = "",
        config: Mapping[str, Any] | str | Path | None = None,
        *,
        kit: ChatKit | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, config, **options)
        settings = Settings(self.name, self.config, known=_KNOWN)
        self._method = settings.choice("method", METHODS)
        self._most = settings.count("max_passage_characters", 4000, 1, 1_000_000)
        self._logprobs = settings.count("logprobs", 10, 0, 20)
        self._window = settings.count("window", 20, 2, 1000)
        # Half a window overlaps, so that a good passage can rise through all of them.
        self._stride = settings.count("stride", max(1, self._window // 2), 1, self._window - 1)
        is_pointwise = self._method == "pointwise"
        self._requests = KitRequests(
            self.name,
            kit,
            config=self.config,
            settings=settings,
            prompt=_POINTWISE if is_pointwise else _LISTWISE,
            # Only limits: models that reason first count their thoughts too.
            max_tokens=1024 if is_pointwise else 4096,
        )

    async def score_batch(
        self,
        queries: Sequence[str],
        passages: Sequence[str],
        candidate_length: Sequence[int] | None = None,
        **kw: Any,
    ) -> list[list[float]]:
        """Scores from 0.0 to 1.0, in the order of the passages.

        Args:
            queries: n queries.
            passages: All passages, one after the other.
            candidate_length: How many belong to each query; None for all to a single one.
            **kw: Other options do not matter here.

        Raises:
            InvalidResponseError: If no reply about a query's passages can be used.
            RactoGatewayError: What the kit raises.
        """
        score = self._pointwise if self._method == "pointwise" else self._listwise
        texts = split(passages, candidate_length)
        flows = [score(query, list(own)) for query, own in zip(queries, texts, strict=True) if own]
        # One query's passages are asked about at once already, the windows of a list are not.
        width = 1 if self._method == "pointwise" else self._requests.width
        found = iter(await arun(gather(flows, width=width)))
        return [next(found) if own else [] for own in split(passages, candidate_length)]

    def _pointwise(self, query: str, texts: list[str]) -> Flow[list[float]]:
        requests = self._requests
        asked = quoted(query, "query", most=MOST_QUERY)
        replies = yield from gather(
            [
                requests.ask(
                    f"{asked}\n\n{quoted(text, 'passage', most=self._most)}",
                    logprobs=self._logprobs or None,
                )
                for text in texts
            ],
            width=requests.width,
        )
        verdicts = [relevance(reply) for reply in replies]
        if all(verdict is None for verdict in verdicts):
            raise requests.unusable("yes or no", replies[0])
        return [verdict or 0.0 for verdict in verdicts]

    def _listwise(self, query: str, texts: list[str]) -> Flow[list[float]]:
        order = list(range(len(texts)))
        start = max(0, len(order) - self._window)
        while len(order) > 1:
            part = order[start : start + self._window]
            order[start : start + self._window] = yield from self._ordered(query, texts, part)
            if not start:
                break
            start = max(0, start - self._stride)
        scores = [0.0] * len(texts)
        for rank, place in enumerate(order):
            scores[place] = 1.0 - rank / len(order)
        return scores

    def _ordered(self, query: str, texts: list[str], part: list[int]) -> Flow[list[int]]:
        shown = [
            quoted(texts[place], "passage", most=self._most, number=number)
            for number, place in enumerate(part, 1)
        ]
        message = "\n\n".join([quoted(query, "query", most=MOST_QUERY), *shown])
        reply = yield from self._requests.ask(message, model=Ranking)
        order = order_in(reply, len(part))
        if order is None:
            raise self._requests.unusable(f"the order of {len(part)} passages", reply)
        return [part[place] for place in order]
