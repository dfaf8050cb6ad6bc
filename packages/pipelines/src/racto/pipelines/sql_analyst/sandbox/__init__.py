"""The sandbox: analysis code in a process that the kernel has locked."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .results import SandboxResult as SandboxResult
    from .service import AnalysisSandbox as AnalysisSandbox

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "results": "SandboxResult",
        "service": "AnalysisSandbox",
    },
)
