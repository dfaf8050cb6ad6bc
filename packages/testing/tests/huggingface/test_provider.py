"""Tokens are checked, and paths that lead nowhere are not found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from racto.testing import HuggingFaceServer

USER: Any = {"role": "user", "content": "hi"}


def test_a_wrong_token_is_refused(huggingface_server: HuggingFaceServer) -> None:
    with InferenceClient(base_url=huggingface_server.url, api_key="wrong") as client:
        with pytest.raises(HfHubHTTPError, match="Invalid credentials") as caught:
            client.chat_completion([USER])
        assert caught.value.response.status_code == 401


def test_a_missing_token_is_refused(
    huggingface_server: HuggingFaceServer, post: Callable[..., Any]
) -> None:
    import httpx2

    url = f"{huggingface_server.url}/v1/chat/completions"
    with httpx2.Client(verify=False) as http:
        answer = http.post(url, json={"messages": [USER]})
    assert (answer.status_code, answer.json()) == (401, {"error": "Invalid username or password."})


def test_openais_client_adds_the_version(huggingface_server: HuggingFaceServer) -> None:
    url = f"{huggingface_server.url}/v1"
    with openai.OpenAI(base_url=url, api_key="test-key", max_retries=0) as client:
        said = client.chat.completions.create(model="m", messages=[USER])
        assert said.choices[0].message.content == "ok"
        assert client.models.list().data[0].id == "tgi"


@pytest.mark.parametrize(("path", "method"), [("/dance", "POST"), ("/embed", "GET")])
def test_a_path_that_leads_nowhere_is_not_found(
    path: str, method: str, post: Callable[..., Any]
) -> None:
    assert post(path, method=method).status_code == 404
