"""How a kit or an embedder reaches its server: errors and transport together."""

from __future__ import annotations

from dataclasses import dataclass

from .failures import Translator
from .transport import HTTPTransport


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One server, reachable.

    Attributes:
        translator: Makes the errors.
        transport: Carries the requests.
    """

    translator: Translator
    transport: HTTPTransport
