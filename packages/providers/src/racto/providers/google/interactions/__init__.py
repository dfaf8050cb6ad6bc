"""Google's newer protocol, the Interactions API, spoken without storing anything at Google's."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .wire import (
        InteractionsWire as InteractionsWire,
    )

__getattr__, __dir__, __all__ = lazily(__name__, {"wire": "InteractionsWire"})
