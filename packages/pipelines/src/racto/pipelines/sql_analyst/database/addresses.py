"""Connection strings: read whatever the password holds, and shown without it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

from racto.core.errors import ConfigurationError

from .dialects import DialectFamily, family_of

_SCHEME = re.compile(r"(?P<backend>[A-Za-z0-9_]+)(?:\+(?P<driver>[A-Za-z0-9_]+))?://")
_SITE = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<host>[^/:?#@\[\]\s]*))"
    r"(?::(?P<port>\d*))?(?:/(?P<database>[^?]*))?"
)
_QUERY = re.compile(r"\?(?=[A-Za-z_][\w.-]*=)[^?]*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseAddress:
    """Where a database is, as parts; its ``repr`` and ``str`` show no password.

    Args:
        backend: SQLAlchemy's name of the database, such as ``postgresql``.
        driver: SQLAlchemy's name of the driver; "" for the usual one.
        username: Who connects.
        password: As it is, with no escapes.
        host: The server.
        port: Its port; None for the usual one.
        database: Name of the database, or the file of an embedded one.
        query: Further settings of the driver.
    """

    backend: str
    driver: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str | None = None
    port: int | None = None
    database: str | None = None
    # The query may carry a password too (``?password=...``), and is not shown.
    query: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def family(self) -> DialectFamily:
        """The kind of database."""
        return family_of(self.backend)

    @property
    def in_memory(self) -> bool:
        """Whether an embedded database has no file."""
        return self.family.embedded and self.database in (None, "", ":memory:")

    def __str__(self) -> str:
        """Host, port and database, as errors name them; user and password are left out."""
        if self.family.embedded:
            return f"{self.backend}:///{self.database or ':memory:'}"
        host = f"[{self.host}]" if ":" in (self.host or "") else self.host or ""
        port = self.port or self.family.port
        where = f"{host}:{port}" if port else host
        return f"{self.backend}://{where}/{self.database or ''}"

    @property
    def identity(self) -> str:
        """Equal for the same user of the same database; holds no password.

        The user is part of it, because the server shows different tables to different users.
        """
        # Settings such as a search path or a socket change what is seen; they are told hashed.
        settings = hashlib.sha256(repr(sorted(self.query.items())).encode()).hexdigest()[:16]
        return f"{self.username or ''}@{self}#{settings}"


def read_address(text: str) -> DatabaseAddress:
    """Read a connection string, whose password may hold any character, escaped or not.

    The password ends at the last ``@`` after which a host can stand; ``%40`` and its like are
    read as the characters that they stand for.

    Args:
        text: As SQLAlchemy writes them: ``postgresql://user:p@ss/w@host:5432/shop``.

    Raises:
        ConfigurationError: If it is no connection string; the message holds none of it.
    """
    found = _SCHEME.match(text.strip())
    if found is None:
        raise ConfigurationError(
            "The connection string does not start with a database and ://, such as "
            "postgresql://user:password@host:5432/database or sqlite:///file.db"
        )
    rest = text.strip()[found.end() :]
    address = DatabaseAddress(
        backend=found["backend"].lower(), driver=(found["driver"] or "").lower()
    )
    if address.family.embedded:
        return _embedded(address, rest)
    return _served(address, rest)


def address_of(
    driver: str,
    *,
    host: str = "localhost",
    port: int | None = None,
    database: str | None = None,
    username: str | None = None,
    password: str | None = None,
) -> DatabaseAddress:
    """Put an address together from its parts, as ``SQLAnalystPipeline.run`` takes them.

    Args:
        driver: SQLAlchemy's name, with or without a driver: ``postgresql``, ``mysql+pymysql``.
        host: The server.
        port: Its port; None for the usual one.
        database: Name of the database, or the file of an embedded one.
        username: Who connects.
        password: As it is, with no escapes.
    """
    backend, _, chosen = driver.lower().partition("+")
    address = DatabaseAddress(backend=backend, driver=chosen, database=database)
    if address.family.embedded:
        return address
    return replace(
        address, host=host, port=port or address.family.port or None,
        username=username, password=password,
    )  # fmt: skip


def _embedded(address: DatabaseAddress, rest: str) -> DatabaseAddress:
    path, _, query = rest.partition("?")
    if path and not path.startswith("/"):
        raise ConfigurationError(
            f"{address.backend}:// is followed by a host; a file is written with three slashes "
            f"({address.backend}:///file.db), or four for one from the root of the disk"
        )
    return replace(address, database=unquote(path[1:]) or None, query=_settings(query))


def _served(address: DatabaseAddress, rest: str) -> DatabaseAddress:
    query = _QUERY.search(rest)
    # A password may look like a query, but then what stands before it has no host.
    for cut in (query.start() if query else len(rest), len(rest)):
        site = _split_site(rest[:cut])
        if site is not None:
            user, place = site
            return _joined(address, user, place, rest[cut + 1 :])
    raise ConfigurationError(
        f"The {address.backend} connection string has no host that can be read after its "
        "credentials. Write @ / : ? # in the password as %40 %2F %3A %3F %23, or hand over "
        "sqlalchemy.URL.create(...), or the parts one by one"
    )


def _split_site(text: str) -> tuple[str, re.Match[str]] | None:
    """The credentials and the place, cut at the last @ that a host may follow."""
    cut = len(text)
    while (cut := text.rfind("@", 0, cut)) >= 0:
        place = _SITE.fullmatch(text, cut + 1)
        # A host must stand there when the database's name holds the @ that was found.
        if place is not None and "@" not in (place["database"] or ""):
            return text[:cut], place
    place = _SITE.fullmatch(text)
    return None if place is None else ("", place)


def _joined(
    address: DatabaseAddress, user: str, place: re.Match[str], query: str
) -> DatabaseAddress:
    name, colon, password = user.partition(":")
    port = int(place["port"]) if place["port"] else None
    if port is not None and port > 65535:
        raise ConfigurationError(f"The {address.backend} connection string names no valid port")
    database = place["database"]
    return replace(
        address,
        username=unquote(name) or None,
        password=unquote(password) if colon else None,
        host=place["six"] or place["host"] or None,
        port=port,
        database=unquote(database) if database else None,
        query=_settings(query),
    )


def _settings(query: str) -> dict[str, str | tuple[str, ...]]:
    found: dict[str, str | tuple[str, ...]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        before = found.get(name)
        if before is None:
            found[name] = value
        else:
            found[name] = (*((before,) if isinstance(before, str) else before), value)
    return found
