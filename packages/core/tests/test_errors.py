"""The one tree of errors: attributes, pickling, redaction, and the drawing in its docstring."""

from __future__ import annotations

import builtins
import copy
import pickle
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from racto.core import LLMResponse, Usage, errors
from racto.core.errors import RactoGatewayError

SECRET = "sk-verysecret12345"
FACTS: dict[str, dict[str, Any]] = {
    "MissingExtraError": {"install": "racto-x[y]", "purpose": f"Asking with {SECRET}"},
    "ResponseModelValidationError": {"attempts": 3, "last_error": ValueError("x")},
    "UnsupportedFeatureError": {"feature": "temperature"},
    "DimensionMismatchError": {"expected": 3, "actual": 4},
    "PartialWriteError": {"stored": ["a"], "failed": {"b": f"refused {SECRET}"}},
    "ToolArgumentsError": {"problems": [f"key: {SECRET} is no number"]},
    "ContextLengthError": {"limit": 10, "count": 11},
    "StreamTruncatedError": {"partial": LLMResponse(content="half")},
    "ReadError": {"source": "a.pdf"},
}


def tree(kind: type[RactoGatewayError] = RactoGatewayError) -> list[type[RactoGatewayError]]:
    own = [sub for sub in kind.__subclasses__() if sub.__module__.startswith(f"{errors.__name__}.")]
    return [kind, *(found for sub in own for found in tree(sub))]


ALL = tree()


def made(kind: type[RactoGatewayError], message: str = f"no: {SECRET}") -> RactoGatewayError:
    facts = FACTS.get(kind.__name__, {})
    return kind("a-library" if "purpose" in facts else message, **facts)


def drawn() -> list[tuple[str, str]]:
    lines = (errors.__doc__ or "").split("::\n\n", 1)[1].split("\n\n", 1)[0].splitlines()
    path: list[tuple[int, str]] = [(-1, "")]
    pairs = []
    for line in lines:
        depth, name = len(line) - len(line.lstrip()), line.strip()
        while path[-1][0] >= depth:
            path.pop()
        pairs.append((name, path[-1][1]))
        path.append((depth, name))
    return pairs


def test_the_drawing_is_the_tree() -> None:
    real = []
    for kind in ALL:
        parents = [base.__name__ for base in kind.__bases__ if issubclass(base, RactoGatewayError)]
        real.append((kind.__name__, parents[0] if parents else ""))
    assert len(real) > 40
    assert sorted(drawn()) == sorted(real)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_survives_pickling_and_copying(kind: type[RactoGatewayError]) -> None:
    error = made(kind)
    error.add_note("seen")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is kind
        assert (str(again), again.args, repr(again)) == (str(error), error.args, repr(error))
        ours, theirs = vars(error).copy(), vars(again).copy()
        # Exceptions compare by identity.
        assert repr(ours.pop("last_error", None)) == repr(theirs.pop("last_error", None))
        assert ours == theirs


@pytest.mark.parametrize("kind", ALL)
def test_no_error_prints_a_secret(kind: type[RactoGatewayError]) -> None:
    error = made(kind)
    shown = f"{error} {error!r} {error.args} {error.message} {vars(error)}"
    assert "***" in shown
    assert SECRET not in shown


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_the_common_attributes(kind: type[RactoGatewayError]) -> None:
    error = made(kind)
    assert error.retryable is kind.default_retryable
    assert (error.retry_after, error.provider, error.status_code, error.request_id) == (None,) * 4
    assert str(error) == error.message
    if kind.__name__ == "MissingExtraError":
        return
    facts = FACTS.get(kind.__name__, {})
    told = kind(
        "m",
        **facts,
        retryable=True,
        retry_after=1.5,
        provider="p",
        status_code=429,
        request_id="r",
    )
    assert (told.retryable, told.retry_after, told.provider) == (True, 1.5, "p")
    assert (told.status_code, told.request_id) == (429, "r")


RETRYABLE = {
    "RactoGatewayTimeoutError",
    "RateLimitError",
    "OverloadedError",
    "ServerError",
    "APIConnectionError",
    "RateLimitExceededError",
    "IndexLockedError",
    "DocumentChangedError",
}


def test_which_errors_may_heal_by_themselves() -> None:
    assert {kind.__name__ for kind in ALL if kind.default_retryable} == RETRYABLE


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("RactoGatewayTimeoutError", "TimeoutError"),
        ("ConfigurationError", "ValueError"),
        ("MissingExtraError", "ImportError"),
        ("PluginNotFoundError", "LookupError"),
        ("UnsupportedFeatureError", "ValueError"),
        ("SchemaError", "ValueError"),
        ("FilterError", "ValueError"),
        ("ToolNotFoundError", "LookupError"),
        ("ToolNotFoundError", "KeyError"),
        ("ToolArgumentsError", "ValueError"),
        ("MissingEmbeddingError", "ValueError"),
        ("DimensionMismatchError", "ValueError"),
        ("UnsupportedFormatError", "ValueError"),
    ],
)
def test_errors_are_also_what_python_calls_them(name: str, builtin: str) -> None:
    with pytest.raises(getattr(builtins, builtin)) as caught:
        raise made(getattr(errors, name))
    assert isinstance(caught.value, RactoGatewayError)


@pytest.mark.parametrize("kind", ALL)
def test_every_error_can_carry_what_had_come_and_what_it_cost(
    kind: type[RactoGatewayError],
) -> None:
    assert (made(kind).partial, made(kind).usage) == (
        FACTS.get(kind.__name__, {}).get("partial"),
        None,
    )
    error = made(kind)
    error.partial, error.usage = LLMResponse(content="half"), Usage(output_tokens=3)
    again = pickle.loads(pickle.dumps(error))
    assert (again.partial, again.usage) == (error.partial, error.usage)
    given = errors.ContextLengthError("m", partial=error.partial, usage=error.usage, limit=3)
    assert (given.partial, given.usage, given.limit) == (error.partial, error.usage, 3)


def test_a_missing_extra_prints_the_install_line() -> None:
    error = errors.MissingExtraError("anthropic", install="racto-providers[anthropic]", purpose="X")
    assert 'pip install "racto-providers[anthropic]"' in str(error)
    assert "'anthropic'" in str(error)
    assert (error.name, error.install) == ("anthropic", "racto-providers[anthropic]")


def test_the_references_signatures_hold() -> None:
    assert errors.RactoGatewayAPIError("m", status_code=500).status_code == 500
    cause = ValueError("x")
    error = errors.ResponseModelValidationError("m", attempts=3, last_error=cause, raw_response="{")
    assert (error.attempts, error.last_error, error.raw_response) == (3, cause, "{")
    assert (
        errors.ResponseModelValidationError("m", attempts=1, last_error=cause).raw_response is None
    )


def test_a_pydantic_error_travels_with_the_error() -> None:
    class Answer(BaseModel):
        value: int

    with pytest.raises(ValidationError) as caught:
        Answer.model_validate({"value": "x"})
    error = errors.ResponseModelValidationError("m", attempts=1, last_error=caught.value)
    again = pickle.loads(pickle.dumps(error))
    assert again.last_error.errors()[0]["loc"] == ("value",)


def test_a_message_that_is_no_string_still_makes_an_error() -> None:
    assert str(RactoGatewayError(ValueError("boom"))) == "boom"  # type: ignore[arg-type]
    assert str(RactoGatewayError()) == ""
