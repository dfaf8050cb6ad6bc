"""Slips of the pen in a reply, and which option was meant; never one that says the opposite.

A wrong correction is worse than a retry, so only slips are mended that cannot change a meaning:
marks around the words, hyphens for blanks, words such as "the option", one letter inside a long
word, and a word cut short beside another that is whole. What stands at the two ends of a word
stays, since negations are made there ("un-", "dis-", "il-", "-less"), and no word may come or go
("not", "no", "nicht"). The reference compares whole texts by their letters in common, which turns
"not urgent" into "urgent".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

# Around a label these mean nothing; signs as in "!spam", "-1" or "<50" do and stay.
_FRAME = " \t\r\n\"'`*.,:;()[]{}“”‘’«»„"
_JOINTS = re.compile(r"(?<=\w)[\s_\-‐-―]+(?=\w)")

# Words of the question that models repeat beside the label.
_FILLERS = frozenset(
    [
        "the",
        "a",
        "an",
        "option",
        "options",
        "label",
        "category",
        "class",
        "classification",
        "answer",
        "is",
        "selected",
        "choice",
    ]
)
# "No answer" is not the answer "No".
_DENIALS = frozenset(
    ["no", "not", "non", "none", "never", "neither", "without", "kein", "keine", "nicht", "ohne"]
)
# With a hyphen behind it this is no article: "a-typical".
_GLUED = re.compile(r"\ban?[_\-‐-―]\w", re.IGNORECASE)
_LEAST_LETTERS = 5
_STEM_LETTERS = 3
_LEAST_ABBREVIATION = 4
_PLURALS = frozenset(("s", "es", "n", "en"))

# "-less" in the languages that glue it on: "harm" must not become "harmless".
_PRIVATIVE = (
    *("less", "free", "proof", "phob", "los", "frei"),
    *("siz", "sız", "suz", "süz", "loos", "vrij", "lös", "telen", "talan", "widrig"),
)


def corrected(reply: str, options: Iterable[str], *, case_sensitive: bool = False) -> str | None:
    """The one option that a reply means; None when none or several could be meant.

    Args:
        reply: What the model wrote for an option.
        options: The options.
        case_sensitive: Whether upper and lower case make a difference.
    """
    wanted = spelling(reply, case_sensitive=case_sensitive)
    near: list[str] = []
    is_glued = _GLUED.search(reply) is not None
    for option in options:
        given = spelling(option, case_sensitive=case_sensitive)
        if given == wanted or (not is_glued and _is_slip(wanted.split(" "), given.split(" "))):
            near.append(option)
    # Of two that are equally near nobody knows which was meant.
    return near[0] if len(near) == 1 else None


def spelling(text: str, *, case_sensitive: bool = False) -> str:
    """A text without what a model may add to a label: marks around it, and hyphens for blanks.

    Args:
        text: An option, or what a model wrote for one.
        case_sensitive: Keep upper and lower case apart.
    """
    plain = unicodedata.normalize("NFKC", text)
    if not case_sensitive:
        plain = plain.casefold()
    bare = plain.strip(_FRAME)
    return _JOINTS.sub(" ", bare) if bare else plain.strip()


def _is_slip(wrote: list[str], option: list[str]) -> bool:
    """Whether the words differ only by fillers, or by slips within long words."""
    if len(wrote) > len(option):
        meant = [word.strip(_FRAME) for word in wrote]
        spare = [word for word in option if word in _FILLERS]
        lost = _FILLERS.difference(spare)
        if any(one in _DENIALS and other in lost for one, other in pairwise(meant)):
            return False
        # An option that holds a filler itself must keep it.
        wrote = [word for word in meant if word not in _FILLERS or word in spare]
    if len(wrote) != len(option):
        return False
    changed = [pair for pair in zip(wrote, option, strict=True) if pair[0] != pair[1]]
    # A word alone and its beginning may be two labels: "Payment" and "PaymentFailed".
    is_vouched = len(changed) < len(option)
    return len(changed) <= 2 and all(
        _is_same_word(*pair) or (is_vouched and _is_cut_short(*pair)) for pair in changed
    )


def _is_same_word(one: str, other: str) -> bool:
    if not _has_case(one + other):
        return False
    short, long = sorted((one, other), key=len)
    if long.startswith(short) and len(short) >= _LEAST_ABBREVIATION:
        rest = long[len(short) :]
        # One letter lost or doubled at the end is no ending that denies.
        is_slip = len(rest) == 1 and len(short) >= _LEAST_LETTERS
        return is_slip or rest in _PLURALS
    if len(short) < _LEAST_LETTERS or one[0] != other[0] or one[-1] != other[-1]:
        return False
    return _is_one_slip(short, long)


def _is_cut_short(wrote: str, meant: str) -> bool:
    """Whether a word was abbreviated, as "Tech" for "Technical"; never the other way round."""
    if not _has_case(wrote + meant) or len(wrote) < _LEAST_ABBREVIATION:
        return False
    rest = meant.removeprefix(wrote)
    # Long rests only: "employ" and "employer" are two words.
    is_long = rest != meant and len(rest) > _STEM_LETTERS
    return is_long and not any(ending in rest for ending in _PRIVATIVE)


def _has_case(word: str) -> bool:
    # Scripts without case write negations as one sign in the middle of a word.
    return word.isalpha() and all(sign.lower() != sign.upper() for sign in word)


def _is_one_slip(short: str, long: str) -> bool:
    """Whether one letter is missing, wrong, or has changed places with its neighbour."""
    place = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), None)
    if place is None:
        return False
    if len(short) == len(long):
        swapped = short[place + 1 : place + 2] + short[place]
        if swapped == long[place : place + 2] and short[place + 2 :] == long[place + 2 :]:
            return True
        # "prescribe" and "proscribe": prefixes are not for guessing.
        return place >= _STEM_LETTERS and short[place + 1 :] == long[place + 1 :]
    if len(long) - len(short) != 1 or short[place:] != long[place + 1 :]:
        return False
    return place >= _STEM_LETTERS or long[place] in (long[place - 1], long[place + 1])
