"""A wait tells people what changes, in lines that are safe to print."""

from __future__ import annotations

from typing import Any

from racto.finetune.jobs import TuningEvent, TuningJob, TuningProgress, TuningState
from racto.finetune.narration import Narrator, printable, told


def progress(state: TuningState = TuningState.RUNNING, **fields: Any) -> TuningProgress:
    """What a wait has seen."""
    job = TuningJob(
        job_id="j", provider="x", state=state, status=state, epochs_done=fields.pop("epochs", None)
    )
    return TuningProgress(job=job, **fields)


def event(message: str, **fields: Any) -> TuningEvent:
    """An event."""
    return TuningEvent(event_id=message, message=message, **fields)


def test_only_what_changes_is_told_and_something_now_and_then() -> None:
    lines: list[str] = []
    narrate = Narrator(lines.append)
    narrate(progress(elapsed=1))
    narrate(progress(elapsed=2))
    narrate(progress(elapsed=602))
    narrate(progress(TuningState.SUCCEEDED, elapsed=4000))
    assert lines == [
        "j: running after 0 min 01 s",
        "j: running after 10 min 02 s",
        "j: succeeded after 1 h 06 min",
    ]


def test_events_are_told_but_for_single_steps() -> None:
    lines: list[str] = []
    narrate = Narrator(lines.append)
    step = event("Step 3/9", kind="metrics")
    narrate(progress(events=[event("Created"), step], step=3, total_steps=9))
    narrate(progress(step=4))
    narrate(progress(epochs=2))
    assert lines == [
        "  Created",
        "j: running, step 3 of 9 after 0 min 00 s",
        "j: running, step 4 after 0 min 00 s",
        "j: running, 2 epochs done after 0 min 00 s",
    ]


def test_a_long_story_is_cut() -> None:
    lines: list[str] = []
    Narrator(lines.append)(progress(events=[event(str(number)) for number in range(8)]))
    assert lines[:2] == ["  (3 earlier events)", "  3"]


def test_a_terminal_obeys_nothing_of_it() -> None:
    lines: list[str] = []
    Narrator(lines.append)(progress(events=[event("red \x1b[31m\nnew line")]))
    assert lines[0] == "  red \\x1b[31m\\nnew line"
    assert printable("é ü 漢") == "é ü 漢"


def test_the_caller_is_told_with_and_without_words(capsys: Any) -> None:
    seen: list[TuningProgress] = []
    assert told(False, None) is None
    quiet, loud = told(False, seen.append), told(True, seen.append)
    assert quiet is not None
    assert loud is not None
    quiet(progress())
    assert capsys.readouterr().out == ""
    loud(progress())
    assert capsys.readouterr().out == "j: running after 0 min 00 s\n"
    assert len(seen) == 2
