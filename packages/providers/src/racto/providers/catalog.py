"""Models as dated data: defaults, limits, prices, powers and retirement dates, never in code.

Providers change all of it every few months. What racto knows stands in ``catalog.json`` beside
this file, each figure with its source; a model that is not in it works just as well, and
:attr:`~racto.providers.ModelFacts.unknown` says what is not known of it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError

from .facts import FREE, ModelFacts, Price, checked_date, checked_keys

LONGEST_FILE = 8 * 2**20
"""Most bytes of a catalog that a user names."""

_PROVIDER_FIELDS = ["defaults", "batch", "free", "not_free", "token_factor", "models"]
_MODEL_FIELDS = ["aliases", "context", "output", "prices", "capabilities", "retires", "sources"]
_VERSION = re.compile(r"[-@](?:\d{4}-\d\d-\d\d|\d{8}|\d{3,4}|latest)$")
_REMEMBERED = 1024


class Catalog:
    """Facts about models, by provider and name.

    A name is looked up as it is, then as an alias, then without its version: the longest listed
    name counts of which nothing but a date, a snapshot's number or ``latest`` is left over. So
    ``gpt-4o-2024-08-06`` is ``gpt-4o``, and ``gpt-4o-mini`` is not.

    Args:
        data: The catalog as JSON reads it.
        name: What to call it in errors.

    Raises:
        ConfigurationError: If it is not shaped like a catalog, naming the place.
    """

    def __init__(self, data: Mapping[str, Any], *, name: str = "catalog") -> None:
        checked_keys(data, ["as_of", "prices_are", "sources", "providers"], name)
        self.as_of = checked_date(data.get("as_of"), f"{name}.as_of")
        self._data = data
        self._name = name
        self._providers: Mapping[str, Any] = data.get("providers", {})
        for provider, entry in self._providers.items():
            checked_keys(entry, _PROVIDER_FIELDS, f"{name}.providers.{provider}")
        self._remembered: dict[tuple[str, str], ModelFacts] = {}

    @classmethod
    def load(cls) -> Catalog:
        """The catalog that racto brings; read once a process."""
        return _built_in()

    @classmethod
    def of(cls, path: str | Path) -> Catalog:
        """A catalog of your own, laid over racto's model by model and field by field.

        Args:
            path: A JSON file in the layout of racto's ``catalog.json``.

        Raises:
            ConfigurationError: If it is not JSON, too long, or not shaped like a catalog.
            FileNotFoundError: If there is no such file.
        """
        own = read_json(path)
        # Alone first: a mistake is told now, and not by the first request that meets it.
        cls(own, name=str(path)).check()
        return cls(_merged(_built_in()._data, own), name=str(path))

    def check(self) -> None:
        """Read every entry.

        Raises:
            ConfigurationError: If one is malformed, naming the place.
        """
        for provider, entry in self._providers.items():
            for model in entry.get("models", {}):
                self._facts(provider, model)

    def default_model(self, provider: str, purpose: str) -> str:
        """The model to use when none is named.

        Args:
            provider: Name of the provider, for example ``openai``.
            purpose: ``chat`` or ``embedding``.

        Raises:
            ConfigurationError: If the catalog names none.
        """
        found = self._of(provider).get("defaults", {}).get(purpose)
        if not isinstance(found, str):
            raise ConfigurationError(
                f"the catalog of {self.as_of} names no {purpose} model of {provider!r}; "
                "give model= yourself"
            )
        return found

    def model_facts(self, provider: str, model: str) -> ModelFacts:
        """What is known of a model; of a model that is not listed, hardly anything.

        Args:
            provider: Who serves it; empty to take the first provider that lists it.
            model: Its name, with or without a date.

        Raises:
            ConfigurationError: If its entry is malformed, naming the place.
        """
        key = (provider, model)
        found = self._remembered.get(key)
        if found is None:
            # Names may come from outside; they must not fill the memory.
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            found = self._remembered[key] = self._facts(provider or self._owner(model), model)
        return found

    def token_factor(self, provider: str) -> float:
        """By how much a provider's tokenizers outnumber the usual ones on the same text."""
        return float(self._of(provider).get("token_factor", 1.0))

    def _of(self, provider: str) -> Mapping[str, Any]:
        entry: Mapping[str, Any] = self._providers.get(provider, {})
        return entry

    def _owner(self, model: str) -> str:
        return next((name for name in self._providers if self._listed(name, model)), "")

    def _listed(self, provider: str, model: str) -> str | None:
        models = self._of(provider).get("models", {})
        for name in (model, _bare(provider, model)):
            if name in models:
                return name
            for listed, entry in models.items():
                if name in entry.get("aliases", ()):
                    return str(listed)
        return None

    def _facts(self, provider: str, model: str) -> ModelFacts:
        owner = self._of(provider)
        listed = self._listed(provider, model)
        entry = owner["models"][listed] if listed else {}
        place = f"{self._name}.providers.{provider}.models.{listed}"
        checked_keys(entry, _MODEL_FIELDS, place)
        powers = entry.get("capabilities")
        return ModelFacts(
            provider=provider,
            model=model,
            listed_as=listed,
            context_window=_size(entry.get("context"), f"{place}.context"),
            max_output_tokens=_size(entry.get("output"), f"{place}.output"),
            prices=_prices(owner, entry, place=place, model=model),
            capabilities=None if powers is None else frozenset(powers),
            retires=entry.get("retires") and checked_date(entry["retires"], f"{place}.retires"),
            sources=self._sources(entry),
        )

    def _sources(self, entry: Mapping[str, Any]) -> tuple[str, ...]:
        known = self._data.get("sources", {})
        return tuple(known.get(key, {}).get("url", key) for key in entry.get("sources", ()))


def default_model(provider: str, purpose: str) -> str:
    """The model to use when none is named; see :meth:`Catalog.default_model`."""
    return _built_in().default_model(provider, purpose)


def model_facts(provider: str, model: str) -> ModelFacts:
    """What racto's catalog knows of a model; see :meth:`Catalog.model_facts`."""
    return _built_in().model_facts(provider, model)


def retirement_date(provider: str, model: str) -> str | None:
    """The day on which a provider withdraws a model, as ISO 8601; None when none is known."""
    return model_facts(provider, model).retires


def catalog_date() -> str:
    """The day on which the catalog was last checked, as ISO 8601."""
    return _built_in().as_of


def read_json(path: str | Path) -> Any:
    """The JSON in a file that a user names.

    Raises:
        ConfigurationError: If it is not JSON, or longer than any catalog.
        FileNotFoundError: If there is no such file.
    """
    where = Path(path)
    with where.open("rb") as file:
        text = file.read(LONGEST_FILE + 1)
    if len(text) > LONGEST_FILE:
        raise ConfigurationError(f"{where} is longer than {LONGEST_FILE} bytes")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{where} is not JSON: {error}") from error


@functools.cache
def _built_in() -> Catalog:
    # Beside this file rather than by importlib.resources, whose import costs more than reading.
    return Catalog(json.loads(Path(__file__).with_suffix(".json").read_text("utf-8")))


def _bare(provider: str, model: str) -> str:
    # Gemini's API lists its models under "models/".
    for prefix in ("models/", f"{provider}/"):
        model = model.removeprefix(prefix)
    return _VERSION.sub("", model)


def _prices(
    owner: Mapping[str, Any], entry: Mapping[str, Any], *, place: str, model: str
) -> tuple[Price, ...]:
    if owner.get("free") and "prices" not in entry:
        # A server at home may hand some models on to one that wants money.
        return () if model.endswith(tuple(owner.get("not_free", ()))) else (FREE,)
    factor = {"batch": owner["batch"]} if "batch" in owner else {}
    found = [
        data if isinstance(data, Price) else _price(data, factor, f"{place}.prices[{number}]")
        for number, data in enumerate(entry.get("prices", ()))
    ]
    return tuple(sorted(found, key=lambda price: price.since))


def _price(data: Any, factor: Mapping[str, Any], place: str) -> Price:
    checked_keys(data, None, place)
    return Price.of({**factor, **data}, place=place)


def _size(value: Any, place: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{place} must be a number of tokens, not {value!r}")
    return value


def _merged(under: Any, over: Any, depth: int = 5) -> Any:
    """``over`` laid over ``under``; lists and what lies inside a model's fields are replaced."""
    if depth == 0 or not (isinstance(under, Mapping) and isinstance(over, Mapping)):
        return over
    both = {key: _merged(under[key], over[key], depth - 1) for key in under.keys() & over.keys()}
    return {**under, **over, **both}
