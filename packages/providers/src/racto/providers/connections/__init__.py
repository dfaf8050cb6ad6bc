"""How providers are reached: clients by process and loop, one transport, one border of errors."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .clients import (
        Clients as Clients,
    )
    from .connection import (
        Connection as Connection,
    )
    from .dialers import (
        Dialer as Dialer,
        HTTPLibrary as HTTPLibrary,
        SDKDialer as SDKDialer,
    )
    from .failures import (
        Translator as Translator,
        Vocabulary as Vocabulary,
    )
    from .http import (
        HTTPDialer as HTTPDialer,
    )
    from .sources import (
        Framing as Framing,
    )
    from .transport import (
        HTTPTransport as HTTPTransport,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "clients": "Clients",
        "connection": "Connection",
        "dialers": "Dialer HTTPLibrary SDKDialer",
        "failures": "Translator Vocabulary",
        "http": "HTTPDialer",
        "sources": "Framing",
        "transport": "HTTPTransport",
    },
)
