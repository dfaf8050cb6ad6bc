"""Record real exchanges with a provider once, without their secrets, and replay them for ever."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .server import (
        CassetteServer as CassetteServer,
    )
    from .tape import (
        Exchange as Exchange,
        Tape as Tape,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__, {"server": "CassetteServer", "tape": "Exchange Tape"}
)
