"""Validation as a whole: what a report says, what providers demand, repeats, leaks, limits."""

from __future__ import annotations

import json
import pickle

import pytest

from racto.core import RactoFile
from racto.core.content import ImagePart
from racto.core.errors import ConfigurationError
from racto.finetune import RactoDataset, RactoTrainingExample, RactoTrainingMessage
from racto.finetune.checks import Finding

Turn = RactoTrainingMessage


def dataset(count: int = 40) -> RactoDataset:
    return RactoDataset.from_pairs((f"question {n}", f"answer {n}") for n in range(count))


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini", "trl", "sharegpt", "columns"])
def test_a_good_dataset_is_fit(name: str) -> None:
    report = dataset().check(name)
    assert (report.is_valid, report.findings, report.examples) == (True, (), 40)
    assert report.tokens > 0
    assert dataset().validate(name) == []
    dataset().require_valid(name)


@pytest.mark.parametrize("name", ["openai-preference", "gemini-preference", "trl-preference"])
def test_a_good_choice_is_fit(name: str) -> None:
    made = RactoTrainingExample.from_preference
    choices = RactoDataset(made(f"q{n}", chosen="g", rejected="b") for n in range(10))
    assert choices.validate(name) == []
    assert dataset().check(name).counts["preference"] == 80


def test_graded_data_is_fit_for_reinforcement() -> None:
    question = RactoTrainingExample([Turn("user", "q")], extra={"answer": 1})
    made = RactoDataset(question.replace(extra={"answer": n}) for n in range(10))
    assert made.validate("openai-reinforcement") == []
    assert made.check("openai").counts == {"order": 10, "format": 10}


def test_a_finding_is_a_text_that_knows_the_facts() -> None:
    bad = dataset().add(RactoTrainingExample([Turn("user", "q"), Turn("bot", "a")]))
    found = bad.validate("openai")
    assert [finding.rule for finding in found] == ["roles", "order"]
    assert found[0] == (
        "line 41, messages[1] (bot): unknown role; the roles are system, developer, user, "
        "assistant, tool [roles]"
    )
    assert (found[0].line, found[0].example, found[0].message) == (41, 40, 1)
    assert "\n".join(found).count("line 41") == 2
    assert json.loads(json.dumps(found[0].as_data()))["rule"] == "roles"
    again = pickle.loads(pickle.dumps(found[0]))
    assert (again, again.rule, again.is_error) == (found[0], "roles", True)
    assert isinstance(again, Finding)


def test_require_valid_lists_the_first() -> None:
    bad = RactoDataset(RactoTrainingExample([Turn("user", f"q{n}")]) for n in range(20))
    with pytest.raises(
        ValueError, match=r"not fit for openai; mend it first:\n  line 1.*"
    ) as caught:
        bad.require_valid()
    assert str(caught.value).endswith("and 15 more")


@pytest.mark.parametrize(("count", "says"), [(0, "0 examples"), (9, "needs at least 10")], ids=str)
def test_too_few(count: int, says: str) -> None:
    (finding,) = dataset(count).validate("openai")
    assert says in finding
    assert finding.startswith("the dataset: ")
    assert (finding.line, finding.rule) == (None, "size")


def test_limits_that_no_page_confirms_are_advice() -> None:
    few = dataset(31).check("bedrock")
    assert few.is_valid
    assert [(each.rule, "commonly needs at least 32" in each) for each in few.warnings] == [
        ("size", True)
    ]
    assert not dataset(0).check("bedrock").is_valid
    said = dataset().add(RactoTrainingExample.from_pair("Say:\nHuman: hi", "a")).check("bedrock")
    assert said.is_valid
    assert [(each.line, each.rule) for each in said.warnings] == [(41, "reserved")]
    # A provider's limit on tokens depends on the model, also where they are counted.
    long = dataset().add(RactoTrainingExample.from_pair("x" * 70_000, "a"))
    counted = long.check("bedrock", count_tokens=len)
    assert counted.is_valid
    assert "commonly fit" in counted.warnings[0]


def test_bedrock_s_demands() -> None:
    bad = dataset()
    bad.add(
        RactoTrainingExample.from_conversation([("user", "q"), ("user", "r"), ("assistant", "a")])
    )
    bad.add(RactoTrainingExample.from_pair("r", "a").replace(tools=[{"name": "f"}]))
    picture = RactoFile(b"x", "image/png")
    bad.add(RactoTrainingExample.from_pair("q", "a", user_attachments=[picture]))
    found = bad.validate("bedrock")
    assert [(finding.line, finding.rule) for finding in found] == [
        (41, "order"), (42, "tools"), (43, "media"),
    ]  # fmt: skip


def test_openai_s_media() -> None:
    def seen(*files: RactoFile) -> RactoTrainingExample:
        return RactoTrainingExample.from_pair("q", f"{len(files)}", user_attachments=files)

    big = RactoFile(b"x" * (10 * 2**20 + 1), "image/png")
    bad = dataset(10).extend(
        [
            seen(RactoFile(b"x", "image/gif")),
            seen(*[RactoFile(b"x", "image/png")] * 11),
            seen(big),
            RactoTrainingExample([Turn("user", "q"), Turn("assistant", [ImagePart(url="https://h.test/a.png")])]),
        ]
    )  # fmt: skip
    found = bad.validate("openai")
    assert [finding.line for finding in found] == [11, 12, 13, 14]
    assert {finding.rule for finding in found} == {"media"}
    sound = dataset(10).add(seen(RactoFile(b"x", "audio/wav"))).check("openai")
    assert (sound.is_valid, sound.counts) == (True, {"media": 1})


@pytest.mark.parametrize("name", ["openai", "anthropic"])
def test_text_files_become_words_and_are_fit(name: str) -> None:
    notes = RactoFile(b"milk", "text/plain", "notes.txt")
    made = dataset().add(RactoTrainingExample.from_pair("q", "a", user_attachments=[notes]))
    assert made.check(name).findings == ()


def test_openai_s_preferences_are_text() -> None:
    seen = RactoTrainingMessage("user", "q", [RactoFile(b"x", "image/png")])
    made = RactoTrainingExample.from_preference
    good = RactoDataset(made(f"q{n}", chosen="g", rejected="b") for n in range(10))
    found = good.add(good[0].replace(messages=[seen])).validate("openai-preference")
    assert [(each.line, each.rule) for each in found] == [(11, "media")]


def test_findings_in_answers_name_the_answer() -> None:
    made = RactoTrainingExample.from_preference("q", chosen="ann@host.test", rejected="b")
    report = RactoDataset([made] * 10).check(
        "openai-preference", find_personal=lambda text: ["mail"] if "@" in text else []
    )
    (first, *_) = [each for each in report.warnings if each.rule == "personal"]
    assert first.startswith("line 1, chosen[0] (assistant): ")
    assert first.message == 0


def test_openai_s_names_of_tools() -> None:
    example = RactoTrainingExample.from_pair("q", "a").replace(tools=[{"name": "a b"}])
    assert [finding.rule for finding in dataset(10).add(example).validate()] == ["tools"]


def test_gemini_wants_files_by_url() -> None:
    example = RactoTrainingExample.from_pair(
        "q", "a", user_attachments=[RactoFile(b"x", "image/png")]
    )
    report = dataset().add(example).check("gemini")
    assert report.is_valid
    assert ["gs://" in finding for finding in report.warnings] == [True]


def test_what_a_format_cannot_carry_is_found() -> None:
    bad = dataset().add(RactoTrainingExample.from_pair("q", "a").replace(extra={"id": 1}))
    assert bad.validate("trl") == []
    (finding,) = bad.validate("openai")
    assert finding.rule == "format"
    assert "'id'" in finding


def test_duplicates() -> None:
    report = (dataset() + dataset(2)).check()
    assert [(each.line, each.rule, each.is_error) for each in report.findings] == [
        (41, "duplicate", False), (42, "duplicate", False),
    ]  # fmt: skip
    assert "the same as line 1" in report.findings[0]
    assert dataset().check(repeats=False).findings == ()


def test_leaks() -> None:
    other = RactoDataset.from_pairs([("new", "a"), ("  QUESTION\n7 ", "b")], system="s")
    (leak,) = dataset().leaks(other)
    assert (leak.line, leak.rule) == (8, "leakage")
    assert "line 2 of the validation data" in leak
    report = dataset().check(validation=other)
    assert [(each.line, each.rule) for each in report.errors] == [(8, "leakage")]
    assert dataset().leaks(RactoDataset.from_pairs([("new", "a")])) == []


def test_lengths() -> None:
    report = dataset().check(max_tokens=5)
    assert report.counts["tokens"] == 40
    assert report.is_valid, "an estimate is no reason to refuse"
    counted = dataset().check(
        "gemini-preference", max_tokens=5, count_tokens=lambda text: len(text)
    )
    assert not counted.is_valid
    assert any("it is refused" in finding for finding in counted.errors)


def test_personal_data() -> None:
    from racto.finetune import find_personal_data

    some = dataset().add(RactoTrainingExample.from_pair("I am ann@host.test", "Hi"))
    (finding,) = some.check(find_personal=find_personal_data).findings
    assert (finding.rule, finding.is_error, finding.message) == ("personal", False, 0)
    assert finding.endswith("looks like personal data: email [personal]")
    hook = some.check(find_personal=lambda text: ["name"] if "ann" in text else []).findings
    assert "name" in hook[0]


def test_personal_data_in_the_arguments_of_a_call_is_found() -> None:
    from racto.core.content import ToolCallPart
    from racto.finetune import find_personal_data

    call = ToolCallPart(id="c", name="mail", arguments={"to": "ann@host.test"})
    example = RactoTrainingExample(
        [Turn("user", "q"), Turn("assistant", [call])], tools=[{"name": "mail"}]
    )
    (finding,) = dataset().add(example).check(find_personal=find_personal_data).findings
    assert finding.startswith("line 41, messages[1] (assistant): ")
    assert finding.rule == "personal"


def test_questions_in_system_turns_are_no_leaks_of_each_other() -> None:
    def told(question: str) -> RactoTrainingExample:
        return RactoTrainingExample([Turn("system", question), Turn("assistant", "a")])

    training = RactoDataset(told(f"{n}") for n in range(10))
    assert training.leaks([told("other")]) == []
    assert training.check(validation=[told("other")]).counts.get("leakage") is None
    assert [each.line for each in training.leaks([told("3")])] == [4]


def test_a_million_faults_do_not_fill_the_memory() -> None:
    bad = RactoDataset(RactoTrainingExample([Turn("user", f"q{n}")]) for n in range(50))
    report = bad.check(most_findings=3)
    assert (len(report.findings), report.error_count, report.counts) == (3, 50, {"order": 50})


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="no format is called"):
        dataset().check("x")
