"""Kafka: producer, consumer, stream processor and audit log that lose nothing."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .audit import (
        AuditRecovery as AuditRecovery,
        AuditSpillConfig as AuditSpillConfig,
        KafkaAuditEvent as KafkaAuditEvent,
        KafkaAuditLogger as KafkaAuditLogger,
    )
    from .config import (
        KafkaConsumerConfig as KafkaConsumerConfig,
        KafkaProducerConfig as KafkaProducerConfig,
    )
    from .consumer import KafkaConsumerClient as KafkaConsumerClient
    from .deliveries import KafkaDeliveryFailure as KafkaDeliveryFailure
    from .handlers import each as each
    from .letters import DeadLetter as DeadLetter, read_dead_letter as read_dead_letter
    from .messages import (
        KafkaMessage as KafkaMessage,
        KafkaProduceResult as KafkaProduceResult,
        KafkaPublishRequest as KafkaPublishRequest,
    )
    from .producer import KafkaProducerClient as KafkaProducerClient
    from .rebalances import RebalanceListener as RebalanceListener
    from .serving import PromptAnswerer as PromptAnswerer
    from .stream import KafkaStreamProcessor as KafkaStreamProcessor
    from .stream_config import KafkaStreamConfig as KafkaStreamConfig
    from .stream_stats import StreamStats as StreamStats

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "audit": "AuditRecovery AuditSpillConfig KafkaAuditEvent KafkaAuditLogger",
        "config": "KafkaConsumerConfig KafkaProducerConfig",
        "consumer": "KafkaConsumerClient",
        "deliveries": "KafkaDeliveryFailure",
        "handlers": "each",
        "letters": "DeadLetter read_dead_letter",
        "messages": "KafkaMessage KafkaProduceResult KafkaPublishRequest",
        "producer": "KafkaProducerClient",
        "rebalances": "RebalanceListener",
        "serving": "PromptAnswerer",
        "stream": "KafkaStreamProcessor",
        "stream_config": "KafkaStreamConfig",
        "stream_stats": "StreamStats",
    },
)
