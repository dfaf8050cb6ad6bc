"""URLs and paths are those that Google's SDK would ask."""

from __future__ import annotations

import pytest

from racto.core import ConfigurationError
from racto.providers.google.endpoints import gemini_endpoint, vertex_endpoint


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-3.8-flash", "/v1/models/gemini-3.8-flash:generateContent"),
        ("models/gemini-3.8-flash", "/v1/models/gemini-3.8-flash:generateContent"),
        ("tunedModels/mine-1", "/v1/tunedModels/mine-1:generateContent"),
    ],
)
def test_paths_of_the_gemini_api(model: str, path: str) -> None:
    assert gemini_endpoint().path(model, "generateContent") == path


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-3.8-flash", "projects/p/locations/l/publishers/google/models/gemini-3.8-flash"),
        ("meta/llama-4", "projects/p/locations/l/publishers/meta/models/llama-4"),
        ("publishers/x/models/y", "projects/p/locations/l/publishers/x/models/y"),
        ("projects/q/locations/l/endpoints/7", "projects/q/locations/l/endpoints/7"),
    ],
)
def test_paths_of_vertex_ai(model: str, path: str) -> None:
    endpoint = vertex_endpoint(project="p", location="l")
    assert endpoint.path(model, "m") == f"/v1beta1/{path}:m"


def test_a_key_of_express_mode_needs_no_project() -> None:
    assert vertex_endpoint().path("g", "m") == "/v1beta1/publishers/google/models/g:m"


@pytest.mark.parametrize(
    ("location", "url"),
    [
        (None, "https://aiplatform.googleapis.com"),
        ("global", "https://aiplatform.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
        ("europe-west4", "https://europe-west4-aiplatform.googleapis.com"),
    ],
)
def test_each_location_has_its_host(location: str | None, url: str) -> None:
    assert vertex_endpoint(project="p", location=location).base_url == url


@pytest.mark.parametrize(
    "model", ["", "../models/x", "a..b", "x?key=1", "x#y", "a/b/", "/a", "a b", "x:y z", "é/"]
)
def test_a_name_that_would_lead_elsewhere_is_refused(model: str) -> None:
    with pytest.raises(ConfigurationError, match="no name of a model"):
        gemini_endpoint().path(model, "generateContent")


def test_a_base_url_may_name_the_version() -> None:
    endpoint = gemini_endpoint("http://proxy/gemini/v1beta/")
    assert (endpoint.base_url, endpoint.version) == ("http://proxy/gemini", "v1beta")
    assert gemini_endpoint("http://proxy/v1", "v1alpha").version == "v1alpha"
    assert gemini_endpoint("http://proxy/").path("m", "x") == "/v1/models/m:x"
    assert vertex_endpoint("http://proxy/v1", project="p").version == "v1"


def test_base_urls_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://a/")
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", "http://b")
    assert gemini_endpoint().base_url == "http://a"
    assert vertex_endpoint(project="p").base_url == "http://b"
