"""Models are listed in pages, and every model that is asked for is there."""

from __future__ import annotations

from typing import Any

from google import genai


def test_models_are_listed(client: genai.Client) -> None:
    names = [model.name for model in client.models.list(config={"page_size": 1})]
    assert len(names) == 2
    assert all(name and name.startswith("models/") for name in names)


def test_any_model_is_there(client: genai.Client) -> None:
    model = client.models.get(model="gemini-x")
    assert model.name == "models/gemini-x"
    assert model.supported_actions is not None
    assert "generateContent" in model.supported_actions
    assert client.models.get(model="my-embedding").supported_actions == [
        "embedContent",
        "countTextTokens",
        "countTokens",
        "asyncBatchEmbedContent",
    ]


def test_vertex_lists_its_publishers_models(post: Any) -> None:
    listed = post("publishers/google/models", method="GET").json()["publisherModels"]
    assert all(model["name"].startswith("publishers/google/models/") for model in listed)


def test_a_tuned_model_of_vertex_is_deleted_and_no_other_one(vertex: Any, post: Any) -> None:
    vertex.models.delete(model="projects/p/locations/l/models/1")
    assert post("models/gemini-x", method="DELETE").status_code == 404
