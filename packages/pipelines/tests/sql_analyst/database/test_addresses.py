"""Connection strings are read whatever the password holds, and shown without it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError, MissingExtraError
from racto.pipelines.sql_analyst.database import Database, address_of, read_address

_PASSWORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Z"]), min_size=1)


@pytest.mark.parametrize(
    "password", ["p@ss/w", "a:b", "a@b@c", "?x", "#", "p?a=b", "100", "p@h:5432/x", "[::1]", "/"]
)
def test_a_raw_password_is_read_as_it_is(password: str) -> None:
    found = read_address(f"postgresql://user:{password}@localhost:5432/shop?sslmode=disable")
    assert (found.username, found.password) == ("user", password)
    assert (found.host, found.port, found.database) == ("localhost", 5432, "shop")
    assert dict(found.query) == {"sslmode": "disable"}


@given(password=_PASSWORDS)
def test_an_escaped_password_is_read_back(password: str) -> None:
    escaped = quote(password, safe="")
    found = read_address(f"mysql://user:{escaped}@db.example.org:3306/shop")
    assert found.password == password
    assert found.host == "db.example.org"


@given(password=_PASSWORDS.filter(lambda text: "%" not in text))
def test_no_password_is_ever_shown_or_moves_the_host(password: str) -> None:
    found = read_address(f"postgresql://user:{password}@db.example.org:5432/shop")
    assert found.host == "db.example.org"
    assert found.password == password
    assert str(found) == "postgresql://db.example.org:5432/shop"
    if len(password) > 6:
        assert password not in repr(found)
        assert password not in found.identity


def test_sockets_and_sixes_and_files() -> None:
    socket = read_address("postgresql://postgres:@/postgres?host=/run/pg")
    assert (socket.host, socket.database, socket.query["host"]) == (None, "postgres", "/run/pg")
    assert read_address("postgresql://u@[::1]:5433/x").host == "::1"
    assert read_address("sqlite:////tmp/a%20b.db").database == "/tmp/a b.db"
    assert read_address("sqlite://").in_memory
    assert read_address("duckdb:///:memory:").in_memory
    many = read_address("postgresql://h/x?host=a&host=b")
    assert many.query["host"] == ("a", "b")


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", "hunter2@host/db", "sqlite://hunter2", "postgresql://u:hunter2@h:99999/x"],
)
def test_what_cannot_be_read_is_not_quoted(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_address(text)
    assert "hunter2" not in str(caught.value)


def test_identity_tells_users_and_settings_apart() -> None:
    first = read_address("postgresql://ann:x@h/shop")
    assert first.identity == read_address("postgresql://ann:y@h:5432/shop").identity
    assert first.identity != read_address("postgresql://bob:x@h/shop").identity
    assert (
        first.identity != read_address("postgresql://ann:x@h/shop?options=-csearch_path=b").identity
    )


def test_parts_make_an_address() -> None:
    found = address_of("mysql+pymysql", host="h", database="d", username="u", password="p@ss/w")
    assert (found.driver, found.port, found.password) == ("pymysql", 3306, "p@ss/w")
    assert address_of("sqlite", database="x.db").host is None


def test_a_missing_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from racto.pipelines.sql_analyst.database import alchemy

    monkeypatch.setattr(alchemy, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"racto-pipelines\[postgres\]"):
        Database("postgresql://u:p@h/x")
    with pytest.raises(MissingExtraError, match=r"racto-pipelines\[mysql\]"):
        Database("mysql+aiomysql://u:p@h/x")
    with pytest.raises(MissingExtraError, match=r"racto-pipelines\[duckdb\]"):
        Database("duckdb:///x.db")


def test_a_dialect_nobody_has_installed_is_a_missing_extra() -> None:
    with pytest.raises(MissingExtraError, match="snowflake"), Database("snowflake://u:p@h/x") as db:
        db.query("SELECT 1")


def test_what_is_no_database_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is no database"):
        Database(42)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "kind", "advice"),
    [
        ("mssql://u:hunter2@h/x", MissingExtraError, 'pip install "pyodbc"'),
        ("snowflake://u:hunter2@h/x", MissingExtraError, 'pip install "snowflake-sqlalchemy"'),
        ("postgrse://u:hunter2@h/x", ConfigurationError, "check the spelling"),
    ],
)
def test_what_to_install_can_be_installed(address: str, kind: type[Exception], advice: str) -> None:
    with pytest.raises(kind, match=advice) as raised, Database(address) as database:
        database.describe()
    assert "hunter2" not in str(raised.value)
