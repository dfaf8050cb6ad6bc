"""Several kits under one roof: named by the first, closed together."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from types import TracebackType
from typing import TypeVar

from racto.core.protocols.chat import ChatKit

G = TypeVar("G", bound="KitGroup")


class KitGroup:
    """What kits made of other kits share.

    Args:
        kits: The kits; one that stands there twice is closed once.
    """

    def __init__(self, kits: Sequence[ChatKit]) -> None:
        # By identity: a kit need not be hashable.
        self._kits = tuple({id(kit): kit for kit in kits}.values())

    @property
    def provider(self) -> str:
        """Provider of the first kit; each reply names the one that gave it."""
        return self._kits[0].provider

    def close(self) -> None:
        """Close all kits, also when one of them fails to."""
        with ExitStack() as stack:
            for kit in self._kits:
                stack.callback(kit.close)

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        async with AsyncExitStack() as stack:
            for kit in self._kits:
                stack.push_async_callback(kit.aclose)

    def __enter__(self: G) -> G:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self: G) -> G:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
