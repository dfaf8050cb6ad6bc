"""The official client against the server, and the shapes that it documents."""

from __future__ import annotations

import types
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Literal, Required, Union, get_args, get_origin, get_type_hints

import openai
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from racto.testing import OpenAIServer

Refuse = Callable[..., dict[str, Any]]


@pytest.fixture
def client(openai_server: OpenAIServer) -> Iterator[openai.OpenAI]:
    """The official client."""
    url, key = openai_server.url, openai_server.key
    with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as made:
        yield made


@pytest.fixture
async def async_client(openai_server: OpenAIServer) -> AsyncIterator[openai.AsyncOpenAI]:
    """The official client of async code."""
    url, key = openai_server.url, openai_server.key
    async with openai.AsyncOpenAI(base_url=url, api_key=key, max_retries=0) as made:
        yield made


@pytest.fixture
def refuse(client: openai.OpenAI) -> Refuse:
    """A function that posts a body, and returns the error with which it was refused."""

    def post(path: str, body: Any, status: int = 400) -> dict[str, Any]:
        with pytest.raises(openai.APIStatusError) as caught:
            client.post(path, body=body, cast_to=object)
        assert caught.value.status_code == status
        error = caught.value.body
        assert isinstance(error, dict)
        assert error.keys() == {"message", "type", "param", "code"}
        return error

    return post


@pytest.fixture
def documented() -> Callable[..., None]:
    """A function that compares a model of ours with the client's type for the same object."""
    return _compare


def _compare(model: type[BaseModel], documented: Any, *, also: str = "") -> None:
    hints = get_type_hints(documented)
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if also:
        del fields[also]
    assert fields.keys() == hints.keys()
    required = {name for name, field in fields.items() if field.is_required()}
    # The client's types are strings, so that they cannot tell this by themselves.
    marked = get_type_hints(documented, include_extras=True)
    assert required == {name for name, hint in marked.items() if get_origin(hint) is Required}
    for name, hint in hints.items():
        ours, theirs = _alternatives(_type(fields[name])), _alternatives(hint)
        # Beside plain strings the known words are but a help to editors.
        assert str in theirs or _words(ours) == _words(theirs), name
        assert (type(None) in theirs) == _takes_null(model, name), name


def _type(field: FieldInfo) -> Any:
    return field.annotation


def _alternatives(hint: Any) -> list[Any]:
    """The members of a union, however deep, without what annotates them."""
    if get_origin(hint) in (Union, types.UnionType):
        return [each for arm in get_args(hint) for each in _alternatives(arm)]
    if hasattr(hint, "__metadata__"):
        return _alternatives(get_args(hint)[0])
    return [hint]


def _words(alternatives: list[Any]) -> set[Any]:
    found = [each for each in alternatives if get_origin(each) is Literal]
    return {word for each in found for word in get_args(each) if not isinstance(word, bool)}


def _takes_null(model: type[BaseModel], name: str) -> bool:
    try:
        model.__pydantic_validator__.validate_assignment(model.model_construct(), name, None)
    except ValueError:
        return False
    return True
