"""The caller's own fields, which have the last word."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def with_extra(
    fields: Mapping[str, Any], extra: Mapping[str, Any], *, nested: Collection[str] = ()
) -> dict[str, Any]:
    """The fields of a request under ``extra``, so that a caller can mend what racto gets wrong.

    Tools of the provider's own stand beside the registry's; all else replaces what was there.

    Args:
        fields: What racto sends.
        extra: What the caller sends.
        nested: Names of objects whose fields are replaced one by one.
    """
    own = dict(extra)
    for name in nested:
        if isinstance(own.get(name), Mapping):
            own[name] = {**fields.get(name, {}), **own[name]}
    if isinstance(own.get("tools"), (list, tuple)):
        own["tools"] = [*fields.get("tools", ()), *own["tools"]]
    return {**fields, **own}
