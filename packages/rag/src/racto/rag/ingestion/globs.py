"""Glob patterns over relative paths, with ``**`` for any number of folders."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from racto.core.errors import ConfigurationError


def path_matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test of whether a relative path, with ``/`` between its parts, matches any pattern.

    Args:
        patterns: As :meth:`pathlib.Path.glob` reads them: ``*.md`` means this folder only,
            ``**/*.md`` all folders.
    """
    return _any_of([_regex(pattern) for pattern in patterns])


def exclusion(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test of whether a file or folder is to be left out.

    Args:
        patterns: With a ``/`` inside they are read from the top; without one they match any
            single name, as in ``.gitignore``: ``*.log``, ``drafts``, ``docs/old/**``.
    """
    regexes = []
    for pattern in patterns:
        # People write folders as ``build/``; the slash says nothing that the walk needs.
        trimmed = pattern.strip("/")
        regexes.append(_regex(trimmed if "/" in trimmed else f"**/{trimmed}"))
        if trimmed.endswith("/**"):
            regexes.append(_regex(trimmed.removesuffix("/**")))
    return _any_of(regexes)


def _any_of(regexes: list[re.Pattern[str]]) -> Callable[[str], bool]:
    return lambda path: any(regex.fullmatch(path) for regex in regexes)


# pathlib reads such patterns only against the file system before Python 3.13.
_TOKENS = re.compile(
    r"(?P<folders>\*\*/)|(?P<rest>\*\*)|(?P<some>\*)|(?P<one>\?)|\[[^]/]+\]|.", re.S
)


def _regex(pattern: str) -> re.Pattern[str]:
    pieces: list[str] = []
    for found in _TOKENS.finditer(pattern):
        token = found.group()
        if found.group("folders"):
            pieces.append("(?:.*/)?")
        elif found.group("rest"):
            pieces.append(".*")
        elif found.group("some"):
            pieces.append("[^/]*")
        elif found.group("one"):
            pieces.append("[^/]")
        elif token.startswith("[") and len(token) > 1:
            inside = re.sub(r"([\\\[&~|])", r"\\\1", token[1:-1])
            pieces.append(f"[{'^' + inside[1:] if inside.startswith('!') else inside}]")
        else:
            pieces.append(re.escape(token))
    try:
        return re.compile("".join(pieces), re.S)
    except re.error as error:
        raise ConfigurationError(f"{pattern!r} is no pattern of file names: {error.msg}") from error
