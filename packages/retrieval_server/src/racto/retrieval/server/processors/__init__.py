"""Processors: what stands between a transport and an engine."""

from .batches import BatchProcessor as BatchProcessor
from .processor import Processor as Processor
from .queries import (
    AsyncQueryProcessor as AsyncQueryProcessor,
    BatchDecomposeQueryProcessor as BatchDecomposeQueryProcessor,
    BatchQueryProcessor as BatchQueryProcessor,
)
from .scores import (
    AsyncPairwiseScoreProcessor as AsyncPairwiseScoreProcessor,
    BatchPairwiseScoreProcessor as BatchPairwiseScoreProcessor,
)
