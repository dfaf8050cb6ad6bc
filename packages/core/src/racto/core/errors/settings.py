"""Errors of the caller's side: what was set up or asked for cannot be done."""

from __future__ import annotations

from typing import Any

from .root import RactoGatewayError


class ConfigurationError(RactoGatewayError, ValueError):
    """A setting is missing, contradictory or out of range."""


class MissingExtraError(ConfigurationError, ImportError):
    """The optional ``library`` is missing; ``install`` names what to install for it."""

    def __init__(self, library: str, *, install: str, purpose: str) -> None:
        super().__init__(
            f'{purpose} needs the library {library!r}. Install it: pip install "{install}"'
        )
        # The attribute in which an ImportError names the module.
        self.name = library
        self.install = install


class PluginNotFoundError(ConfigurationError, LookupError):
    """No installed distribution offers the named plug-in."""


class UnsupportedFeatureError(ConfigurationError):
    """The provider, model or store cannot do what was asked.

    Attributes:
        feature: The field or feature that cannot be honoured, for example ``temperature``.
    """

    def __init__(self, message: str, *, feature: str, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.feature = feature


class SchemaError(ConfigurationError):
    """A function or model cannot be expressed as the JSON Schema that is needed."""


class FilterError(ConfigurationError):
    """A metadata filter is malformed; the message names the path inside the filter."""
