"""Terms are the same for all forms of a word, in texts and in questions."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.rag.pages.terms import asked, keywords_of, terms_of


def test_forms_case_and_accents_do_not_matter() -> None:
    assert terms_of("Cafés closing") == terms_of("CAFE closes")
    assert terms_of("cafe\u0301") == terms_of("café")


def test_signs_are_found_alone_and_in_pairs() -> None:
    assert set(asked("東京")) <= set(terms_of("彼は東京に住む"))
    assert set(asked("京")) <= set(terms_of("東京"))
    assert terms_of("_-!") == []


def test_a_question_keeps_its_own_words() -> None:
    assert asked("Which pumps are guaranteed, pump?") == {
        next(iter(terms_of("pumps"))): "pumps",
        next(iter(terms_of("guaranteed"))): "guaranteed",
    }
    assert list(asked("who is it").values()) == ["who", "is", "it"]


def test_a_long_question_is_bounded() -> None:
    assert len(asked(" ".join(f"word{n}x" for n in range(100_000)))) == 64
    assert list(asked("the " * 1000 + "pump").values()) == ["pump"]


def test_keywords_are_the_frequent_words() -> None:
    text = "The pump pumps water. A pump needs water and a valve. x x x x"
    assert keywords_of(text, 2) == ["pump", "water"]
    assert keywords_of(text, 0) == []


@given(st.text())
def test_what_a_text_says_a_question_can_ask(text: str) -> None:
    assert set(asked(text)) <= set(terms_of(text))
