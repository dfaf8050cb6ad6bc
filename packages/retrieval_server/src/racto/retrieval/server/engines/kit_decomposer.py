"""KitDecomposer: a chat kit splits a query into those that can be searched one by one."""

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
from .rankings import each_limit
from .settings import Settings
from .verdicts import listed

_KNOWN = (*KNOWN, "max_queries", "max_query_characters", "include_original")
_PROMPT = (
    "You prepare searches. Split the user's query into queries that can be searched one by one, "
    "so that what they find together answers it. Each stands for itself, with the names that the "
    "query has. A query that asks for one thing only stays as it is. Answer with `queries`."
)


class SubQueries(BaseModel):
    """The reply that a query asks for.

    Attributes:
        queries: Queries to search for.
    """

    queries: list[str] = Field(description="Queries to search for, each standing for itself.")


class KitDecomposer(Engine):
    """Splits queries by any chat kit; what it writes is searched for, and used for nothing else.

    A query that the kit does not split is its own sub-query. Settings: ``kit``, ``prompt``,
    ``width``, ``max_tokens``, ``temperature`` as in :class:`KitReranker`, ``max_queries`` (16,
    whatever a request's limit is), ``max_query_characters`` (400; longer ones are left out),
    ``include_original`` (false; true makes the query itself the first).

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
        self._most = settings.count("max_queries", 16, 1, 1000)
        self._longest = settings.count("max_query_characters", 400, 1, 100_000)
        self._with_original = settings.flag("include_original")
        self._requests = KitRequests(
            self.name, kit, config=self.config, settings=settings, prompt=_PROMPT, max_tokens=2048
        )

    async def decompose_query_batch(
        self, queries: Sequence[str], limit: int | Sequence[int] = 10, **kw: Any
    ) -> list[list[str]]:
        """Sub-queries of each query, at least one, none twice.

        Args:
            queries: n queries.
            limit: Most sub-queries, for all or one each.
            **kw: Other options do not matter here.

        Raises:
            InvalidResponseError: If a reply holds no list of queries.
            RactoGatewayError: What the kit raises.
        """
        flows = [
            self._split(query, min(most, self._most))
            for query, most in zip(queries, each_limit(limit, len(queries)), strict=True)
        ]
        return await arun(gather(flows, width=self._requests.width))

    def _split(self, query: str, most: int) -> Flow[list[str]]:
        # Nothing can be left out of nothing, and the call would cost as much.
        if not query.strip() or (self._with_original and most == 1):
            return [query]
        shown = quoted(query, "query", most=MOST_QUERY)
        reply = yield from self._requests.ask(
            f"At most {most} queries.\n\n{shown}", model=SubQueries
        )
        said = listed(reply, "queries")
        if said is None:
            raise self._requests.unusable("a list of queries", reply)
        return self._kept(query, said, most)

    def _kept(self, query: str, said: Sequence[Any], most: int) -> list[str]:
        found: dict[str, str] = {}
        for text in [query, *said] if self._with_original else said:
            if not isinstance(text, str):
                continue
            clean = " ".join(text.split()) if text is not query else query
            # A stranger's query may be long; what the kit makes of it may not.
            if clean and (text is query or len(clean) <= self._longest):
                found.setdefault(clean.casefold(), clean)
        return list(found.values())[:most] or [query]
