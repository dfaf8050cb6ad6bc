"""The contract of text processors: pure functions from text to text."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given

from racto.core.protocols.processors import TextProcessor

from .contract import Contract
from .generators import TEXTS, examples


class TextProcessorContract(Contract, subject="processor", protocol=TextProcessor):
    """All laws of a text processor. Give a fixture ``processor``."""

    def test_any_text_is_processed(self, processor: TextProcessor) -> None:
        """Arbitrary Unicode gives text, and the same text every time.

        If this fails: look at the falsifying example; a processor raises nothing, and its answer
        depends on its input alone.
        """

        @examples(self.max_examples)
        @given(text=TEXTS)
        def holds(text: str) -> None:
            once = processor.process(text)
            assert type(once) is str
            assert processor.process(text) == once

        holds()

    def test_nothing_stays_nothing(self, processor: TextProcessor) -> None:
        """The empty text stays empty.

        If this fails: do not add headers or marks to a text that has no words.
        """
        assert processor.process("") == ""

    def test_words_remain(self, processor: TextProcessor) -> None:
        """Plain prose does not vanish.

        If this fails: check patterns that reach over the end of what they should remove.
        """
        assert processor.process("The quick brown fox: if a < b and c > d, it jumps.").strip()

    def test_long_text_is_processed(self, processor: TextProcessor) -> None:
        """Half a million characters of opened brackets are processed in linear time.

        If this fails: a test that hangs tells that a regular expression backtracks, or that a
        search starts again at each bracket.
        """
        assert isinstance(processor.process("<" * 250_000 + "a <b " * 50_000), str)

    def test_many_callers_at_once(self, processor: TextProcessor) -> None:
        """One processor serves many threads.

        If this fails: load models and dictionaries once, under a lock.
        """
        texts = [f"Sentence number {i} has words in it." for i in range(16)]
        expected = [processor.process(text) for text in texts]
        with ThreadPoolExecutor(max_workers=8) as pool:
            assert list(pool.map(processor.process, texts)) == expected
