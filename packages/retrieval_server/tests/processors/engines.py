"""Engines that the tests of processors and pipelines share: each answer tells what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.core import Engine


class Echo(Engine):
    """Finds as many documents as it is asked for, and keeps what each call was given."""

    def __init__(self, name: str = "echo", **options: Any) -> None:
        super().__init__(name, None, **options)
        self.calls: list[dict[str, Any]] = []

    async def search_batch(
        self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any
    ) -> list[dict[str, float]]:
        self.calls.append({"queries": list(queries), "limit": limit, "subsets": subsets, **kw})
        found = []
        for query, most, subset in zip(queries, limit, subsets, strict=True):
            if query == "poison":
                raise ValueError("poisoned")
            where = subset or "all"
            found.append({f"{where}/{query}/{i}": 1.0 / (i + 1) for i in range(most)})
        return found

    async def decompose_query_batch(
        self, queries: Any, limit: Any = 10, **kw: Any
    ) -> list[list[str]]:
        self.calls.append({"queries": list(queries), "limit": limit, **kw})
        prompt = kw.get("prompt", "")
        return [[f"{prompt}{query} {part}" for part in "AB"] for query in queries]


class ByLength(Engine):
    """Scores passages by their length."""

    def __init__(self, name: str = "length") -> None:
        super().__init__(name)
        self.calls: list[tuple[int, ...]] = []

    def score_batch(
        self, queries: Any, passages: Sequence[str], candidate_length: Any = None, **kw: Any
    ) -> list[list[float]]:
        self.calls.append(tuple(candidate_length))
        left = iter(passages)
        return [[float(len(next(left))) for _ in range(n)] for n in candidate_length]


class Saying(Engine):
    """Returns whatever it was made with, right or wrong."""

    def __init__(self, *found: Any) -> None:
        super().__init__("saying")
        self.found = found

    async def search_batch(self, queries: Any, *args: Any, **kw: Any) -> Any:
        return list(self.found)

    async def score_batch(self, queries: Any, *args: Any, **kw: Any) -> Any:
        return list(self.found)

    async def decompose_query_batch(self, queries: Any, *args: Any, **kw: Any) -> Any:
        return list(self.found)
