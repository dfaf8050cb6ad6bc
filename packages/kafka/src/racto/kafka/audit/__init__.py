"""The audit log: events that wait on disk, a chain that shows tampering, and what checks it."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .chain import AuditChain as AuditChain
    from .event import KafkaAuditEvent as KafkaAuditEvent
    from .logger import KafkaAuditLogger as KafkaAuditLogger
    from .recovery import AuditRecovery as AuditRecovery
    from .spill import AuditSpillConfig as AuditSpillConfig

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "chain": "AuditChain",
        "event": "KafkaAuditEvent",
        "logger": "KafkaAuditLogger",
        "recovery": "AuditRecovery",
        "spill": "AuditSpillConfig",
    },
)
