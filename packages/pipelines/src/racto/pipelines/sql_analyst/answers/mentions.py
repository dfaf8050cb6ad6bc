"""Numbers and dates as people write them, found in prose with all the ways to read each."""

# ruff: noqa: SIM905 - a block of names reads better than a list of quoted ones
from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH = (
    r"(?P<{}>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "tsd": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mm": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "mrd": 1e9,
    "billion": 1e9,
    "billions": 1e9,
    "t": 1e12,
    "tn": 1e12,
    "trillion": 1e12,
    "lakh": 1e5,
    "crore": 1e7,
}
_APPROXIMATE = re.compile(
    r"(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|over|under|more than"
    r"|less than|at least|up to|circa|ca\.|[~≈<>≥≤])\s*(?:[$€£¥₹]|[A-Z]{3})?\s*$",
    re.IGNORECASE,
)
_RANKING = re.compile(r"(?:top|first|last|bottom|rank|ranked|place|number|no\.|\#)[\s-]*$", re.I)
_RANKED = re.compile(
    r"\s*(?:largest|biggest|highest|lowest|smallest|best|worst|most|least|leading|top|strongest"
    r"|weakest)\b",
    re.IGNORECASE,
)

_TOKEN = re.compile(
    r"""
    (?P<iso>(?<!\d)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)
        (?:[T\ ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?)
    | (?P<month_of>(?<![\d-])\d{4}-(?:0[1-9]|1[0-2])(?![\d-]))
    | (?P<named>\b"""
    + _MONTH.format("m1")
    + r"""\s+(?P<d1>\d{1,2})(?:st|nd|rd|th)?(?![\d.,]*\d)(?:,?\s+(?P<y1>\d{4})(?!\d))?
      | \b(?P<d2>\d{1,2})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?"""
    + _MONTH.format("m2")
    + r"""(?:,?\s+(?P<y2>\d{4})(?!\d))?
      | \b"""
    + _MONTH.format("m3")
    + r""",?\s+(?P<y3>\d{4})(?!\d))
    | (?P<slashed>(?<![\d./])\d{1,2}([./])\d{1,2}\g<slash>\d{4}(?![\d/]))
    | (?P<clock>(?<![\d:])\d{1,2}:\d\d(?::\d\d)?(?![\d:]))
    | (?P<word>(?<!\w)(?!(?:USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|US|Rs|kr|R)(?=\d))[^\W\d_]\w*
        (?:[.-]\d\w*)*(?<!\.))
    | (?P<sign>(?<![\w.,%)\]])[-+\u2212][$€£¥₹]?)?
      (?P<digits>
        \d{1,3}(?:(?P<group>[,.'\u2019\u00a0\u202f\u2009\ ])\d{3})(?:(?P=group)\d{3})*(?!\d)
            (?:[.,]\d+)?
        | \d{1,2}(?:,\d\d)+,\d{3}(?!\d)(?:\.\d+)?
        | \d+(?:[.,]\d+)?
        | (?<![\d.])\.\d+
      )
      (?P<exponent>[eE][+-]?\d+)?
      (?P<tail>
        \s?(?:%|percent(?:age\ points?)?\b|per\ cent\b|pct\b|pp\b)
        | (?:st|nd|rd|th)\b
        | \s?(?i:thousand|millions?|billions?|trillion|lakh|crore)\b
        | \s?(?i:tsd|mio|mrd|mn|bn|tn)\b\.?
        | (?:[kKmMbBtT]|MM)\b
        | \s?(?:x|\u00d7|times|-?fold)(?!\w)
        | [A-Za-z]+\d*
      )?
    """.replace(r"([./])", r"(?P<slash>[./])").replace(r"\g<slash>", "(?P=slash)"),
    re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One way to read a number.

    Attributes:
        value: The number, its sign left out unless it was written.
        tolerance: How far the true value may lie off, by the digits that were written.
    """

    value: float
    tolerance: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A number or date in a text.

    Attributes:
        text: As it was written.
        start: Where it begins, in letters from 0.
        end: Where it ends.
        readings: The ways to read it; none for dates and times of day.
        is_signed: Whether a minus was written.
        is_percent: Whether per cent was written.
        is_ratio: Whether it is written as so many times, or as a share below one.
        is_rank: Whether it counts places: ``top 5``, ``3rd``, ``the 3 largest``.
        dates: The ways to read it as year, month and day, each 0 if unsaid; none for numbers.
        names_month: Whether the month is a word.
        is_clock: Whether it is a time of day.
    """

    text: str
    start: int
    end: int
    readings: tuple[Reading, ...] = ()
    is_signed: bool = False
    is_percent: bool = False
    is_ratio: bool = False
    is_rank: bool = False
    dates: tuple[tuple[int, int, int], ...] = ()
    names_month: bool = False
    is_clock: bool = False


def mentions_in(prose: str) -> Iterator[Mention]:
    """The numbers and dates of a text, in their order.

    Digits that belong to a word, as in ``Q1`` or ``v2.0``, are part of a name and no numbers.

    Args:
        prose: Text in which what is no prose is left out, place by place.
    """
    for found in _TOKEN.finditer(prose):
        if found["word"]:
            continue
        if found["digits"]:
            if (mention := _number(found, prose)) is not None:
                yield mention
            continue
        yield Mention(
            text=found[0],
            start=found.start(),
            end=found.end(),
            dates=_dates(found),
            names_month=found["named"] is not None,
            is_clock=found["clock"] is not None,
        )


def _dates(found: re.Match[str]) -> tuple[tuple[int, int, int], ...]:
    if found["iso"]:
        year, month, day = found[0][:10].split("-")
        return ((int(year), int(month), int(day)),)
    if found["month_of"]:
        year, month = found[0].split("-")
        return ((int(year), int(month), 0),)
    if found["named"]:
        name = (found["m1"] or found["m2"] or found["m3"]).lower()[:3]
        month_at = [each[:3] for each in _MONTHS].index(name) + 1
        year = found["y1"] or found["y2"] or found["y3"] or "0"
        return ((int(year), month_at, int(found["d1"] or found["d2"] or "0")),)
    if found["slashed"]:
        one, two, last = (int(part) for part in found[0].split(found["slash"]))
        # Either order is somebody's custom.
        return ((last, two, one), (last, one, two))
    return ()


def _number(found: re.Match[str], prose: str) -> Mention | None:
    tail = (found["tail"] or "").strip().lower().rstrip(".")
    end = found.end()
    is_percent = tail.startswith(("%", "per", "pct", "pp"))
    is_times = tail in ("x", "\u00d7", "times", "fold", "-fold")
    is_ordinal = tail in ("st", "nd", "rd", "th")
    scale = _SCALES.get(tail, 1.0)
    if tail and scale == 1.0 and not (is_percent or is_times or is_ordinal):
        if _is_name(found["tail"]):
            return None
        # A unit, as in 5kg: the number alone is looked for, and marked.
        end = found.start("tail")
    before = prose[max(0, found.start() - 24) : found.start()]
    rough = _APPROXIMATE.search(before) is not None
    readings = tuple(_readings(found["digits"], found["exponent"] or "", scale, rough=rough))
    is_counted = scale == 1.0 and found["digits"].isdigit()
    ranked = is_ordinal or bool(_RANKING.search(before)) or bool(_RANKED.match(prose, end))
    return Mention(
        text=prose[found.start() : end],
        start=found.start(),
        end=end,
        readings=readings,
        is_signed=(found["sign"] or "+")[0] != "+",
        is_percent=is_percent,
        is_ratio=is_times or (not is_percent and found["digits"].lstrip("0")[:1] in (".", ",")),
        is_rank=is_counted and ranked,
    )


def _is_name(tail: str) -> bool:
    # "3D" and "2FA" are names; "5GB" and "12kWh" measure something.
    return any(sign.isdigit() for sign in tail) or (tail.isupper() and tail not in _UNITS)


_UNITS = frozenset("KB MB GB TB PB W V A H S C F EUR USD GBP CHF JPY INR CAD AUD MW KW GW".split())


def _readings(digits: str, exponent: str, scale: float, *, rough: bool) -> Iterator[Reading]:
    for whole, fraction in _splits(digits):
        written = f"{whole}.{fraction or '0'}{exponent}"
        unit = scale * 10.0 ** -len(fraction) * float(f"1{exponent}")
        value = float(written) * scale
        if rough and not fraction:
            # "About 1,200" leaves the zeros open.
            unit *= 10.0 ** min(300, len(whole) - len(whole.rstrip("0"))) if value else 1.0
        # A half either way may be rounded up or down; beyond it only the noise of floats counts.
        tolerance = unit * (1.0 if rough else 0.5)
        tolerance = tolerance * (1 + 1e-6) + abs(value) * 1e-12
        # More digits than a float can hold say nothing that rows could bear out.
        if math.isfinite(value + tolerance):
            yield Reading(value=value, tolerance=tolerance)


def _splits(digits: str) -> Iterator[tuple[str, str]]:
    """Whole part and fraction, once for each custom that the separators may follow."""
    signs = [sign for sign in digits if not sign.isdigit()]
    if not signs:
        yield digits, ""
        return
    last = signs[-1]
    whole, _, fraction = digits.rpartition(last)
    plain = "".join(sign for sign in whole if sign.isdigit())
    is_grouped = len(fraction) == 3 and whole.lstrip("0") != "" and len(set(signs)) == 1
    customs = [(plain + fraction, "")] if is_grouped else []
    if last in ".," and signs.count(last) == 1:
        # The likelier one first: "1,234" is a thousand more often than a fraction.
        customs.insert(0 if last == "." else 1, (plain or "0", fraction))
    yield from customs
