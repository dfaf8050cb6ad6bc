"""What the commands on data do, and what they print."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .bars import Advance, progress_bar

DONE = 0
FINDINGS = 3


def validate(options: argparse.Namespace) -> int:
    """Check a file for what a trainer would refuse."""
    from .checks import find_personal_data
    from .files import DatasetFile

    # The file is read as a stream, so its size does not matter.
    file = DatasetFile(options.file, options.provider)
    against = DatasetFile(options.against) if options.against else None
    report = file.check(
        options.target,
        validation=against,
        max_tokens=options.max_tokens,
        find_personal=find_personal_data if options.personal else None,
        most_findings=options.most,
        **_counting(options),
    )
    if options.json:
        _show(_as_json(report.as_data()))
    else:
        for finding in report.findings:
            _show(f"{'error' if finding.is_error else 'warning'}: {_plain(finding)}")
        # What is not shown is told, or it would seem that there is no more.
        hidden = sum(report.counts.values()) - len(report.findings)
        if hidden:
            _show(f"and {hidden:,} more; --most shows more of them")
        noun = "error" if report.error_count == 1 else "errors"
        verdict = "fit" if report.is_valid else f"not fit, {report.error_count:,} {noun}"
        _show(
            f"{report.examples:,} examples, about {report.tokens:,} tokens, for "
            f"{report.provider}: {verdict}"
        )
    return DONE if report.is_valid else FINDINGS


def convert(options: argparse.Namespace) -> int:
    """Write data in another format."""
    from .sources import read_source
    from .streams import write_examples

    rows = read_source(
        options.source,
        provider=options.provider,
        columns=dict(options.columns) or None,
        split=options.part,
    )
    on_loss: Any = "drop" if options.drop else "raise"
    with progress_bar("converting", unit="examples") as advance:
        examples = (example for _, example in _watched(rows, advance))
        if options.target.suffix == ".parquet":
            from .sources.frames import write_parquet

            count = write_parquet(
                options.target, examples, options.wanted,
                overwrite=options.overwrite, on_loss=on_loss,
            )  # fmt: skip
            losses: Mapping[str, int] = {}
        else:
            written = write_examples(
                options.target, examples, options.wanted,
                overwrite=options.overwrite, on_loss=on_loss,
            )  # fmt: skip
            count, losses = written.count, written.losses
    # On standard error, since standard output is for data.
    _tell(f"{count:,} examples written to {options.target}")
    for feature, times in losses.items():
        _tell(f"left out {times:,} times: {_plain(feature)}")
    return DONE


def split(options: argparse.Namespace) -> int:
    """Make training and validation data."""
    from .files import DatasetFile

    file = DatasetFile(options.file, options.provider)
    # Packed data stays packed.
    ending = "".join(Path(options.file).suffixes[-2:]) if file.path.suffix == ".gz" else ".jsonl"
    train = options.train or file.path.with_name(f"train{ending}")
    rest = options.validation or file.path.with_name(f"validation{ending}")
    counts = file.split(
        train,
        rest,
        train_ratio=options.ratio,
        seed=options.seed,
        keep_prompts_together=options.no_leaks,
        overwrite=options.overwrite,
    )
    for count, path in zip(counts, (train, rest), strict=True):
        _tell(f"{count:,} examples written to {path}")
    return DONE


def shuffle(options: argparse.Namespace) -> int:
    """Write the lines in a random order."""
    from .files import DatasetFile

    file = DatasetFile(options.file, options.provider)
    count = file.shuffle(options.target, seed=options.seed, overwrite=options.overwrite)
    _tell(f"{count:,} examples written to {options.target}")
    return DONE


def summary(options: argparse.Namespace) -> int:
    """Say what is in a file."""
    from .files import DatasetFile

    found = DatasetFile(options.file, options.provider).summary(**_counting(options))
    if options.plot:
        found.plot(options.plot, title=options.file.name, overwrite=options.overwrite)
    _show(_as_json(found.as_data()) if options.json else _plain(str(found)))
    return DONE


def estimate(options: argparse.Namespace) -> int:
    """Say what a training takes."""
    from .files import DatasetFile

    found = DatasetFile(options.file, options.provider).estimate(
        price=options.price,
        epochs=options.epochs or "auto",
        max_tokens=options.max_tokens,
        **_counting(options),
    )
    _show(_as_json(found.as_data()) if options.json else str(found))
    return DONE


def _counting(options: argparse.Namespace) -> dict[str, Any]:
    from .tokens import counter_of

    return {"count_tokens": counter_of(options.encoding)} if options.encoding else {}


def _watched(rows: Iterator[Any], advance: Advance | None) -> Iterator[Any]:
    for number, row in enumerate(rows, start=1):
        # A bar that is drawn for each of a million lines costs more than they do.
        if advance is not None and number % 500 == 0:
            advance(number, None)
        yield row


def _as_json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=True)


def _show(text: str) -> None:
    print(text)  # noqa: T201


def _tell(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201


def _plain(text: str) -> str:
    """A text of a stranger's, in which a terminal would otherwise obey control characters."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in text
    )
