from __future__ import annotations

from racto.core import ImagePart, LinkPart, TextPart, ToolCallResult, ToolResultPart
from racto.tools.mcp.agent.answers import Answers, noted, refused, shortened

PICTURE = ImagePart(data=b"png", mime_type="image/png")


def part(content: object) -> ToolResultPart:
    return ToolResultPart(tool_call_id="1", name="t", content=content, structured={"a": 1})


def test_answers_stand_in_the_calls_order() -> None:
    calls = [ToolCallResult(id=str(n), name=f"t{n}") for n in range(3)]
    answers = Answers(calls)
    answers.give(2, ToolResultPart(tool_call_id="2", content="two"))
    answers.give(0, ToolResultPart(tool_call_id="0", content="zero"))
    turn = answers.message("there was no time")
    assert [(each.tool_call_id, each.is_error) for each in turn.parts] == [
        ("0", False),
        ("1", True),
        ("2", False),
    ]
    assert turn.parts[1].text == "Tool 't1' was not run: there was no time."


def test_text_that_fits_is_left_alone() -> None:
    whole = part("x" * 10)
    assert shortened(whole, 10) is whole
    assert shortened(whole, None) is whole
    several = part((TextPart(text="x" * 5), PICTURE))
    assert shortened(several, 5) is several


def test_parts_are_cut_and_media_kept() -> None:
    link = LinkPart(uri="file:///a", name="a very long name")
    parts = (TextPart(text="x" * 8), PICTURE, TextPart(text="y" * 8), link, TextPart(text="z"))
    cut = shortened(part(parts), 10)
    first, picture, second, note = cut.content
    assert (first.text, picture, second.text) == ("x" * 8, PICTURE, "yy")
    assert "characters" in note.text
    assert cut.structured == {"a": 1}


def test_notes_follow_the_answer() -> None:
    assert noted(part("8"), {"n": 4}).text.startswith("8\n[The user changed")
    assert noted(part((PICTURE,)), {"n": 4}).content[0] is PICTURE


def test_a_refusal_without_a_reason() -> None:
    answer = refused(ToolCallResult(id="1", name="t"), "")
    assert answer.text == "Tool 't' was not run, because it was not approved."
