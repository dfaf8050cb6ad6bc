"""The formats of training files: one room each, and the table that finds them by name."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .format import Format as Format
    from .losses import Losses as Losses
    from .table import (
        FORMATS as FORMATS,
        detect_format as detect_format,
        find_format as find_format,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "format": "Format",
        "losses": "Losses",
        "table": "FORMATS detect_format find_format",
    },
)
