"""How hard a message looks: words as words, meanings once, any language, and bounded reading."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from racto.providers import complexity
from racto.providers.complexity import Complexity, ComplexityGauge

GAUGE = ComplexityGauge()


@pytest.mark.parametrize("letters", [0, 3, 4, 400, 1599, 1600, 5000])
def test_plain_english_scores_by_length_as_the_reference_does(letters: int) -> None:
    text = ("tea at noon " * 500)[:letters]
    assert GAUGE.score(text) == round(min(letters // 4, 400) * 50 / 400)


@pytest.mark.parametrize("hits", [1, 3, 6, 7, 12])
def test_each_keyword_is_eight_points_and_fifty_are_the_most(hits: int) -> None:
    words = "analyze compare prove design refactor debug optimize algorithm strategy justify "
    text = " ".join((words + "hypothesis simulate").split()[:hits])
    assert GAUGE.score(text) == round(len(text) // 4 * 50 / 400 + min(8 * hits, 50))


@pytest.mark.parametrize(
    "text", ["We improved it.", "Provence", "a reproof", "unprovable", "designation"]
)
def test_a_keyword_inside_another_word_is_none(text: str) -> None:
    assert GAUGE.measure(text).signs == ()


@pytest.mark.parametrize("text", ["Prove it!", "(prove)", "PROVE", '"prove"', "prove, then"])
def test_case_and_punctuation_do_not_hide_a_keyword(text: str) -> None:
    assert GAUGE.measure(text).signs == ("prove",)


def test_forms_of_one_meaning_count_once_across_languages() -> None:
    measured = GAUGE.measure("Analyze the analysis; analysiere die Analyse; 分析")
    assert measured.signs == ("analyze",)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("Vergleiche und bewerte beide Entwürfe", {"compare", "evaluate"}),
        ("Démontrez ce théorème et justifiez chaque étape", {"prove", "justify"}),
        ("Compara y evalúa las dos estrategias", {"compare", "evaluate", "strategy"}),
        ("Сравните алгоритмы и докажите оценку", {"compare", "algorithm", "prove", "evaluate"}),
        ("分析并比较这两种架构的利弊", {"analyze", "compare", "architecture", "trade-off"}),
        ("この設計を評価し、証明してください。", {"design", "evaluate", "prove"}),
        ("두 알고리즘을 비교하고 분석하세요", {"algorithm", "compare", "analyze"}),
        ("قارن بين الخوارزميات", {"compare"}),
        ("इन दोनों की तुलना कीजिए", {"compare"}),
        ("วิเคราะห์และเปรียบเทียบ", {"analyze", "compare"}),
    ],
)
def test_hard_work_is_seen_in_other_languages(text: str, signs: set[str]) -> None:
    assert signs <= set(GAUGE.measure(text).signs)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("```python\nx\n```", "code"),
        ("if (a == b) { c(); }", "code"),
        ("solve x^2 + y = 4", "maths"),
        ("∫ f(t) dt", "maths"),
        ("Who? Where? When?", "several questions"),
        ("誰？何？いつ？", "several questions"),
        ("Do this:\n1. sort\n2. merge\n3. print", "several parts"),
        ("- eggs\n- flour\n- salt", "several parts"),
    ],
)
def test_some_signs_need_no_language(text: str, sign: str) -> None:
    assert sign in GAUGE.measure(text).signs


@pytest.mark.parametrize("text", ["Who is it? And where?", "one\ntwo\nthree\nfour"])
def test_two_questions_and_plain_lines_are_no_sign(text: str) -> None:
    assert GAUGE.measure(text).signs == ()


def test_scripts_that_say_more_with_a_character_count_it_for_more() -> None:
    english = "All human beings are born free and equal in dignity and rights."
    chinese = "人人生而自由，在尊严和权利上一律平等。"
    assert len(chinese) * 3 < len(english)
    ours, theirs = GAUGE.measure(chinese).tokens, GAUGE.measure(english).tokens
    assert abs(ours - theirs) <= 3


def test_of_a_long_message_the_beginning_and_the_end_are_read() -> None:
    filler = "tea at noon " * 2000
    assert GAUGE.measure("Prove it. " + filler).signs == ("prove",)
    assert GAUGE.measure(filler + " Prove it.").signs == ("prove",)
    assert GAUGE.measure(filler + " Prove it. " + filler).signs == ()


def test_words_of_ones_own_count_too() -> None:
    gauge = ComplexityGauge(["Actuarial", "root cause", "保险精算"])
    assert gauge.measure("An actuarial question").signs == ("Actuarial",)
    assert gauge.measure("Find the Root Cause.").signs == ("root cause",)
    assert gauge.measure("这是保险精算问题").signs == ("保险精算",)
    named = ComplexityGauge({"law": ["tort", "statute"]})
    assert named.measure("A tort under the statute").signs == ("law",)
    assert GAUGE.measure("An actuarial question").signs == ()


@given(st.text(max_size=300))
def test_any_text_has_a_score_which_is_that_of_its_measure(text: str) -> None:
    score = GAUGE.score(text)
    assert 0 <= score <= 100
    assert score == GAUGE.measure(text).score


@given(st.integers(0, 900), st.integers(0, 20))
def test_the_points_add_up(tokens: int, signs: int) -> None:
    made = Complexity(tokens=tokens, signs=tuple(map(str, range(signs))))
    assert made.score == round(made.length_points + made.sign_points)
    assert made.length_points <= 50 >= made.sign_points


def test_no_word_of_the_data_stands_for_two_meanings_in_one_language() -> None:
    data = json.loads(Path(complexity.__file__).with_suffix(".json").read_text("utf-8"))
    assert len(data["languages"]) >= 15
    for language, kinds in data["languages"].items():
        for meanings in kinds.values():
            words = [word for line in meanings.values() for word in line.split()]
            assert len(words) == len(set(words)), language
            assert all(word == word.lower() for word in words), language
