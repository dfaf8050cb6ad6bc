"""A namespace of an index: what is known of it, and the steps that all flows share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from racto.core.errors import StoreError
from racto.core.flows import Flow

from .connections import Connections
from .failures import is_missing

T = TypeVar("T")

DEFAULT = "__default__"
"""What Pinecone's statistics call the namespace without a name."""

MOST_IDS = 1000
"""The most ids of one deletion."""

# Ids travel in the address, and a record may have 40 KB.
_FETCHED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What an index is.

    Attributes:
        dimension: Length of its vectors.
        metric: ``cosine``, ``euclidean`` or ``dotproduct``.
        has_parts: Whether the namespace of long texts is in use.
    """

    dimension: int
    metric: str
    has_parts: bool = False


class Space:
    """One namespace, and the second one that holds the parts of its long texts.

    Args:
        link: The clients.
        namespace: Name of the namespace; empty for the default one.
        metric: The metric, where the index does not tell it.
    """

    def __init__(self, link: Connections, *, namespace: str, metric: str) -> None:
        self.link = link
        self.namespace = namespace
        self.parts = f"{namespace}.racto-parts" if namespace else "racto-parts"
        self._metric = metric
        self._shape: Shape | None = None

    def shape(self) -> Flow[Shape]:
        """What the index is; asked once."""
        if self._shape is None:
            stats = yield from self.stats()
            if not stats.dimension:
                raise StoreError(
                    f"Pinecone index {self.link.name!r} has no dense vectors; make one that has"
                )
            self._shape = Shape(
                dimension=stats.dimension,
                metric=stats.metric or self._metric,
                has_parts=self.parts in stats.namespaces,
            )
        return self._shape

    def mark_parts(self) -> None:
        """Remember that the namespace of long texts is in use."""
        if self._shape is not None:
            self._shape = replace(self._shape, has_parts=True)

    def forget(self) -> None:
        """Forget what the index is, as after it was made or deleted."""
        self._shape = None
        self.link.forget()

    def stats(self) -> Flow[Any]:
        """The statistics of the index."""
        return (yield from self.link.call("describe_index_stats"))

    def fetch(self, keys: Sequence[str], *, parts: bool = False) -> Flow[dict[str, Any]]:
        """Records by their ids; unknown ones are left out.

        Args:
            keys: Ids of the records.
            parts: Whether they are parts of long texts.
        """
        namespace = self.parts if parts else self.namespace
        found: dict[str, Any] = {}
        for page in pages(dict.fromkeys(keys), _FETCHED):
            answer = yield from self.link.call("fetch", ids=page, namespace=namespace)
            found |= answer.vectors
        return found

    def remove(self, *, parts: bool = False, **selector: Any) -> Flow[None]:
        """Delete records.

        Args:
            parts: Whether they are parts of long texts.
            **selector: ``ids``, ``filter`` or ``delete_all``.
        """
        namespace = self.parts if parts else self.namespace
        try:
            yield from self.link.call("delete", namespace=namespace, **selector)
        except StoreError as error:
            # A namespace that was never written to has nothing to delete.
            if not is_missing(error) or "namespace" not in error.message.lower():
                raise


def pages(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Items in lists of at most ``size``."""
    page: list[T] = []
    for item in items:
        page.append(item)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
