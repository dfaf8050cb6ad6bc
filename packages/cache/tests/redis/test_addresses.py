"""URLs are read in every form, shown without secrets, and refused with a message that leaks none."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given, strategies as st

from racto.cache.redis.addresses import parse_address
from racto.core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://localhost", "redis://localhost:6379"),
        ("redis://", "redis://localhost:6379"),
        ("REDIS://h/2", "redis://h:6379/2"),
        ("rediss://u:p@h:7000/3?socket_timeout=1", "rediss://h:7000/3"),
        ("redis://[::1]:7000", "redis://[::1]:7000"),
        ("unix:///run/redis.sock?db=1&password=p", "unix:///run/redis.sock"),
        ("unix://u:p@/run/redis.sock", "unix:///run/redis.sock"),
        ("redis+sentinel://:p@a,b:27000/main/2", "redis+sentinel://a:26379,b:27000/main/2"),
        ("rediss+cluster://a:7001,b:7002", "rediss+cluster://a:7001,b:7002"),
    ],
)
def test_every_form_is_read_and_shown_without_secrets(url: str, shown: str) -> None:
    assert str(parse_address(url)) == shown


def test_a_service_of_sentinels_is_found() -> None:
    address = parse_address("redis+sentinel://u:p@a:1,b/main/2?socket_timeout=0.5")
    assert (address.layout, address.service) == ("sentinel", "main")
    assert address.hosts == (("a", 1), ("b", 26379))
    assert address.plain_url == "redis://u:p@a:1/2?socket_timeout=0.5"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://:s3cret@h", "begins with one of redis://"),
        ("s3cret", "begins with one of redis://"),
        ("redis://:s3cret@h:99999", "no valid host and port"),
        ("redis://:s3c/ret@h:1", "no valid host and port"),
        ("redis://:s3cret@h/x", "is a number"),
        ("redis://:s3cret@h1,h2", "several hosts"),
        ("redis+sentinel://:s3cret@h", "lacks the service"),
        ("redis+cluster://:s3cret@h/1", "no database but 0"),
        ("unix://:s3cret@", "lacks its path"),
    ],
)
def test_a_wrong_url_is_refused_without_its_password(url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        parse_address(url)
    assert "s3c" not in str(caught.value)


@given(st.text(min_size=1))
def test_no_password_shows(password: str) -> None:
    # Long and odd enough to be told from the rest of the text.
    secret = quote(f"<{password}>", safe="")
    address = parse_address(f"redis://user:{secret}@host/0")
    assert secret not in f"{address} {address!r}"
    assert f":{secret}@" in address.plain_url


@given(st.text())
def test_any_text_is_an_address_or_a_clear_error(text: str) -> None:
    for url in (text, f"redis://{text}", f"redis+sentinel://{text}", f"unix://{text}"):
        try:
            parse_address(url)
        except ConfigurationError:
            continue
