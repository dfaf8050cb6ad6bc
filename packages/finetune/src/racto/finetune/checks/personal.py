"""Personal data and keys in texts, by their shapes and check digits; a hint, never a proof."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from racto.core.secrets import redact


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """A place in a text that looks like personal data.

    Attributes:
        kind: ``email``, ``phone``, ``card``, ``iban``, ``ip`` or ``key``.
        start: Where it begins, in characters.
        end: Where it ends.
    """

    kind: str
    start: int
    end: int


# Every repetition is bounded, so that no text can make the search backtrack.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}(?![\w-])")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\d{1,3}[ .-]?|\(\d{2,5}\)[ .-]?|0\d{1,4}[ /-])\d{2,5}(?:[ .-]?\d{2,5}){1,4}(?!\w)"
)
_IP = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")


def find_personal_data(text: str) -> list[PersonalData]:
    """The places in a text that look like personal data, in their order, without overlaps.

    Card numbers must pass Luhn's check, IBANs the one of ISO 13616, and addresses of private
    networks do not count.

    Args:
        text: Any text.
    """
    found: list[PersonalData] = []
    taken = bytearray(len(text))
    for kind, pattern, is_one in _KINDS:
        for match in pattern.finditer(text) if _may_hold(kind, text) else ():
            start, end = match.span()
            if not any(taken[start:end]) and is_one(match.group()):
                found.append(PersonalData(kind=kind, start=start, end=end))
                taken[start:end] = b"\1" * (end - start)
    # The shapes of keys are those that racto's own errors mask.
    if redact(text) != text and not found:
        found.append(PersonalData(kind="key", start=0, end=len(text)))
    return sorted(found, key=lambda each: each.start)


def redact_personal_data(text: str) -> str:
    """The text with every such place replaced by its kind, such as ``[email]``.

    Args:
        text: Any text.
    """
    return redact("".join(_masked(text)))


def _masked(text: str) -> Iterator[str]:
    end = 0
    for each in find_personal_data(text):
        if each.kind == "key":
            continue
        yield text[end : each.start]
        yield f"[{each.kind}]"
        end = each.end
    yield text[end:]


def _may_hold(kind: str, text: str) -> bool:
    """A look that costs nothing, for most texts hold none of it."""
    return "@" in text if kind == "email" else any(map(text.__contains__, "0123456789"))


def _is_card(text: str) -> bool:
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    code = text.replace(" ", "")
    if not 15 <= len(code) <= 34:
        return False
    return int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1


def _is_phone(text: str) -> bool:
    return 8 <= sum(map(str.isdigit, text)) <= 15


def _is_public(text: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def _always(_text: str) -> bool:
    return True


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _EMAIL, _always),
    ("iban", _IBAN, _is_iban),
    ("card", _CARD, _is_card),
    ("ip", _IP, _is_public),
    ("phone", _PHONE, _is_phone),
)
