"""A kit over several providers: each request goes to the kit of its tier."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.protocols.chat import ChatKit
from racto.core.responses import LLMResponse
from racto.core.retries import Deadline
from racto.core.stream import StreamChunk

from .kit_groups import KitGroup
from .kits.budgets import Bounded, Budget
from .routing import CostAwareRouter, question_of


class RoutedKit(KitGroup):
    """Asks the kit and model of the tier that a message falls into.

    Keeps :class:`~racto.core.protocols.ChatKit`. A request that names a model goes to the tier
    of that model, whatever its message looks like.

    Args:
        router: The ladder; every tier needs its ``kit``.

    Raises:
        ConfigurationError: If a tier has no kit.
    """

    def __init__(self, router: CostAwareRouter) -> None:
        kits = [tier.kit for tier in router.tiers if tier.kit is not None]
        if len(kits) < len(router.tiers):
            raise ConfigurationError(
                "every tier of a RoutedKit needs its kit: RoutingTier(model=..., max_score=..., "
                'kit=...); for one provider give the router to its kit, with model="auto"'
            )
        super().__init__(kits)
        self._router = router
        self._tier_kits = kits

    @property
    def model(self) -> str:
        """Model of the cheapest tier."""
        return self._router.tiers[0].model

    def chat(self, config: ChatConfig) -> LLMResponse:
        """Answer one request with the kit of its tier.

        Args:
            config: What to ask.

        Raises:
            ConfigurationError: If the request names a model that no tier has.
            RactoGatewayError: What the kit raised.
        """
        kit, asked = self._chosen(config)
        return kit.chat(asked)

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """Async twin of :meth:`chat`."""
        kit, asked = self._chosen(config)
        return await kit.achat(asked)

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """Answer piece by piece with the kit of the tier."""
        kit, asked = self._chosen(config)
        chunks: Any = kit.stream(asked)
        with closing(chunks):
            yield from chunks

    async def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """Async twin of :meth:`stream`."""
        kit, asked = self._chosen(config)
        chunks: Any = kit.astream(asked)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    def within(self, deadline: Deadline, budget: Budget) -> RoutedKit:
        """The same kit for one request of a larger undertaking.

        Args:
            deadline: Ends the request, unless the kit's own timeout ends it before.
            budget: Drawn on instead of a budget of the kit's own.
        """
        bounded = copy.copy(self)
        bounded._tier_kits = [
            kit.within(deadline, budget) if isinstance(kit, Bounded) else kit
            for kit in self._tier_kits
        ]
        return bounded

    def __repr__(self) -> str:
        return f"RoutedKit({self._router!r})"

    def _chosen(self, config: ChatConfig) -> tuple[ChatKit, ChatConfig]:
        if config.model is None:
            decision = self._router.decide(question_of(config))
            asked = config.model_copy(update={"model": decision.model})
            return self._tier_kits[decision.tier], asked
        for tier, kit in zip(self._router.tiers, self._tier_kits, strict=True):
            if tier.model == config.model:
                return kit, config
        known = ", ".join(tier.model for tier in self._router.tiers)
        raise ConfigurationError(f"no tier has the model {config.model!r}; there are: {known}")
