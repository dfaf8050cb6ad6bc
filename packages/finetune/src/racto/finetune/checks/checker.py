"""One pass over a dataset that finds what its trainer would refuse, and what is unwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from racto.core.content import ToolCallPart
from racto.core.errors import ConfigurationError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.formats import Format, Losses, find_format
from racto.finetune.lines import dump_line
from racto.finetune.tokens import CountTokens, estimate_tokens, example_tokens
from racto.finetune.written_calls import text_of_call

from .conversations import check_conversation
from .endings import check_ending
from .findings import Fault, Finding
from .places import placed_turns
from .providers import DEMANDS, Demands
from .repeats import Repeats

FindPersonalData: TypeAlias = Callable[[str], Iterable[Any]]
"""Looks for personal data in a text: returns what it found, whatever that is; empty for none."""

_NONE = Demands()


@dataclass(frozen=True, kw_only=True)
class ValidationReport:
    """What a validation found.

    Attributes:
        provider: Name of the format.
        examples: How many examples there were, those that cannot be read included.
        tokens: All tokens of the examples.
        findings: The findings in their order; the first ones where there are very many.
        counts: How often each rule was broken, all findings included.
        error_count: How many findings are errors.
    """

    provider: str
    examples: int
    tokens: int
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    error_count: int = 0

    @property
    def errors(self) -> list[Finding]:
        """The findings for which a trainer would refuse the file."""
        return [finding for finding in self.findings if finding.is_error]

    @property
    def warnings(self) -> list[Finding]:
        """The findings that are advice."""
        return [finding for finding in self.findings if not finding.is_error]

    @property
    def is_valid(self) -> bool:
        """Whether there is no error."""
        return not self.error_count

    def as_data(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        return {
            "provider": self.provider,
            "examples": self.examples,
            "tokens": self.tokens,
            "is_valid": self.is_valid,
            "counts": dict(self.counts),
            "findings": [finding.as_data() for finding in self.findings],
        }


def check_examples(
    examples: Iterable[tuple[int, RactoTrainingExample | str]],
    provider: str = "openai",
    *,
    max_tokens: int | None = None,
    count_tokens: CountTokens = estimate_tokens,
    known_prompts: dict[int, int] | None = None,
    find_personal: FindPersonalData | None = None,
    repeats: bool = True,
    most_findings: int = 1_000,
) -> ValidationReport:
    """Check a dataset in one pass.

    Args:
        examples: Line and example; a text in its place says why the line cannot be read.
        provider: Name of the format that it is meant for.
        max_tokens: Most tokens of an example; when None, what the provider's usual models take,
            and more is a warning.
        count_tokens: Counts the tokens of a text.
        known_prompts: Digests of the other side's questions, to find leaks.
        find_personal: Looks for personal data in each turn.
        repeats: Whether to look for duplicates, which takes memory.
        most_findings: How many findings the report holds; all are counted.

    Raises:
        ConfigurationError: If there is no such format.
    """
    # One pass: a file that does not fit into memory is not read twice either.
    checker = _Checker(find_format(provider), max_tokens, count_tokens, find_personal)
    seen = Repeats(known_prompts) if repeats or known_prompts else None
    tally = _Tally(most_findings)
    number = -1
    for number, (line, example) in enumerate(examples):
        if isinstance(example, str):
            tally.add(Finding.of(Fault(rule="format", text=example), line=line, example=number))
            continue
        for fault in checker.check(example):
            tally.add(Finding.of(fault, line=line, example=number))
        for fault in seen.check(example, line) if seen else ():
            tally.add(Finding.of(fault, line=line, example=number))
    for fault in checker.whole(number + 1):
        tally.add(Finding.of(fault))
    return tally.report(checker.format.name, number + 1, checker.tokens)


class _Tally:
    def __init__(self, most: int) -> None:
        self._most = most
        self._findings: list[Finding] = []
        self._counts: Counter[str] = Counter()
        self._errors = 0

    def add(self, finding: Finding) -> None:
        self._counts[finding.rule] += 1
        self._errors += finding.is_error
        # A file of a million faults must not fill the memory with them.
        if len(self._findings) < self._most:
            self._findings.append(finding)

    def report(self, provider: str, examples: int, tokens: int) -> ValidationReport:
        return ValidationReport(
            provider=provider,
            examples=examples,
            tokens=tokens,
            findings=tuple(self._findings),
            counts=dict(self._counts),
            error_count=self._errors,
        )


class _Checker:
    """The rules of one format, and the tokens of what was checked."""

    def __init__(
        self,
        format: Format,
        max_tokens: int | None,
        count_tokens: CountTokens,
        find_personal: FindPersonalData | None,
    ) -> None:
        self.format = format
        self.tokens = 0
        self._demands = DEMANDS.get(format.name, _NONE)
        self._given_most = max_tokens
        self._most_tokens = max_tokens or self._demands.most_tokens
        self._count_tokens = count_tokens
        self._find_personal = find_personal

    def check(self, example: RactoTrainingExample) -> Iterator[Fault]:
        yield from check_conversation(example)
        # Hugging Face's and ShareGPT's conversations hold questions and choices as well.
        kind = self.format.kind
        if kind == "chat" and self.format.name in ("trl", "sharegpt"):
            kind = example.kind
        yield from check_ending(example, kind)
        for rule in self._demands.rules:
            yield from rule(example)
        yield from self._encodable(example, kind)
        yield from self._length(example)
        if self._find_personal is not None:
            yield from _personal(example, self._find_personal)

    def whole(self, count: int) -> Iterator[Fault]:
        demands, title = self._demands, self.format.title
        # Of nothing no trainer learns, whatever its limits are.
        is_error = demands.is_firm or not count
        often = "" if demands.is_firm else "commonly "
        if count < demands.least:
            text = f"{count} examples; {title} {often}needs at least {demands.least}"
            yield Fault(rule="size", text=text, is_error=is_error)
        if demands.most is not None and count > demands.most:
            text = f"{count:,} examples; {title} {often}takes at most {demands.most:,}"
            yield Fault(rule="size", text=text, is_error=is_error)

    def _encodable(self, example: RactoTrainingExample, kind: str) -> Iterator[Fault]:
        """Whatever else the format has no place for."""
        # Told already, by the rules on endings.
        if kind != "preference" and example.kind == "preference":
            return
        if kind == "preference" and not (example.chosen and example.rejected):
            return
        try:
            dump_line(self.format.encode(example, Losses(title=self.format.title)))
        except ConfigurationError as error:
            yield Fault(rule="format", text=str(error))

    def _length(self, example: RactoTrainingExample) -> Iterator[Fault]:
        tokens = example_tokens(example, self._count_tokens)
        self.tokens += tokens
        most = self._most_tokens
        if most is not None and tokens > most:
            fit = "fit" if self._given_most else "commonly fit, which depends on the model"
            end = "the end is cut off" if self._demands.cuts else "it is refused"
            text = f"about {tokens:,} tokens, and {most:,} {fit}; {end}; shorten it"
            # An estimate is no reason to refuse a file, nor is a limit that models differ in.
            is_counted = self._count_tokens is not estimate_tokens
            is_error = bool(self._given_most) and is_counted and not self._demands.cuts
            yield Fault(rule="tokens", text=text, is_error=is_error)


def _personal(example: RactoTrainingExample, find: FindPersonalData) -> Iterator[Fault]:
    for place, at, turn in placed_turns(example):
        texts = [turn.content, *map(_arguments, turn.tool_calls)]
        # A name is enough for a hook that returns texts.
        kinds = {str(getattr(each, "kind", each)) for text in texts for each in find(text)}
        if kinds:
            text = f"looks like personal data: {', '.join(sorted(kinds))}"
            yield Fault(rule="personal", text=text, place=place, message=at, is_error=False)


def _arguments(call: ToolCallPart) -> str:
    try:
        return text_of_call(call)
    except ConfigurationError:
        # No JSON, which another rule tells; its words may be private all the same.
        return repr(call.arguments)
