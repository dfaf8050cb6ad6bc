"""Move what one vector store holds into another one, checked and resumable."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .addresses import StoreAddress as StoreAddress
    from .copying import (
        acopy_store as acopy_store,
        copy_store as copy_store,
    )
    from .report import (
        CopyProgress as CopyProgress,
        CopyReport as CopyReport,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "addresses": "StoreAddress",
        "copying": "acopy_store copy_store",
        "report": "CopyProgress CopyReport",
    },
)
