"""Files of configuration: three formats, the environment, and mistakes with their places."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.retrieval.server.config import read_config

ROUTIR = """{
  "services": [{
    "name": "s", "engine": "E", "config": {"index_path": "/i"}, "processor": "BatchQueryProcessor",
    "cache": 1024, "cache_ttl": 600, "batch_size": 16, "max_wait_time": 0.05,
    "cache_key_fields": ["query", "limit", "subset"], "cache_redis_url": "redis://localhost:6379",
    "cache_redis_kwargs": {"db": 1}, "scoring_disabled": true
  }],
  "collections": [{"name": "c", "doc_path": "/d.jsonl", "content_field": ["title", "text"]}],
  "server_imports": ["http://other:5000", {"endpoint": "http://third:5000", "api_key": "k"}],
  "file_imports": ["./e.py"], "dynamic_pipeline": false, "pipeline_aliases": {"best": "s%5"},
  "pipeline_cache": 8, "pipeline_cache_ttl": 60, "relay_content_cache": 16
}"""


def test_routirs_schema_is_read_as_it_is() -> None:
    config = read_config(ROUTIR)
    service = config.services[0]
    assert (service.batch_size, service.cache, service.scoring_disabled) == (16, 1024, True)
    assert service.cache_redis_kwargs == {"db": 1}
    assert config.collections[0].model_extra == {
        "doc_path": "/d.jsonl",
        "content_field": ["title", "text"],
    }
    assert config.server_imports[1] == {"endpoint": "http://third:5000", "api_key": "k"}
    assert config.dynamic_pipeline is False
    plain = read_config('{"services": [{"name": "s", "engine": "E", "config": {}}]}').services[0]
    assert (plain.cache, plain.cache_ttl, plain.batch_size, plain.max_wait_time) == (
        -1, 600, 32, 0.05
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"pipeline_aliases": {"a": "b"}, "http": {"port": 81}}'),
        ("c.yaml", "pipeline_aliases:\n  a: b\nhttp:\n  port: 81\n"),
        ("c.toml", '[pipeline_aliases]\na = "b"\n[http]\nport = 81\n'),
    ],
)
def test_three_formats_mean_the_same(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    config = read_config(tmp_path / name)
    assert (config.pipeline_aliases, config.http.port) == ({"a": "b"}, 81)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"servces": []}', "servces: there is no such setting; did you mean 'services'?"),
        (
            '{"services": [{"name": "s", "engine": "E", "config": {}, "batchsize": 4}]}',
            "services[0].batchsize: there is no such setting; did you mean 'batch_size'?",
        ),
        (
            '{"services": [{"name": "a", "engine": "E", "config": {}}, {"name": "b"}]}',
            "services[1].engine: Field required\nservices[1].config: Field required",
        ),
        (
            '{"services": [{"name": "s", "engine": "E", "config": {}, "batch_size": 0}]}',
            "services[0].batch_size: Input should be greater than or equal to 1",
        ),
        ('{"http": {"api_keys": "hidden-key-value"}}', "http.api_keys: Input should be"),
        ('{"services": [}', "line 1, column 15"),
        ('{"file_imports": [], "file_imports": []}', "twice in one object: file_imports"),
        ('{"http": {"host": "${NO_SUCH_NAME}"}}', "http.host: the environment has no NO_SUCH_NAME"),
        ('{"file_imports": ["${}"]}', "file_imports[0]: ${...} must hold the name"),
    ],
)
def test_mistakes_have_their_places(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_config(text, environment={})
    assert said in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_secrets_come_from_the_environment() -> None:
    text = '{"http": {"api_keys": ["${KEY}"], "port": "${PORT:-81}", "host": "$${x}"}}'
    config = read_config(text, environment={"KEY": "from-outside"}).http
    assert (config.api_keys, config.port, config.host) == (("from-outside",), 81, "${x}")


@pytest.mark.parametrize(
    ("name", "text"), [("c.json", "[1]"), ("c.toml", "a = "), ("c.yaml", "a: [")]
)
def test_files_that_are_no_configuration_are_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigurationError):
        read_config(tmp_path / name)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_config(tmp_path / "missing.json")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    # Nothing else may come out: not a KeyError, not a RecursionError.
    with contextlib.suppress(ConfigurationError):
        assert read_config("{" + text, environment={}).services == ()
