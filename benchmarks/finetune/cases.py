"""What is asked of racto-finetune: 20,000 items a second on one core, and memory that stays flat."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(name="ractogateway", requirements=("ractogateway==0.2.1",))
_CHATS = "chats of an instruction, a question and an answer, about 400 characters each"


def _lines(what: str, function: str, provider: str, asked: str = "") -> Case:
    return Case(
        name=f"{what}, {provider}, 10,000 small chats",
        unit="items/s",
        measure="rate",
        better="higher",
        how=f"{_CHATS}; one core",
        given={"count": 10_000, "provider": provider},
        quick={"count": 500},
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_reference.py", function=function, environment=REFERENCE),
        peer_name="ractogateway 0.2.1 RactoDataset",
        asked=asked,
    )


CASES = [
    _lines("build, write and parse JSONL", "both", "openai", "ours >= 20000"),
    _lines("build JSONL", "build", "openai", "ours >= 20000"),
    _lines("parse JSONL", "parse", "openai", "ours >= 20000"),
    _lines("build JSONL", "build", "anthropic", "ours >= 20000"),
    _lines("parse JSONL", "parse", "anthropic", "ours >= 20000"),
    # The reference writes pairs without the instruction here, and racto the whole conversation.
    _lines("build JSONL", "build", "gemini", "ours >= 20000"),
    _lines("parse JSONL", "parse", "gemini", "ours >= 20000"),
    Case(
        name="validate, openai, 10,000 small chats",
        unit="items/s",
        measure="rate",
        better="higher",
        how="ours: roles, order, tools, media, duplicates, tokens, and whether it can be written; "
        "the reference's: roles, order and empties",
        given={"count": 10_000},
        quick={"count": 500},
        ours=Side(file="side_racto.py", function="validate"),
        peer=Side(file="side_reference.py", function="validate", environment=REFERENCE),
        peer_name="ractogateway 0.2.1 RactoDataset.validate",
    ),
    Case(
        name="peak memory of a process that converts, checks and splits 50,000 chats in a file",
        unit="MB",
        measure="figure",
        better="lower",
        how="resident set of a fresh process, interpreter and libraries included",
        given={"count": 50_000},
        quick={"count": 2_000},
        ours=Side(file="side_racto.py", function="peak"),
        asked="ours <= 150",
        runs=3,
        seconds=0,
    ),
]
