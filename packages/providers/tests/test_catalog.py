"""Model names are dated data, and an unknown name is no obstacle."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

import racto.providers
from racto.core import ConfigurationError
from racto.providers import catalog


def test_the_catalog_is_dated_and_its_defaults_are_alive() -> None:
    checked = datetime.date.fromisoformat(catalog.catalog_date())
    for purpose in ("chat", "embedding"):
        name = catalog.default_model("openai", purpose)
        end = catalog.retirement_date("openai", name)
        assert end is None or datetime.date.fromisoformat(end) > checked
    assert catalog.retirement_date("openai", "gpt-4o") == "2027-01-14"
    assert catalog.retirement_date("openai", "never-heard-of") is None


def test_a_provider_without_a_default_says_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="model="):
        catalog.default_model("nobody", "chat")


def test_no_model_name_stands_in_code() -> None:
    (folder,) = racto.providers.__path__
    names = re.compile(r"""["'](gpt-|o[134]-|text-embedding-|claude-|gemini-)""")
    files = list(Path(folder).rglob("*.py"))
    assert len(files) > 20
    assert [file.name for file in files if names.search(file.read_text("utf-8"))] == []
