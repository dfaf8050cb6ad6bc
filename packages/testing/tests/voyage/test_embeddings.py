"""Vectors come in every form that Voyage has, within its limits."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any

import pytest

Post = Callable[..., Any]
Refuse = Callable[..., str]

FORMATS = {"float": "f", "int8": "b", "uint8": "B", "binary": "b", "ubinary": "B"}


def embed(post: Post, **fields: Any) -> Any:
    answer = post("/embeddings", {"model": "voyage-3", **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_text_gets_a_vector(post: Post) -> None:
    answer = embed(post, input=["a red fox", "tax law"], input_type="document", truncation=True)
    assert [each["index"] for each in answer["data"]] == [0, 1]
    assert [len(each["embedding"]) for each in answer["data"]] == [1024, 1024]
    assert (answer["model"], answer["usage"]) == ("voyage-3", {"total_tokens": 5})
    assert embed(post, input="tax law")["data"][0]["embedding"] == answer["data"][1]["embedding"]


def test_null_is_as_good_as_nothing(post: Post) -> None:
    nothing = {"input_type": None, "output_dtype": None, "output_dimension": None}
    assert embed(post, input="x", **nothing) == embed(post, input="x")


@pytest.mark.parametrize("dtype", FORMATS)
def test_packed_vectors_are_the_same(dtype: str, post: Post) -> None:
    told = {"input": "a b c", "output_dimension": 256, "output_dtype": dtype}
    plain = embed(post, **told)["data"][0]["embedding"]
    packed = base64.b64decode(embed(post, **told, encoding_format="base64")["data"][0]["embedding"])
    assert struct.unpack(f"<{len(plain)}{FORMATS[dtype]}", packed) == pytest.approx(plain)
    assert len(plain) == (32 if "binary" in dtype else 256)


def test_small_numbers_follow_the_large_ones(post: Post) -> None:
    def vector(dtype: str) -> list[float]:
        told = {"input": "a b c", "output_dimension": 256, "output_dtype": dtype}
        values: list[float] = embed(post, **told)["data"][0]["embedding"]
        return values

    large = vector("float")
    assert vector("int8") == [round(value * 127) for value in large]
    assert vector("uint8") == [round(value * 127) + 128 for value in large]
    signs = [value > 0 for value in large]
    bits = [
        sum(sign << (7 - place) for place, sign in enumerate(signs[at : at + 8]))
        for at in range(0, 256, 8)
    ]
    assert vector("ubinary") == bits
    assert vector("binary") == [value - 128 for value in bits]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"input": []}, "Input cannot contain empty strings or empty lists."),
        ({"input": ""}, "Input cannot contain empty strings or empty lists."),
        ({"input": ["a", ""]}, "Input cannot contain empty strings or empty lists."),
        ({"input": ["a"] * 1001}, "The batch size limit is 1000. Your batch size is 1001."),
        ({"size": 5}, "Argument 'size' is not supported by our API"),
        (
            {"output_dimension": 100},
            "Argument 'output_dimension' is not valid: Input should be 256",
        ),
        ({"input_type": "poem"}, "Argument 'input_type' is not valid: "),
        ({"encoding_format": "float"}, "Argument 'encoding_format' is not valid: "),
        ({"truncation": "no"}, "Argument 'truncation' is not valid: "),
        ({"input": [5]}, "Argument 'input."),
    ],
)
def test_wrong_requests_are_refused(fields: dict[str, Any], told: str, refuse: Refuse) -> None:
    assert refuse(**fields).startswith(told)


def test_an_argument_may_be_missing(post: Post) -> None:
    answer = post("/embeddings", {"input": "x"})
    assert (answer.status_code, answer.json()) == (400, {"detail": "Argument 'model' is required"})


@pytest.mark.parametrize("body", [b"{", b"[]", b""])
def test_a_body_is_an_object(body: bytes, post: Post) -> None:
    assert post("/embeddings", body).json() == {"detail": "The request body is not valid JSON."}


@pytest.mark.parametrize(
    ("model", "limit"), [("voyage-3-large", 120_000), ("voyage-3-lite", 1_000_000), ("x", 120_000)]
)
def test_a_batch_has_no_more_tokens_than_the_model_takes(
    model: str, limit: int, post: Post, refuse: Refuse
) -> None:
    text = "a" * 4 * 2000
    texts = [text] * (limit // 2000)
    assert post("/embeddings", {"model": model, "input": texts}).status_code == 200
    said = refuse(model=model, input=[*texts, "a"])
    assert f"The max allowed tokens per submitted batch is {limit}." in said
    assert f"Your batch has {limit + 1} tokens after truncation." in said


def test_a_long_text_is_cut_or_refused(post: Post, refuse: Refuse) -> None:
    text = "a" * 4 * 32_001
    assert embed(post, input=text)["usage"] == {"total_tokens": 32_000}
    told = refuse(input=["a", text], truncation=False)
    assert "The example at index 1 in your batch has too many tokens" in told


def test_words_and_pictures_get_a_vector_together(post: Post) -> None:
    content = [
        {"type": "text", "text": "a picture"},
        {"type": "image_url", "image_url": "http://x/a.png"},
        {"type": "image_base64", "image_base64": "data:image/png;base64,YQ=="},
        {"type": "video_url", "video_url": "http://x/a.mp4"},
    ]
    body = {"model": "voyage-multimodal-3", "inputs": [{"content": content}]}
    answer = post("/multimodalembeddings", body).json()
    assert len(answer["data"][0]["embedding"]) == 1024
    usage = answer["usage"]
    assert (usage["text_tokens"], usage["image_pixels"], usage["video_pixels"]) == (
        3,
        2_000_000,
        1_000_000,
    )
    assert usage["total_tokens"] == 3 + 3_000_000 // 560


@pytest.mark.parametrize(
    "content",
    [
        [],
        [{"type": "text"}],
        [{"type": "sound", "text": "x"}],
        [{"type": "image_base64", "image_base64": "YQ=="}],
        [{"type": "text", "text": "x", "image_url": "x"}],
    ],
)
def test_wrong_segments_are_refused(content: list[Any], post: Post) -> None:
    body = {"model": "m", "inputs": [{"content": content}]}
    answer = post("/multimodalembeddings", body)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Argument 'inputs.0.content")
