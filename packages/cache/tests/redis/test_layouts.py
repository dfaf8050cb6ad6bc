"""TLS, users and rules, a cluster, and a primary that sentinels watch: each a real one."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from racto.cache.redis import RedisExactCache, RedisLink, RedisOptions
from racto.core.errors import APIConnectionError, ConfigurationError, RactoGatewayAuthError
from racto.core.testing import Voice
from racto.core.testing.contracts.requests import reply_of, request_of

from .redis_groups import running_cluster, until, watched_primary
from .redis_server import LOCAL, RedisServer, find_redis_server, free_port

OPTIONS = RedisOptions(timeout=5.0, connect_timeout=5.0, cool_down=0.05, max_connections=4)


@pytest.fixture(params=["sync", "async"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    """Both ways of calling."""
    made = Voice(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for 127.0.0.1, its key, and another's certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    for name in ("right", "other"):
        command = [openssl, "req", "-x509", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
        command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        command += ["-addext", f"subjectAltName=IP:{LOCAL}"]
        command += ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
        subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(certificate: Path, make_redis: Callable[..., RedisServer]) -> int:
    """Port of a Redis that speaks TLS."""
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-auth-clients", "no"]
    for option, name in (("cert", "right.pem"), ("key", "right.key"), ("ca-cert", "right.pem")):
        tls += [f"--tls-{option}-file", str(certificate / name)]
    probe = subprocess.run(
        [find_redis_server(), "--port", "0", *tls, "--tls-port", "nonsense"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    if "Bad directive" in probe.stdout + probe.stderr:
        pytest.skip("this redis-server was built without TLS")
    make_redis(*tls)
    return port


def test_tls(secure: int, certificate: Path, voice: Voice) -> None:
    url = f"rediss://{LOCAL}:{secure}/0?ssl_ca_certs={certificate / 'right.pem'}"
    with RedisExactCache(url=url, options=OPTIONS) as cache:
        voice(cache, "remember", request_of(), reply_of())
        assert voice(cache, "lookup", request_of()).content == "Paris."
        voice(cache, "close")


def test_a_certificate_that_is_not_trusted(secure: int, certificate: Path, voice: Voice) -> None:
    for query in ("", f"?ssl_ca_certs={certificate / 'other.pem'}"):
        with RedisExactCache(url=f"rediss://{LOCAL}:{secure}/0{query}", options=OPTIONS) as cache:
            # No failure to live with: somebody may be listening in.
            with pytest.raises(ConfigurationError, match="ssl_ca_certs"):
                voice(cache, "lookup", request_of())
            voice(cache, "close")


def test_a_user_with_rules(redis_server: RedisServer, voice: Voice) -> None:
    rules = [
        "on",
        ">b0b:s/w@rd",
        "~mine:*",
        "+@read",
        "+@write",
        "+scan",
        "+@scripting",
        "-@dangerous",
    ]
    redis_server.tell("ACL", "SETUSER", "bob", *rules)
    url = redis_server.url.replace("//", "//bob:b0b%3As%2Fw%40rd@")
    with RedisExactCache(url=url, key_prefix="mine", options=OPTIONS) as cache:
        voice(cache, "remember", request_of(), reply_of())
        assert voice(cache, "lookup", request_of()).content == "Paris."
        assert voice.property(cache, "stats").size == 1
        lead = voice(cache, "join", request_of(seed=1))
        voice(lead, "finish", reply_of("led"))
        voice(cache, "clear")
        assert cache.errors == 0
        voice(cache, "close")
    # Another's keys are out of the user's reach.
    with RedisExactCache(url=url, key_prefix="yours", options=OPTIONS) as cache:
        with pytest.raises(RactoGatewayAuthError, match="ACL GETUSER"):
            voice(cache, "lookup", request_of())
        voice(cache, "close")


def test_a_cluster() -> None:
    with running_cluster() as nodes:
        url = f"redis+cluster://{LOCAL}:{nodes[0].port},{LOCAL}:{nodes[1].port}"
        for name in ("sync", "async"):
            voice = Voice(name)
            with RedisExactCache(url=url, options=OPTIONS, key_prefix=name) as cache:
                calls = [(request_of(seed=n), reply_of(str(n))) for n in range(60)]
                voice.together(cache, "remember", calls)
                found = voice.together(cache, "lookup", [call[:1] for call in calls])
                assert [each and each.content for each in found] == [str(n) for n in range(60)]
                assert cache.errors == 0
                # On every node, found and cleared on every node.
                for node in nodes:
                    assert node.tell("DBSIZE") > 5
                assert voice.property(cache, "stats").size == 60
                # The lead's key and the reply's lie in one slot, or this would raise CROSSSLOT.
                lead = voice(cache, "join", request_of(seed=99))
                other = voice(cache, "join", request_of(seed=98), timeout=0.05)
                voice(lead, "finish", reply_of("led"))
                voice(other, "finish", reply_of("other"))
                assert voice(cache, "join", request_of(seed=99)).content == "led"
                voice(cache, "clear")
                assert [node.tell("DBSIZE") for node in nodes] == [0, 0, 0]
                assert cache.errors == 0
                voice(cache, "close")
            voice.close()
        nodes[0].kill()
        nodes[1].kill()
        with RedisExactCache(url=url, options=OPTIONS) as cache:
            assert cache.lookup(request_of()) is None
            assert cache.errors == 1
        assert not asyncio.run(_asked(url))


async def _asked(url: str) -> bool:
    async with RedisExactCache(url=url, options=OPTIONS) as cache:
        assert await cache.alookup(request_of()) is None
        return cache.errors == 0


def test_a_cluster_that_is_none(redis_url: str, voice: Voice) -> None:
    link = RedisLink(redis_url.replace("redis:", "redis+cluster:").removesuffix("/0"))
    with pytest.raises((APIConnectionError, ConfigurationError), match=r"[Cc]luster"):
        voice(link, "call", lambda client: client.ping())
    voice(link, "close")


def test_a_primary_that_fails_over(tmp_path: Path) -> None:
    with watched_primary(tmp_path) as (port, primary, replica):
        url = f"redis+sentinel://{LOCAL}:1,{LOCAL}:{port}/main/0"
        voices = [Voice("sync"), Voice("async")]
        caches = [RedisExactCache(url=url, options=OPTIONS, key_prefix=v.name) for v in voices]
        for voice, cache in zip(voices, caches, strict=True):
            calls = [(request_of(seed=n), reply_of(str(n))) for n in range(40)]
            voice.together(cache, "remember", calls)
            assert voice(cache, "lookup", request_of(seed=7)).content == "7"
            assert cache.errors == 0
        until(lambda: replica.tell("DBSIZE") == 80)
        primary.kill()
        for voice, cache in zip(voices, caches, strict=True):
            # A miss for some seconds, then the replica, which is the primary now.
            until(partial(voice, cache, "lookup", request_of(seed=7)))
            voice(cache, "remember", request_of(), reply_of("after"))
            assert voice(cache, "lookup", request_of()).content == "after"
            voice(cache, "close")
            cache.close()
            voice.close()


def test_a_service_that_no_sentinel_knows(tmp_path: Path, voice: Voice) -> None:
    with watched_primary(tmp_path) as (port, _, _):
        link = RedisLink(f"redis+sentinel://{LOCAL}:{port}/nobody")
        with pytest.raises(APIConnectionError, match="nobody"):
            voice(link, "call", lambda client: client.ping())
        voice(link, "close")
