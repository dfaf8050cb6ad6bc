"""Processors: rewrite the text of chunks before it is embedded."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .cleaner import TextCleaner as TextCleaner
    from .lemmatizer import Lemmatizer as Lemmatizer
    from .pipeline import ProcessingPipeline as ProcessingPipeline

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "cleaner": "TextCleaner",
        "lemmatizer": "Lemmatizer",
        "pipeline": "ProcessingPipeline",
    },
)
