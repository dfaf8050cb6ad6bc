"""What a wire cannot carry: raised, warned about or dropped, as the caller chose, never lost."""

from __future__ import annotations

import warnings

from racto.core.chat import OnUnsupported
from racto.core.errors import UnsupportedFeatureError


class UnsupportedFeatureWarning(UserWarning):
    """A field of a request was not sent; given with ``on_unsupported="warn"``."""


class Omissions:
    """The fields that one request goes without.

    Args:
        policy: The caller's ``on_unsupported``.
        provider: Name of the provider, for messages.
    """

    def __init__(self, policy: OnUnsupported, *, provider: str) -> None:
        self._policy = policy
        self._provider = provider
        self._dropped: list[str] = []

    def omit(self, feature: str, why: str) -> None:
        """Leave a field out, if the caller allows it.

        Args:
            feature: Name of the field, for example ``top_k``.
            why: Why the provider cannot take it, and what to do instead.

        Raises:
            UnsupportedFeatureError: If the policy is ``raise``.
        """
        message = f"{self._provider} cannot take {feature}: {why}"
        if self._policy == "raise":
            raise UnsupportedFeatureError(
                f'{message}. Leave it out, or allow it with on_unsupported="warn" or "drop".',
                feature=feature,
                provider=self._provider,
            )
        if self._policy == "warn":
            # The caller's line is a dozen frames up and differs by voice; 2 names this room.
            warnings.warn(message, UnsupportedFeatureWarning, stacklevel=2)
        if feature not in self._dropped:
            self._dropped.append(feature)

    @property
    def dropped(self) -> tuple[str, ...]:
        """The fields left out so far, in order."""
        return tuple(self._dropped)
