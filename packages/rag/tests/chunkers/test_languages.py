"""Languages are known by name, by code and by code with a region."""

from __future__ import annotations

import pytest

from racto.core.errors import ConfigurationError
from racto.rag.chunkers.languages import NAMES, language_code


@pytest.mark.parametrize("language", ["english", "English", " EN ", "en", "en-GB", "en_US"])
def test_one_language_by_all_its_names(language: str):
    assert language_code(language) == "en"


def test_names_and_codes_are_unique():
    assert len(set(NAMES.values())) == len(NAMES) > 80
    assert all(len(code) in (2, 3) for code in NAMES.values())


@pytest.mark.parametrize("language", ["", "klingon", "xx", "en glish"])
def test_an_unknown_language_is_refused_with_those_that_are_known(language: str):
    with pytest.raises(ConfigurationError, match=r"german \(de\)"):
        language_code(language)
