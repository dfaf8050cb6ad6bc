"""Whichever way a client writes a path, it leads to the same method."""

from __future__ import annotations

import pytest

from racto.testing.gemini.routes import Route, route


def plain(collection: str, name: str = "", method: str = "") -> Route:
    return Route(
        collection=collection, name=name, method=method, parent="", vertex=False, upload=False
    )


@pytest.mark.parametrize("prefix", ["/v1", "/v1beta", "/v1alpha", "/v1beta/v1", "/v1beta/v1beta2"])
def test_the_version_may_stand_anywhere(prefix: str) -> None:
    made = plain("models", "models/gemini-x", "generateContent")
    assert route(f"{prefix}/models/gemini-x:generateContent") == made
    assert route(f"{prefix}/models") == plain("models")
    assert route(f"{prefix}/batches/b:cancel") == plain("batches", "batches/b", "cancel")


@pytest.mark.parametrize("path", ["/upload/v1/files", "/v1beta/upload/v1/files"])
def test_uploads_are_known(path: str) -> None:
    found = route(path)
    assert (found.collection, found.name, found.upload) == ("files", "", True)


def test_downloads_are_plain_paths() -> None:
    for path in ("/v1/files/a:download", "/download/v1beta/files/a:download"):
        assert route(path) == plain("files", "files/a", "download")


def test_paths_of_vertex_are_known() -> None:
    found = route("/v1beta1/projects/p/locations/l/publishers/google/models/m:generateContent")
    assert found.vertex
    assert (found.name, found.id, found.method) == ("models/m", "m", "generateContent")
    assert found.parent == "projects/p/locations/l/"
    assert route("/v1beta1/publishers/google/models/m:predict").vertex
    job = route("/v1/projects/p/locations/l/tuningJobs/1")
    assert (job.collection, job.parent + job.name) == (
        "tuningJobs",
        "projects/p/locations/l/tuningJobs/1",
    )


@pytest.mark.parametrize(
    ("verb", "path", "action"),
    [
        ("GET", "/v1/files", "list"),
        ("POST", "/v1/files", "create"),
        ("GET", "/v1/files/a", "get"),
        ("PATCH", "/v1/files/a", "update"),
        ("DELETE", "/v1/files/a", "delete"),
        ("GET", "/v1/files/a:download", "download"),
        ("POST", "/v1/batches/b:cancel", "cancel"),
        ("DELETE", "/v1/files", ""),
        ("POST", "/v1/files/a", ""),
        ("POST", "/v1/files/a:download", ""),
        ("GET", "/v1/batches/b:cancel", ""),
    ],
)
def test_the_verb_and_the_path_together_tell_what_to_do(verb: str, path: str, action: str) -> None:
    assert route(path).action(verb) == action


def test_a_path_that_leads_nowhere_is_still_a_path() -> None:
    assert route("/").collection == ""
    assert route("/v2/x/y") == plain("v2", "v2/x/y")
