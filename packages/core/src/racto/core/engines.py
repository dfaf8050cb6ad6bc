"""A base class for retrieval engines: configuration, declared powers, single-query forms."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import ConfigurationError, UnsupportedFeatureError

POWERS = ("search", "score", "fuse", "decompose_query")


class Engine:
    """Something that searches, scores, fuses or decomposes, as a server or a pipeline uses it.

    A subclass overrides those of ``search_batch``, ``score_batch``, ``fuse_batch`` and
    ``decompose_query_batch`` that it can do, plain or ``async``; ``can_search`` and its like
    follow from that.

    Args:
        name: Name under which it is served; the class's name by default.
        config: Its settings, or the path of a JSON file with them.
        **options: Settings that override those of ``config``.

    Raises:
        ConfigurationError: If the file of settings is missing or holds no JSON object.
    """

    accepts_view_kind = "text"

    def __init__(
        self, name: str = "", config: Mapping[str, Any] | str | Path | None = None, **options: Any
    ) -> None:
        self.name = name or type(self).__name__
        self.config: dict[str, Any] = {**_settings(config), **options}

    @property
    def can_search(self) -> bool:
        """Whether :meth:`search` works."""
        return self._can("search")

    @property
    def can_score(self) -> bool:
        """Whether :meth:`score` works."""
        return self._can("score")

    @property
    def can_fuse(self) -> bool:
        """Whether :meth:`fuse` works."""
        return self._can("fuse")

    @property
    def can_decompose_query(self) -> bool:
        """Whether :meth:`decompose_query` works."""
        return self._can("decompose_query")

    def search_batch(self, queries: Any, limit: Any = 20, subsets: Any = None, **kw: Any) -> Any:
        """Find documents for each query; see ``racto.core.protocols.SearchEngine``."""
        raise self._cannot("search")

    def score_batch(
        self, queries: Any, passages: Any, candidate_length: Any = None, **kw: Any
    ) -> Any:
        """Score passages against each query; see ``racto.core.protocols.ScoreEngine``."""
        raise self._cannot("score")

    def fuse_batch(self, queries: Any, batch_scores: Any, **kw: Any) -> Any:
        """Merge each query's rankings; see ``racto.core.protocols.FuseEngine``."""
        raise self._cannot("fuse")

    def decompose_query_batch(self, queries: Any, limit: Any = 10, **kw: Any) -> Any:
        """Split each query; see ``racto.core.protocols.DecomposeEngine``."""
        raise self._cannot("decompose_query")

    async def search(
        self, query: str, limit: int = 20, subset: str | None = None, **options: Any
    ) -> dict[str, float]:
        """Scores by document id for one query."""
        batch = await _awaited(self.search_batch([query], limit, [subset], **options))
        return dict(batch[0])

    async def score(self, query: str, passages: Sequence[str], **options: Any) -> list[float]:
        """Scores of the passages for one query, in their order."""
        batch = await _awaited(
            self.score_batch([query], list(passages), [len(passages)], **options)
        )
        return list(batch[0])

    async def fuse(
        self, query: str, scores: Sequence[Mapping[str, float]], **options: Any
    ) -> dict[str, float]:
        """One merged ranking of one query's rankings."""
        batch = await _awaited(self.fuse_batch([query], [list(scores)], **options))
        return dict(batch[0])

    async def decompose_query(self, query: str, limit: int = 10, **options: Any) -> list[str]:
        """Sub-queries of one query."""
        batch = await _awaited(self.decompose_query_batch([query], limit, **options))
        return list(batch[0])

    def _can(self, power: str) -> bool:
        # Asked of the class: bound methods are made anew at each access and never the same.
        method = f"{power}_batch"
        return getattr(type(self), method) is not getattr(Engine, method)

    def _cannot(self, power: str) -> UnsupportedFeatureError:
        can = [name for name in POWERS if self._can(name)]
        return UnsupportedFeatureError(
            f"engine {self.name!r} cannot {power.replace('_', ' ')}; "
            f"it can: {', '.join(can) or 'nothing'}",
            feature=power,
        )


async def _awaited(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value


def _settings(config: Mapping[str, Any] | str | Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    if isinstance(config, Mapping):
        return dict(config)
    path = Path(config)
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"engine settings {path}: {error}") from error
    if not isinstance(loaded, dict):
        raise ConfigurationError(f"engine settings {path}: expected a JSON object at the top")
    return loaded
