"""A Kafka broker for tests: real connections to a real protocol, and faults on demand."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .broker import KafkaBroker as KafkaBroker

__getattr__, __dir__, __all__ = lazily(__name__, {"broker": "KafkaBroker"})
