"""One typed chat and embedding interface over providers and local models."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .attempts import (
        AllKitsFailedError as AllKitsFailedError,
    )
    from .breakers import (
        BreakerPolicy as BreakerPolicy,
    )
    from .catalog import (
        Catalog as Catalog,
        default_model as default_model,
        model_facts as model_facts,
        retirement_date as retirement_date,
    )
    from .facts import (
        ModelFacts as ModelFacts,
        Price as Price,
    )
    from .fallback import (
        FALLS_BACK as FALLS_BACK,
        FallbackKit as FallbackKit,
        KitState as KitState,
    )
    from .gateway import (
        Gateway as Gateway,
        KitAdapter as KitAdapter,
        LLMAdapter as LLMAdapter,
    )
    from .pricing import (
        PriceTable as PriceTable,
    )
    from .retirements import (
        ModelRetirementWarning as ModelRetirementWarning,
    )
    from .routed_kit import (
        RoutedKit as RoutedKit,
    )
    from .routing import (
        CostAwareRouter as CostAwareRouter,
        RoutingDecision as RoutingDecision,
        RoutingTier as RoutingTier,
    )
    from .tokens import (
        TokenizerFile as TokenizerFile,
        counter_for as counter_for,
        estimate_tokens as estimate_tokens,
    )
    from .truncation import (
        TokenTruncator as TokenTruncator,
        TruncationConfig as TruncationConfig,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "attempts": "AllKitsFailedError",
        "breakers": "BreakerPolicy",
        "catalog": "Catalog default_model model_facts retirement_date",
        "facts": "ModelFacts Price",
        "fallback": "FALLS_BACK FallbackKit KitState",
        "gateway": "Gateway KitAdapter LLMAdapter",
        "pricing": "PriceTable",
        "retirements": "ModelRetirementWarning",
        "routed_kit": "RoutedKit",
        "routing": "CostAwareRouter RoutingDecision RoutingTier",
        "tokens": "TokenizerFile counter_for estimate_tokens",
        "truncation": "TokenTruncator TruncationConfig",
    },
)
