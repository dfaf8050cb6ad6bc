"""Training data prepared, checked, priced and exported for every trainer, and tuning jobs."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .anthropic import AnthropicFineTuner as AnthropicFineTuner
    from .checks import (
        Finding as Finding,
        ValidationReport as ValidationReport,
        find_personal_data as find_personal_data,
        redact_personal_data as redact_personal_data,
    )
    from .curves import LossCurves as LossCurves
    from .dataset import RactoDataset as RactoDataset
    from .estimates import TrainingEstimate as TrainingEstimate
    from .examples import RactoTrainingExample as RactoTrainingExample
    from .files import DatasetFile as DatasetFile
    from .gemini import GeminiFineTuner as GeminiFineTuner
    from .jobs import (
        TuningCheckpoint as TuningCheckpoint,
        TuningEvent as TuningEvent,
        TuningFault as TuningFault,
        TuningJob as TuningJob,
        TuningJobError as TuningJobError,
        TuningProgress as TuningProgress,
        TuningState as TuningState,
    )
    from .messages import RactoTrainingMessage as RactoTrainingMessage
    from .openai import OpenAIFineTuner as OpenAIFineTuner
    from .retirements import TuningRetirementWarning as TuningRetirementWarning
    from .sources import read_source as read_source
    from .streams import read_examples as read_examples, write_examples as write_examples
    from .summaries import DatasetSummary as DatasetSummary
    from .tokens import counter_of as counter_of, estimate_tokens as estimate_tokens
    from .waiting import WaitPolicy as WaitPolicy

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "anthropic": "AnthropicFineTuner",
        "checks": "Finding ValidationReport find_personal_data redact_personal_data",
        "curves": "LossCurves",
        "dataset": "RactoDataset",
        "estimates": "TrainingEstimate",
        "examples": "RactoTrainingExample",
        "files": "DatasetFile",
        "gemini": "GeminiFineTuner",
        "jobs": "TuningCheckpoint TuningEvent TuningFault TuningJob TuningJobError TuningProgress"
        " TuningState",
        "messages": "RactoTrainingMessage",
        "openai": "OpenAIFineTuner",
        "retirements": "TuningRetirementWarning",
        "sources": "read_source",
        "streams": "read_examples write_examples",
        "summaries": "DatasetSummary",
        "tokens": "counter_of estimate_tokens",
        "waiting": "WaitPolicy",
    },
)
