"""Languages: what they are called in English, and their ISO 639 codes."""

from __future__ import annotations

import re

from racto.core.errors import ConfigurationError

_TABLE = """
    af afrikaans    sq albanian     am amharic      ar arabic       hy armenian     as assamese
    ast asturian    az azerbaijani  eu basque       be belarusian   bn bengali      bs bosnian
    bg bulgarian    my burmese      ca catalan      zh chinese      hr croatian     cs czech
    da danish       nl dutch        en english      eo esperanto    et estonian     fi finnish
    fr french       gl galician     ka georgian     de german       el greek        gu gujarati
    he hebrew       hi hindi        hu hungarian    is icelandic    id indonesian   ga irish
    it italian      ja japanese     kn kannada      kk kazakh       km khmer        ko korean
    ky kyrgyz       lo lao          la latin        lv latvian      lt lithuanian   lb luxembourgish
    mk macedonian   ms malay        ml malayalam    gv manx         mr marathi      mn mongolian
    ne nepali       se sami         no norwegian    nb bokmal       nn nynorsk      or odia
    ps pashto       fa persian      pl polish       pt portuguese   pa punjabi      ro romanian
    ru russian      gd gaelic       sa sanskrit     sr serbian      sd sindhi       si sinhala
    sk slovak       sl slovene      so somali       es spanish      sw swahili      sv swedish
    tl tagalog      tg tajik        ta tamil        tt tatar        te telugu       th thai
    bo tibetan      ti tigrinya     tr turkish      tk turkmen      uk ukrainian    ur urdu
    uz uzbek        vi vietnamese   cy welsh        yi yiddish
"""
_WORDS = _TABLE.split()
NAMES = dict(zip(_WORDS[1::2], _WORDS[::2], strict=True))
"""ISO 639 codes by the languages' English names in small letters."""

_CODES = frozenset(NAMES.values())
_REGION = re.compile(r"[-_]")


def language_code(language: str) -> str:
    """The ISO 639 code of a language, ``en`` for example.

    Args:
        language: Its English name, its code, or its code with a region such as ``en-GB``; capitals
            make no difference.

    Raises:
        ConfigurationError: If no such language is known; the message lists those that are.
    """
    wanted = language.strip().casefold()
    code = NAMES.get(wanted) or _REGION.split(wanted, maxsplit=1)[0]
    if code in _CODES:
        return code
    known = ", ".join(f"{name} ({short})" for name, short in sorted(NAMES.items()))
    raise ConfigurationError(f"there is no language {language!r} here; known are {known}")
