"""The kit of a pipeline: reachable, and closed with the pipeline that made it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self


class KitHolder:
    """The part of a pipeline that owns a kit, or only uses one."""

    _kit: Any
    _owns_kit: bool = False

    @property
    def kit(self) -> Any:
        """The kit that is asked."""
        return self._kit

    def close(self) -> None:
        """Close the kit if ``from_provider`` made it; one that was handed in stays open."""
        # Somebody else may still be asking a kit that he shares with this pipeline.
        if self._owns_kit:
            self._kit.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        if self._owns_kit:
            await self._kit.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
