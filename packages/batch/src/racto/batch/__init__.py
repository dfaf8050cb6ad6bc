"""Batch: providers' half-price jobs of thousands of requests, without a lost item."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .anthropic import AnthropicBatchProcessor as AnthropicBatchProcessor
    from .gemini import GeminiBatchProcessor as GeminiBatchProcessor
    from .hosts import BatchHost as BatchHost, BatchLimits as BatchLimits
    from .items import BatchItem as BatchItem
    from .jobs import (
        BatchJobInfo as BatchJobInfo,
        BatchStatus as BatchStatus,
        RequestCounts as RequestCounts,
    )
    from .openai import OpenAIBatchProcessor as OpenAIBatchProcessor
    from .processor import HostedBatchProcessor as HostedBatchProcessor
    from .results import (
        BatchResult as BatchResult,
        BatchSummary as BatchSummary,
        ItemStatus as ItemStatus,
    )
    from .tables import (
        items_from_frame as items_from_frame,
        read_items as read_items,
        results_frame as results_frame,
        write_results as write_results,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "anthropic": "AnthropicBatchProcessor",
        "gemini": "GeminiBatchProcessor",
        "hosts": "BatchHost BatchLimits",
        "items": "BatchItem",
        "jobs": "BatchJobInfo BatchStatus RequestCounts",
        "openai": "OpenAIBatchProcessor",
        "processor": "HostedBatchProcessor",
        "results": "BatchResult BatchSummary ItemStatus",
        "tables": "items_from_frame read_items results_frame write_results",
    },
)
