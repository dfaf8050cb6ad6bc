"""What is in a dataset, counted in one pass: kinds, turns, lengths, tools, media, fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .examples import RactoTrainingExample
from .figures import escaped, plotly_modules, write_page
from .histograms import bins_of, drawn
from .tokens import CountTokens, estimate_tokens, example_tokens

_SHARES = {"min": 0.0, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
_COLOUR = "#0072B2"


@dataclass(frozen=True, kw_only=True)
class DatasetSummary:
    """What a dataset holds.

    Attributes:
        examples: How many examples.
        kinds: How many of each kind.
        roles: How many turns of each role.
        turns: How many examples have so many turns.
        tokens: How many examples have so many tokens.
        with_system: Examples with a system turn.
        with_tools: Examples with tools or tool calls.
        media: How many images, sounds and documents.
        fields: How many examples carry each further field.
    """

    examples: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, int] = field(default_factory=dict)
    turns: Mapping[int, int] = field(default_factory=dict)
    tokens: Mapping[int, int] = field(default_factory=dict)
    with_system: int = 0
    with_tools: int = 0
    media: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[str, int] = field(default_factory=dict)

    @property
    def total_tokens(self) -> int:
        """All tokens together."""
        return sum(value * count for value, count in self.tokens.items())

    @property
    def token_quantiles(self) -> dict[str, int]:
        """The tokens of an example: least, 10 %, median, 90 %, 99 %, most."""
        return {name: quantile(self.tokens, share) for name, share in _SHARES.items()}

    def histogram(self, *, width: int = 40) -> str:
        """The examples by their tokens, as bars of text.

        Args:
            width: Characters of the longest bar.
        """
        return drawn(bins_of(self.tokens), width=width)

    def plot(self, path: str | Path, *, title: str = "", overwrite: bool = False) -> None:
        """Draw the histograms of tokens and turns into one HTML file, which opens offline.

        Args:
            path: Where to.
            title: Stands above.
            overwrite: Whether a file that is there may be replaced.

        Raises:
            ConfigurationError: If the file is there already, or cannot be written.
            MissingExtraError: If plotly is not installed.
        """
        # Loaded here, for a summary in text needs no plotly.
        graphs, subplots = plotly_modules()
        titles = ("Tokens of an example", "Turns of an example")
        figure = subplots.make_subplots(rows=2, cols=1, subplot_titles=titles)
        for row, counts in enumerate((self.tokens, self.turns), start=1):
            # Bins are made here: a page with a million values would not open.
            bins = bins_of(counts, 50)
            bar = graphs.Bar(
                x=[(each.low + each.high - 1) / 2 for each in bins],
                y=[each.count for each in bins],
                width=[each.high - each.low for each in bins],
                customdata=[f"{each.low:,}–{each.high - 1:,}" for each in bins],
                hovertemplate="%{customdata}: %{y}<extra></extra>",
                marker_color=_COLOUR,
            )
            figure.add_trace(bar, row=row, col=1)
        figure.update_layout(
            title=escaped(title), template="plotly_white", showlegend=False, bargap=0
        )
        write_page(figure, path, overwrite=overwrite)

    def as_data(self) -> dict[str, Any]:
        """The summary as JSON can hold it."""
        data = asdict(self)
        # JSON's keys are texts.
        for name in ("turns", "tokens"):
            data[name] = {str(key): value for key, value in sorted(data[name].items())}
        quantiles = {"total_tokens": self.total_tokens, "token_quantiles": self.token_quantiles}
        return {**data, **quantiles}

    def __str__(self) -> str:
        lines = [f"{self.examples:,} examples ({_listed(self.kinds)})"]
        lines.append(f"turns: {_listed(self.roles)}")
        lines.append(f"with a system turn: {self.with_system:,}; with tools: {self.with_tools:,}")
        if self.media:
            lines.append(f"media: {_listed(self.media)}")
        if self.fields:
            lines.append(f"further fields: {_listed(self.fields)}")
        told = ", ".join(f"{name} {value:,}" for name, value in self.token_quantiles.items())
        lines += [f"tokens: {self.total_tokens:,} in all; an example: {told}", ""]
        return "\n".join([*lines, self.histogram()]).rstrip()


def summarize(
    examples: Iterable[RactoTrainingExample], *, count_tokens: CountTokens = estimate_tokens
) -> DatasetSummary:
    """Count what a dataset holds, in one pass and little memory.

    Args:
        examples: The examples.
        count_tokens: Counts the tokens of a text.
    """
    kinds, roles, turns, tokens, media, fields = (Counter[Any]() for _ in range(6))
    with_system = with_tools = 0
    for example in examples:
        everything = example.all_messages
        kinds[example.kind] += 1
        turns[len(everything)] += 1
        tokens[example_tokens(example, count_tokens)] += 1
        roles.update(turn.role for turn in everything)
        media.update(part.type for turn in everything for part in turn.media)
        fields.update(example.extra.keys())
        with_system += any(turn.role in ("system", "developer") for turn in everything)
        with_tools += bool(example.tools) or any(turn.tool_calls for turn in everything)
    return DatasetSummary(
        examples=sum(kinds.values()), kinds=dict(kinds), roles=dict(roles), turns=dict(turns),
        tokens=dict(tokens), with_system=with_system, with_tools=with_tools, media=dict(media),
        fields=dict(fields),
    )  # fmt: skip


def quantile(counts: Mapping[int, int], share: float) -> int:
    """The smallest value that at least this share of the values do not exceed; 0 for no values.

    Args:
        counts: How often each value occurs.
        share: Between 0 and 1.
    """
    total = sum(counts.values())
    # Counted up through the sorted values, so nothing but their counts is held.
    passed, value = 0, 0
    for value in sorted(counts):
        passed += counts[value]
        if passed >= share * total:
            break
    return value


def _listed(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:,} {name}" for name, count in ordered) or "none"
