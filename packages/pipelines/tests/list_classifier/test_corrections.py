"""Slips are corrected; nothing is ever turned into its opposite."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ResponseModelValidationError
from racto.core.testing import ScriptedKit
from racto.pipelines.list_classifier import ListClassifierPipeline
from racto.pipelines.list_classifier.corrections import corrected

SLIPS = [
    ("Biling", "Billing"),
    ("Billling", "Billing"),
    ("Bililng", "Billing"),
    ("Billin", "Billing"),
    ("Billingg", "Billing"),
    ("Billng", "Billing"),
    ("Billings", "Billing"),
    ("'Billing'.", "Billing"),
    ("**Billing**", "Billing"),
    ("the Billing category", "Billing"),
    ("Category: Billing", "Billing"),
    ("Technical Suport", "Technical Support"),
    ("technical-support", "Technical Support"),
    ("technical_support", "Technical Support"),
    ("Tech Support", "Technical Support"),
    ("Technicla Suppotr", None),
    ("Ｂｉｌｌｉｎｇ", "Billing"),
    ("Рекламаця", "Рекламация"),
]
OTHERS = ["Sales", "Complaint"]

OPPOSITES = [
    ("not urgent", "urgent"),
    ("Not approve", "Approve"),
    ("not spam", "spam"),
    ("non-spam", "spam"),
    ("!spam", "spam"),
    ("isn't spam", "spam"),
    ("no spam", "spam"),
    ("never spam", "spam"),
    ("spam, not", "spam"),
    ("(not) spam", "spam"),
    ("disapproved", "approved"),
    ("unapproved", "approved"),
    ("illegal", "legal"),
    ("amoral", "moral"),
    ("atypical", "typical"),
    ("irreversible", "reversible"),
    ("harmless", "harm"),
    ("careless", "careful"),
    ("waterproof", "water"),
    ("debit", "credit"),
    ("decrease", "increase"),
    ("outbound", "inbound"),
    ("exclude", "include"),
    ("underpaid", "overpaid"),
    ("hypotension", "hypertension"),
    ("proscribe", "prescribe"),
    ("payee", "payer"),
    ("employee", "employer"),
    ("version 1", "version 2"),
    ("2023", "2024"),
    ("< 50", "> 50"),
    ("-1", "1"),
    ("nicht genehmigt", "genehmigt"),
    ("keine Reklamation", "Reklamation"),
    ("arbeitslos", "arbeit"),
    ("pas urgent", "urgent"),
    ("no urgente", "urgente"),
    ("не одобрено", "одобрено"),
    ("неодобрено", "одобрено"),
    ("客户不同意退款", "客户同意退款"),
    ("onaylanmadı", "onaylandı"),
    ("tuzsuz", "tuz"),
    ("hardly urgent", "urgent"),
    ("rejected", "accepted"),
]


@pytest.mark.parametrize(("wrote", "meant"), SLIPS)
def test_slips(wrote: str, meant: str | None) -> None:
    assert corrected(wrote, ["Billing", "Technical Support", "Рекламация", *OTHERS]) == meant


@pytest.mark.parametrize(("one", "other"), OPPOSITES)
def test_opposites_stay_opposites(one: str, other: str) -> None:
    assert corrected(one, [other, *OTHERS]) is None
    assert corrected(other, [one, *OTHERS]) is None


@pytest.mark.parametrize(("one", "other"), OPPOSITES)
def test_opposites_in_the_pipeline(one: str, other: str) -> None:
    kit = ScriptedKit([json.dumps({"selected": one})])
    with pytest.raises(ResponseModelValidationError):
        ListClassifierPipeline(kit, options=[other, *OTHERS], max_retries=0).run("x")


WORDS = st.from_regex(r"[a-z]{3,12}( [a-z]{3,12}){0,2}", fullmatch=True)
BEFORE = "not non no never un in im il ir dis a anti mis de hardly without isn't cannot nicht kein"


@given(
    WORDS.filter(lambda text: not set(text.split()) & {"the", "option", "category", "answer"}),
    st.sampled_from(BEFORE.split()),
    st.sampled_from(["", " ", "-", "_"]),
)
def test_no_negation_is_turned_around(option: str, negation: str, joint: str) -> None:
    # "a" before a word of its own is an article.
    if negation == "a" and joint == " ":
        return
    denied = f"{negation}{joint}{option}"
    # "in" + "ning" doubles a letter at most inside, never at the beginning.
    assert corrected(denied, [option]) is None
    assert corrected(option, [denied]) is None


@given(WORDS, st.sampled_from(["less", "free", "los", "sız"]))
def test_no_privative_ending_comes_or_goes(word: str, ending: str) -> None:
    assert corrected(word + ending, [word]) is None
    assert corrected(word, [word + ending]) is None


def test_what_could_be_two_is_none() -> None:
    assert corrected("Biling", ["Billing", "Boiling"]) in ("Billing", None)
    assert corrected("c", ["C", "c."]) is None
    assert corrected("Tech support", ["Technical support", "Technology support"]) is None


def test_corrections_report_themselves() -> None:
    kit = ScriptedKit([json.dumps({"selected": "Biling", "confidence": 0.7})])
    result = ListClassifierPipeline(kit, options=["Billing", "Sales"]).run("x")
    assert result.selected == ["Billing"]
    assert result.fuzzy_corrected
    assert result.corrections == {"Billing": "Biling"}
    assert result.usage.retry_count == 0


def test_no_correction_without_leave() -> None:
    kit = ScriptedKit([json.dumps({"selected": "Biling"})])
    one = ListClassifierPipeline(kit, options=["Billing"], fuzzy_fallback=False, max_retries=0)
    with pytest.raises(ResponseModelValidationError):
        one.run("x")


@pytest.mark.parametrize(
    ("wrote", "option"),
    [
        ("a-typical", "typical"),
        ("A-political", "political"),
        ("an-aerobic", "aerobic"),
        ("No answer", "No"),
        ("no option selected", "No"),
        ("not selected", "Not"),
        # Words that are glued together carry a denial as any other word.
        ("AccessDenied", "Access"),
        ("Payment", "PaymentFailed"),
        ("Order", "OrderCancelled"),
        ("recht", "rechtswidrig"),
        ("Siker", "Sikertelen"),
        ("Harmonious", "Harm"),
    ],
)
def test_what_looks_like_a_slip_and_is_another_word(wrote: str, option: str) -> None:
    assert corrected(wrote, [option, *OTHERS]) is None


def test_an_option_keeps_its_own_no() -> None:
    assert corrected("the No answer option", ["No answer", "Yes"]) == "No answer"


@pytest.mark.parametrize("wrote", ["answer: no", "the option No", "Category: No"])
def test_a_no_behind_a_word_of_the_question_is_a_no(wrote: str) -> None:
    assert corrected(wrote, ["Yes", "No"]) == "No"
