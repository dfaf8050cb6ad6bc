"""Refuses options that librdkafka does not know, and hides those that are secrets."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SecretStr

from .option_names import BOTH, CALLBACKS, CONSUMER, PRODUCER

# Parts of names whose values are secrets: passwords, keys and the like.
_SECRET = ("password", "secret", "passphrase", "key.pem", "oauthbearer.config")
# The producer learns from the reports of success that a record has arrived.
_REFUSED = {"delivery.report.only.error": "racto needs the reports of success too"}
# Libraries that librdkafka loads, and a command line that it gives to a shell.
_CODE = ("plugin.", "ssl.engine.", "sasl.kerberos.kinit.cmd")
# What OpenSSL brings itself; any other name is a library, to be looked for and loaded.
_PROVIDERS = frozenset(("base", "default", "fips", "legacy", "null"))


def checked_extra(
    extra: Mapping[str, Any], *, role: Literal["producer", "consumer"], owned: Mapping[str, str]
) -> dict[str, Any]:
    """Check options by name, and wrap the secret ones so that they do not print.

    Args:
        extra: Options under librdkafka's names.
        role: The client that takes them.
        owned: Options that a field sets, each with the field's name.

    Raises:
        ValueError: If a name is unknown, belongs to a field, or runs code.
    """
    known = BOTH | CALLBACKS | (PRODUCER if role == "producer" else CONSUMER)
    checked: dict[str, Any] = {}
    for name, value in extra.items():
        if name in owned:
            raise ValueError(f"{name!r} is set by {owned[name]}; give it there")
        if name in _REFUSED:
            raise ValueError(f"{name!r} cannot be changed: {_REFUSED[name]}")
        # Whoever may write a setting must not be able to run code by it.
        if name.startswith(_CODE):
            raise ValueError(f"{name!r} is refused: it runs code that a setting names")
        if name == "ssl.providers" and not _PROVIDERS.issuperset(str(value).split(",")):
            raise ValueError(f"{name!r} may hold {', '.join(sorted(_PROVIDERS))} and nothing else")
        if name not in known:
            raise ValueError(_unknown(name, role, known, owned))
        is_secret = isinstance(value, str) and any(part in name for part in _SECRET)
        checked[name] = SecretStr(value) if is_secret else value
    return checked


def _unknown(name: str, role: str, known: frozenset[str], owned: Mapping[str, str]) -> str:
    # Other clients write `max_request_size` where librdkafka writes dots.
    dotted = name.replace("_", ".")
    if dotted in owned or name in owned.values():
        return f"{name!r} is set by {owned.get(dotted, name)}; give it there"
    near = difflib.get_close_matches(dotted, known, n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    other = CONSUMER if role == "producer" else PRODUCER
    if name in other:
        meant = f"; it is an option of {'consumers' if role == 'producer' else 'producers'}"
    return f"{name!r:.100} is no option of a {role} in librdkafka{meant}"
