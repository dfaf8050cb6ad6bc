"""Models are dated data; names resolve by one rule, and an unknown name is no obstacle."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest

import racto.providers
from racto.core import ConfigurationError
from racto.providers import Catalog, catalog, default_model, model_facts, retirement_date

DATA = json.loads(Path(catalog.__file__).with_suffix(".json").read_text("utf-8"))
LISTED = [(owner, name) for owner, entry in DATA["providers"].items() for name in entry["models"]]


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a catalog of one's own and returns its path."""

    def written(data: Any) -> Path:
        path = tmp_path / "mine.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
        return path

    return written


def test_the_catalog_is_dated_and_its_defaults_are_alive() -> None:
    checked = datetime.date.fromisoformat(catalog.catalog_date())
    for provider, entry in DATA["providers"].items():
        for purpose, name in entry.get("defaults", {}).items():
            assert default_model(provider, purpose) == name
            end = retirement_date(provider, name)
            assert end is None or datetime.date.fromisoformat(end) > checked
    assert retirement_date("openai", "gpt-4o") == "2027-01-14"
    assert retirement_date("openai", "never-heard-of") is None


@pytest.mark.parametrize(("provider", "model"), LISTED)
def test_every_entry_is_well_formed_and_names_its_sources(provider: str, model: str) -> None:
    facts = model_facts(provider, model)
    assert facts.listed_as == model
    assert facts.sources
    assert all(source.startswith("https://") for source in facts.sources)
    # The last price, because a price may be announced before it holds.
    for price in facts.prices:
        rates = (price.input, price.output, price.cache_read, price.cache_write_5m)
        assert price.input is not None
        assert all(rate is None or 0 <= rate < 1000 for rate in rates)
        assert price.above is None or price.above_tokens >= 100_000


def test_every_source_is_used_and_every_used_source_is_there() -> None:
    used = {
        key
        for entry in DATA["providers"].values()
        for model in entry["models"].values()
        for key in model["sources"]
    }
    assert DATA["sources"].keys() == used


@pytest.mark.parametrize(
    ("provider", "name", "listed"),
    [
        ("openai", "gpt-4o", "gpt-4o"),
        ("openai", "gpt-4o-2024-08-06", "gpt-4o"),
        ("openai", "gpt-4o-mini", "gpt-4o-mini"),
        ("openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini"),
        ("openai", "gpt-4o-latest", "gpt-4o"),
        # A snapshot with an entry of its own is that entry.
        ("openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("openai", "gpt-4-0613", "gpt-4"),
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("anthropic", "claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("anthropic", "claude-opus-4-0", "claude-opus-4"),
        ("google", "models/gemini-3.8-flash", "gemini-3.8-flash"),
        ("openai", "gpt-4o-audio", None),
        ("openai", "gpt-4o-mini-tts", None),
        ("openai", "gpt-4o-2024", "gpt-4o"),
        ("openai", "gpt-4", "gpt-4"),
        ("openai", "gpt", None),
        ("openai", "", None),
        ("anthropic", "gpt-4o", None),
        ("nobody", "gpt-4o", None),
    ],
)
def test_names_resolve_to_the_longest_listed_name_with_nothing_but_a_version_behind_it(
    provider: str, name: str, listed: str | None
) -> None:
    assert model_facts(provider, name).listed_as == listed


def test_without_a_provider_the_first_that_lists_the_model_is_taken() -> None:
    assert model_facts("", "claude-haiku-4-5").provider == "anthropic"
    assert model_facts("", "never-heard-of").listed_as is None


def test_an_unknown_model_says_what_is_not_known_of_it() -> None:
    facts = model_facts("openai", "never-heard-of")
    assert facts.unknown == (
        "context_window",
        "max_output_tokens",
        "prices",
        "capabilities",
        "retires",
    )
    assert facts.price() is None
    known = model_facts("openai", "gpt-5.4-mini")
    assert known.context_window == 400_000
    assert "images" in (known.capabilities or ())
    assert known.unknown == ("retires",)


def test_what_runs_at_home_costs_nothing() -> None:
    price = model_facts("ollama", "anything").price()
    assert price is not None
    assert (price.input, price.output) == (0.0, 0.0)


def test_a_provider_without_a_default_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="model="):
        default_model("nobody", "chat")
    with pytest.raises(ConfigurationError, match="model="):
        default_model("anthropic", "embedding")


def test_a_catalog_of_ones_own_lies_over_racto_s_field_by_field(write: Any) -> None:
    own = {
        "as_of": "2027-05-01",
        "providers": {
            "openai": {
                "defaults": {"chat": "gpt-9"},
                "models": {"gpt-4o": {"context": 1000}, "gpt-9": {"output": 7}},
            },
            "acme": {"models": {"m": {"aliases": ["m-large"], "prices": [{"input": 1}]}}},
        },
    }
    mine = Catalog.of(write(own))
    assert mine.as_of == "2027-05-01"
    assert mine.default_model("openai", "chat") == "gpt-9"
    assert mine.default_model("openai", "embedding") == default_model("openai", "embedding")
    changed = mine.model_facts("openai", "gpt-4o-2024-08-06")
    assert changed.context_window == 1000
    assert changed.retires == "2027-01-14"
    assert mine.model_facts("openai", "gpt-9").max_output_tokens == 7
    assert mine.model_facts("acme", "m-large").listed_as == "m"
    assert mine.model_facts("anthropic", "claude-haiku-4-5").context_window == 200_000
    assert model_facts("openai", "gpt-4o").context_window == 128_000


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object, not list"),
        ({"providers": {}}, "as_of"),
        ({"as_of": "soon", "providers": {}}, "as_of must be a day"),
        ({"as_of": "2027-01-01", "prvoiders": {}}, "unknown fields: prvoiders"),
        ({"as_of": "2027-01-01", "providers": {"p": {"modles": {}}}}, "providers.p"),
        ({"as_of": "2027-01-01", "providers": {"p": {"models": {"m": 3}}}}, "models.m must"),
        ({"as_of": "2027-01-01", "providers": {"p": {"models": {"m": {"contxt": 1}}}}}, "contxt"),
        ({"as_of": "2027-01-01", "providers": {"p": {"models": {"m": {"context": "8k"}}}}}, "8k"),
        ({"as_of": "2027-01-01", "providers": {"p": {"models": {"m": {"retires": 3}}}}}, "retires"),
        (
            {"as_of": "2027-01-01", "providers": {"p": {"models": {"m": {"prices": [{"in": 1}]}}}}},
            r"m\.prices\[0\] has unknown fields: in",
        ),
    ],
)
def test_a_mistake_in_a_catalog_is_told_with_its_file_and_place(
    write: Any, data: Any, place: str
) -> None:
    with pytest.raises(ConfigurationError, match=place) as caught:
        Catalog.of(write(data))
    assert "mine.json" in str(caught.value)


def test_a_file_that_is_too_long_is_not_read(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "LONGEST_FILE", 10)
    with pytest.raises(ConfigurationError, match="longer than 10 bytes"):
        Catalog.of(write({"as_of": "2027-01-01", "providers": {}}))


def test_names_from_outside_do_not_fill_the_memory() -> None:
    mine = Catalog(DATA)
    for number in range(3000):
        mine.model_facts("openai", f"made-up-{number}")
    assert len(mine._remembered) <= 1024


def test_no_model_name_stands_in_code() -> None:
    (folder,) = racto.providers.__path__
    names = re.compile(r"""["'](gpt-|o[134]-|text-embedding-|claude-|gemini-)""")
    files = list(Path(folder).rglob("*.py"))
    assert len(files) > 20
    assert [file.name for file in files if names.search(file.read_text("utf-8"))] == []
