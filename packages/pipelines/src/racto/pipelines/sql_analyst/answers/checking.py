"""Answers checked: each number in their prose is found in the rows, follows from them, or is marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from racto.pipelines.sql_analyst.exports.frames import as_frame
from racto.pipelines.sql_analyst.libraries import polars

from .evidence import Evidence, spelled_numbers, spellings
from .mentions import Mention, mentions_in
from .passages import prose_of

MARK = " ⚠"
"""What stands behind a number that the rows do not bear out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedNumber:
    """A number or date of an answer.

    Attributes:
        text: As it was written.
        position: Where it begins in the answer as it was, in letters from 0.
        source: What bears it out, such as ``sum of revenue``; empty when nothing does.
        value: The number, as it is read most often; None for dates and times.
    """

    text: str
    position: int
    source: str
    value: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedAnswer:
    """An answer whose numbers were checked.

    Attributes:
        text: The answer, with a mark behind each number that the rows do not bear out.
        marked: Those numbers.
        numbers: All numbers that were checked, in their order.
    """

    text: str
    marked: tuple[CheckedNumber, ...]
    numbers: tuple[CheckedNumber, ...]

    @property
    def is_supported(self) -> bool:
        """Whether the rows bear every number out."""
        return not self.marked


def check_answer(
    answer: str,
    frame: Any,
    *,
    question: str = "",
    frames: Iterable[Any] = (),
    row_count: int | None = None,
    mark: str = MARK,
) -> CheckedAnswer:
    """Check the numbers of an answer against the rows.

    A number is borne out when it is a cell; a count, sum, mean, middle, extreme or spread of a
    column; a share, difference or change in a short result; a sum, mean or count by a name; a date
    or its year; part of a text in a cell; or one that the question names. It counts as it is
    written: "1.2k" is anything from 1,150 to 1,250. Code, links and numbers of lists are left
    alone. That a number is borne out does not say that the sentence around it is true.

    Args:
        answer: Text in Markdown.
        frame: The rows: a frame of Polars or pandas, or a list of dictionaries.
        question: What was asked; its numbers may be repeated.
        frames: Further rows, such as what an analysis made of the first; single values and
            dictionaries of them are taken too.
        row_count: Rows that the database had, when they are more than the frame has.
        mark: What is put behind a number that nothing bears out.
    """
    mentions = list(mentions_in(prose_of(answer)))
    if not mentions:
        return CheckedAnswer(text=answer, marked=(), numbers=())
    # The rows themselves come first: what an analysis made of them is one step further away.
    evidences = [Evidence(each) for each in (as_frame(frame), *_as_frames(frames))]
    sources = _named(mentions, question, evidences, row_count)
    for evidence in evidences:
        still = [at for at, source in enumerate(sources) if not source]
        found = evidence.sources([mentions[at] for at in still])
        for at, source in zip(still, found, strict=True):
            sources[at] = source
    numbers = tuple(
        CheckedNumber(
            text=mention.text,
            position=mention.start,
            source=source,
            value=_signed(mention) if mention.readings else None,
        )
        for mention, source in zip(mentions, sources, strict=True)
    )
    ends = [mention.end for mention, source in zip(mentions, sources, strict=True) if not source]
    return CheckedAnswer(
        text=_with_marks(answer, ends, mark),
        marked=tuple(number for number in numbers if not number.source),
        numbers=numbers,
    )


def _signed(mention: Mention) -> float:
    value = mention.readings[0].value
    return -value if mention.is_signed else value


def _named(
    mentions: list[Mention], question: str, evidences: list[Evidence], row_count: int | None
) -> list[str]:
    """What needs no rows: numbers of the question and of names, and places in a ranking."""
    # Whoever asks for the top 5 of 2023 may read both numbers again.
    asked = spelled_numbers(question)
    columns = spelled_numbers(" ".join(evidences[0].names))
    most = max(evidence.height for evidence in evidences)
    sources = []
    for mention in mentions:
        keys = spellings(mention)
        value = mention.readings[0].value if mention.readings else -1.0
        if keys & asked:
            sources.append("question")
        elif keys & columns:
            sources.append("name of a column")
        elif row_count is not None and value == row_count and not mention.is_percent:
            sources.append("number of rows")
        else:
            # Nobody is fifth of four.
            sources.append("rank" if mention.is_rank and 1 <= value <= most else "")
    return sources


def _as_frames(values: Iterable[Any]) -> list[Any]:
    frames = []
    for value in values:
        if value is None or isinstance(value, str | bytes):
            continue
        if isinstance(value, dict):
            value = [{str(key): one for key, one in value.items()}]
        # A Decimal, which is no float, has this method; so has nothing else that code leaves.
        elif isinstance(value, int | float) or hasattr(value, "as_tuple"):
            value = polars().Series("value", [value])
        elif isinstance(value, list | tuple) and not all(isinstance(one, dict) for one in value):
            value = polars().Series("value", list(value), strict=False)
        frames.append(as_frame(value))
    return frames


def _with_marks(answer: str, ends: list[int], mark: str) -> str:
    # By the places in the text as it was, from the left, so that no mark moves the next one.
    pieces, begun = [], 0
    for end in ends:
        # Behind the stars, or a bold number would not be closed any more.
        while end < len(answer) and answer[end] in "*_~":
            end += 1
        pieces += [answer[begun:end], mark]
        begun = end
    return "".join([*pieces, answer[begun:]])
