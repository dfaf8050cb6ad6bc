"""ProcessingPipeline applies processors in order and refuses to be empty."""

from __future__ import annotations

import pytest

from racto.core.errors import ConfigurationError
from racto.core.testing import TextProcessorContract
from racto.rag.processors import ProcessingPipeline, TextCleaner


class Shout:
    """Upper case and an exclamation mark, where there is something to shout."""

    def process(self, text: str) -> str:
        return f"{text.upper()}!" if text else text


class TestContract(TextProcessorContract):
    """ProcessingPipeline is a text processor."""

    @pytest.fixture
    def processor(self) -> ProcessingPipeline:
        return ProcessingPipeline([TextCleaner(), Shout()])


def test_processors_follow_each_other():
    assert ProcessingPipeline([TextCleaner(), Shout()]).process("  hello   you ") == "HELLO YOU!"
    assert ProcessingPipeline([Shout(), TextCleaner()]).process(" a ") == "A !"


def test_an_empty_pipeline_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        ProcessingPipeline([])


def test_what_cannot_process_is_refused():
    with pytest.raises(ConfigurationError, match="process"):
        ProcessingPipeline([str.upper])
