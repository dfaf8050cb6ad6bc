"""Without a model the answer is what the documents say, word for word, or that they do not."""

from __future__ import annotations

import pytest

from racto.core import Chunk, ChunkMetadata, RetrievalResult
from racto.core.testing import HashEmbedder
from racto.rag import ExtractiveAnswerer, RactoRAG
from racto.rag.answers import NOTHING_SAID


def results(*texts: str, section: str | None = None) -> list[RetrievalResult]:
    return [
        RetrievalResult(
            chunk=Chunk(
                content=text,
                chunk_id=f"c{rank}",
                metadata=ChunkMetadata(
                    source=f"{rank}.md", start_char=100, end_char=100 + len(text), page=rank,
                    section=section,
                ),
            ),
            score=1 / rank,
            rank=rank,
        )
        for rank, text in enumerate(texts, start=1)
    ]  # fmt: skip


GUIDE = "Welcome to the guide. The pump is guaranteed for five years. Clean the filter monthly."


def test_the_sentence_that_answers_is_quoted_with_its_place() -> None:
    answer = ExtractiveAnswerer().answer("How long is the pump guaranteed?", results(GUIDE))
    assert answer.text == "“The pump is guaranteed for five years.” [1]"
    (citation,) = answer.citations
    assert (citation.number, citation.source, citation.page) == (1, "1.md", 1)
    assert GUIDE[citation.start - 100 : citation.end - 100] == citation.quote
    assert answer.is_grounded


def test_other_forms_of_the_words_count() -> None:
    answer = ExtractiveAnswerer().answer("Does cleaning filters matter?", results(GUIDE))
    assert "Clean the filter monthly." in answer.text


def test_names_in_code_count_by_their_parts() -> None:
    text = "Other text here entirely. A MissingExtraError holds the install line."
    answer = ExtractiveAnswerer().answer("error for a missing extra", results(text))
    assert answer.text.startswith("“A MissingExtraError")


def test_thin_evidence_is_no_answer() -> None:
    for question in (
        "What is the capital of Australia?",
        "Who wrote the guide to Norway's trains?",
    ):
        answer = ExtractiveAnswerer().answer(question, results(GUIDE))
        assert (answer.text, answer.is_grounded, answer.citations) == (NOTHING_SAID, False, ())


def test_nothing_found_is_no_answer() -> None:
    for question in ("", "?!", "the of and", "pump"):
        assert not ExtractiveAnswerer().answer(question, []).is_grounded


def test_rare_words_weigh_more_than_common_ones() -> None:
    found = results("The pump system works well today.", "The zircon part works.")
    counts = {"zircon": 1, "pump": 90, "system": 95}
    answer = ExtractiveAnswerer(most_sentences=1).answer(
        "zircon pump system", found, counts=counts, total=100
    )
    assert "zircon" in answer.text


def test_overlapping_chunks_are_quoted_once() -> None:
    answer = ExtractiveAnswerer().answer("pump guaranteed", results(GUIDE, GUIDE))
    assert answer.text.count("guaranteed") == 1


def test_a_heading_lends_its_words_to_the_text_below() -> None:
    text = "# Guarantee of the pump\n\nIt holds for five years from the day of purchase."
    answer = ExtractiveAnswerer().answer("How long is the guarantee of the pump?", results(text))
    assert "It holds for five years" in answer.text
    assert answer.is_grounded


def test_an_embedder_finds_what_words_miss() -> None:
    class Synonyms(HashEmbedder):
        def embed_query(self, text: str) -> list[float]:
            return super().embed_query(text.lower().replace("warranty", "guaranteed five years"))

    plain = ExtractiveAnswerer().answer("warranty", results(GUIDE))
    knowing = ExtractiveAnswerer(Synonyms(256), least_similarity=0.4).answer(
        "warranty", results(GUIDE)
    )
    assert not plain.is_grounded
    assert "guaranteed for five years" in knowing.text


async def test_the_async_twin_answers_the_same() -> None:
    answerer = ExtractiveAnswerer(HashEmbedder())
    question = "How long is the pump guaranteed?"
    found = results(GUIDE)
    assert await answerer.aanswer(question, found) == answerer.answer(question, found)


@pytest.mark.parametrize("question", ["Who are you?", "What is it?", "the the the"])
def test_frequent_words_alone_are_no_evidence(rag: RactoRAG, question: str) -> None:
    rag.ingest_text(
        "Those who are here know what it is that you want, and the others are the rest."
    )
    assert not rag.query(question).is_grounded


def test_half_a_character_in_a_question_does_no_harm(rag: RactoRAG) -> None:
    rag.ingest_text("Bees dance to show the way.")
    assert rag.query("bees\ud83d dance").is_grounded
    assert rag.retrieve("\udcff bees")


def test_questions_in_chinese_and_without_accents_are_answered(rag: RactoRAG) -> None:
    rag.ingest_text(
        "东京是日本的首都。上海是中国最大的城市。Die Bücherei öffnet um neun.", source="a"
    )
    assert "上海是中国最大的城市。" in (rag.query("上海").answer.content or "")
    assert "Bücherei" in (rag.query("bucherei").answer.content or "")
    assert not rag.query("苹果多少钱").is_grounded


def test_the_end_of_a_sentence_without_end_is_evidence_too() -> None:
    text = "and then we spoke of this and that " * 15 + "and the budget is nine thousand euros"
    result = RetrievalResult(chunk=Chunk(content=text), score=1.0, rank=1)
    found = ExtractiveAnswerer().answer("What is the budget?", [result])
    assert found.is_grounded
    assert "nine thousand euros" in found.text
