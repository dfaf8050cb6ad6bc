"""The flow that all kits share, one room a concern: a new provider brings a wire and a transport."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .kit import (
        WireKit as WireKit,
    )
    from .omissions import (
        Omissions as Omissions,
        UnsupportedFeatureWarning as UnsupportedFeatureWarning,
    )
    from .settings import (
        KitSettings as KitSettings,
        Router as Router,
        Truncator as Truncator,
    )
    from .wires import (
        Assembler as Assembler,
        AsyncEventSource as AsyncEventSource,
        EventSource as EventSource,
        Transport as Transport,
        Turn as Turn,
        Wire as Wire,
        WireReply as WireReply,
        WireRequest as WireRequest,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "kit": "WireKit",
        "omissions": "Omissions UnsupportedFeatureWarning",
        "settings": "KitSettings Router Truncator",
        "wires": """
            Assembler AsyncEventSource EventSource Transport Turn Wire WireReply WireRequest
        """,
    },
)
