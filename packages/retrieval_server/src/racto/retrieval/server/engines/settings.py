"""The settings of an engine, read with the name of what is wrong: from a file or from code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from racto.core.errors import ConfigurationError


class Settings:
    """Settings of one engine by name.

    Args:
        engine: The engine's name, for messages.
        given: The settings.
        known: The names that the engine understands.

    Raises:
        ConfigurationError: If there is one that it does not understand.
    """

    def __init__(self, engine: str, given: Mapping[str, Any], *, known: Iterable[str]) -> None:
        self._engine = engine
        self._given = given
        names = sorted(known)
        # A mistyped name would leave a default in force, and nobody would notice.
        if strange := sorted(set(given) - set(names)):
            raise ConfigurationError(
                f"engine {engine!r} has no setting {strange[0]!r}; it has {', '.join(names)}"
            )

    def text(self, name: str, default: str | None = None) -> str:
        """A text of at least one character.

        Raises:
            ConfigurationError: If it is none, or missing and without a default.
        """
        value = self._value(name, default)
        if not isinstance(value, str) or not value:
            raise self._wrong(name, value, "a text")
        return value

    def texts(self, name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Texts; one alone may stand without a list.

        Raises:
            ConfigurationError: If it is no list of texts.
        """
        value = self._value(name, default)
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, (list, tuple)) or not all(isinstance(t, str) and t for t in found):
            raise self._wrong(name, value, "a list of texts")
        return tuple(found)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number from ``low`` to ``high``.

        Raises:
            ConfigurationError: If it is none.
        """
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(name, value, f"a number from {low} to {high}")
        # NaN compares false with both ends.
        if not low <= value <= high:
            raise self._wrong(name, value, f"a number from {low} to {high}")
        return float(value)

    def count(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``.

        Raises:
            ConfigurationError: If it is none.
        """
        value = self._value(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self._wrong(name, value, f"a whole number from {low} to {high}")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of several words, the first being the default.

        Raises:
            ConfigurationError: If it is another.
        """
        value = self._value(name, choices[0])
        if value not in choices:
            raise self._wrong(name, value, f"one of {', '.join(choices)}")
        return str(value)

    def flag(self, name: str) -> bool:
        """True or false; false without the setting.

        Raises:
            ConfigurationError: If it is neither.
        """
        value = self._value(name, False)
        if not isinstance(value, bool):
            raise self._wrong(name, value, "true or false")
        return value

    def has(self, name: str) -> bool:
        """Whether the setting was given."""
        return self._given.get(name) is not None

    def _value(self, name: str, default: Any) -> Any:
        value = self._given.get(name)
        return default if value is None else value

    def _wrong(self, name: str, value: Any, wanted: str) -> ConfigurationError:
        shown = "missing" if value is None else repr(value)[:80]
        return ConfigurationError(f"engine {self._engine!r}: {name} must be {wanted}: {shown}")
