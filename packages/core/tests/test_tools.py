"""Tools are registered once, checked before they run, and run in both voices."""

from __future__ import annotations

import asyncio
import copy
import threading
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core.content import ToolCallResult
from racto.core.errors import (
    ConfigurationError,
    SchemaError,
    ToolArgumentsError,
    ToolExecutionError,
    ToolNotFoundError,
)
from racto.core.signatures import Injected
from racto.core.tools import ToolAnnotations, ToolRegistry, ToolSchema, tool

paid: list[int] = []


def pay(amount: int) -> str:
    """Pay."""
    paid.append(amount)
    return f"paid {amount}"


async def later(text: str) -> str:
    """Say it later."""
    await asyncio.sleep(0)
    return f"{text} in {threading.current_thread().name}"


def slow(text: str) -> str:
    return f"{text} in {threading.current_thread().name}"


def fail(kind: str) -> None:
    raise StopIteration(kind) if kind == "stop" else KeyError("no password=hunter2hunter2")


class Weather(BaseModel):
    """Ask for the weather."""

    city: str


class Session:
    user = "Ann"


class Account(BaseModel):
    user: str


def call(name: str, /, **arguments: Any) -> ToolCallResult:
    return ToolCallResult(id="c1", name=name, arguments=arguments)


REGISTRY = ToolRegistry([pay, later, slow, fail, Weather])


class TestRegistration:
    def test_as_decorator_call_and_list(self) -> None:
        registry = ToolRegistry([pay])

        @registry.register
        def one(x: int) -> int:
            return x

        @registry.register(name="deux", description="Two.")
        def two(x: int) -> int:
            return x

        assert registry.register(Weather) is Weather
        assert one(1) == two(1) == 1
        assert list(registry.tools) == ["pay", "one", "deux", "Weather"]
        assert [schema.name for schema in registry] == list(registry.tools)
        assert registry.schemas == list(registry)
        assert len(registry) == 4
        assert "deux" in registry
        assert "two" not in registry
        schema = registry.get_schema("deux")
        assert schema is not None
        assert schema.description == "Two."
        assert registry.get_callable("deux") is two
        assert registry.get_callable("Weather") is None
        assert registry.get_schema("none") is None
        assert registry.get_callable("none") is None

    def test_a_taken_name_is_refused_unless_replaced(self) -> None:
        registry = ToolRegistry([pay])
        registry.register(pay)
        with pytest.raises(ConfigurationError, match="'pay' is registered already"):
            registry.register(slow, name="pay")
        registry.register(slow, name="pay", replace=True)
        assert registry.get_callable("pay") is slow

    def test_what_is_no_tool(self) -> None:
        with pytest.raises(TypeError, match="42"):
            ToolRegistry().register(42)  # type: ignore[call-overload]
        with pytest.raises(SchemaError, match="name"):
            ToolRegistry().register(lambda: 1)
        with pytest.raises(SchemaError, match="name"):
            ToolRegistry().register(pay, name="no spaces")

    def test_unresolvable_annotations_are_a_schema_error_at_registration(self) -> None:
        def broken(x: Nowhere) -> None:  # type: ignore[name-defined]  # noqa: F821
            """Never called."""

        with pytest.raises(SchemaError, match=r"broken\(\).*'x'"):
            ToolRegistry([broken])

    def test_copies_share_tools_but_not_changes(self) -> None:
        first = ToolRegistry([pay])
        second, third = first.copy(), copy.deepcopy(first)
        second.register(slow)
        second.remove("pay")
        assert (list(first.tools), list(second.tools)) == (["pay"], ["slow"])
        assert list(third.tools) == ["pay"]
        first.tools.clear()
        assert "pay" in first
        with pytest.raises(ToolNotFoundError):
            second.remove("pay")

    def test_threads_lose_no_registration(self) -> None:
        registry = ToolRegistry()

        def put(start: int) -> None:
            for number in range(start, start + 20):
                registry.add(ToolSchema(name=f"t{number}"), slow)

        threads = [threading.Thread(target=put, args=(n * 20,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(registry) == 80


class TestToolDecorator:
    def test_bare_named_and_bound(self) -> None:
        registry = ToolRegistry()

        @tool
        def bare(x: int) -> int:
            """Bare."""
            return x

        @tool(name="other", description="Other.")
        def named(x: int) -> int:
            return x

        @tool(registry)
        def bound(x: int) -> int:
            return x

        @tool(registry=registry, name="second")
        def also(x: int) -> int:
            return x

        assert bare._tool_schema.description == "Bare."  # type: ignore[attr-defined]
        assert named._tool_schema.name == "other"  # type: ignore[attr-defined]
        assert list(registry.tools) == ["bound", "second"]
        registry.register(named)
        registry.register(named, name="third")
        assert list(registry.tools)[2:] == ["other", "third"]
        assert named._tool_schema.name == "other"  # type: ignore[attr-defined]

    def test_misuse(self) -> None:
        with pytest.raises(TypeError, match="two different"):
            tool(ToolRegistry(), registry=ToolRegistry())
        with pytest.raises(TypeError, match="5"):
            tool(5)  # type: ignore[call-overload]


class TestExecution:
    async def test_both_voices_answer_alike(self) -> None:
        for asked in (call("pay", amount=3), call("slow", text="x"), call("nope")):
            one, two = REGISTRY.execute(asked), await REGISTRY.aexecute(asked)
            assert one.is_error == two.is_error
            assert one.text.split(" in ")[0] == two.text.split(" in ")[0]

    async def test_each_tool_runs_where_it_should(self) -> None:
        here = threading.current_thread().name
        assert REGISTRY.execute(call("slow", text="x")).text == f"x in {here}"
        assert (await REGISTRY.aexecute(call("later", text="x"))).text == f"x in {here}"
        assert here not in (await REGISTRY.aexecute(call("slow", text="x"))).text
        assert REGISTRY.execute(call("later", text="x")).text == "x in racto-portal"

    async def test_blocking_tools_do_not_block_the_loop(self) -> None:
        gate = threading.Barrier(2, timeout=5)
        registry = ToolRegistry([slow])
        registry.add(ToolSchema(name="meet"), lambda: str(gate.wait() >= 0))
        met = await asyncio.gather(*(registry.aexecute(call("meet")) for _ in range(2)))
        assert [part.text for part in met] == ["True", "True"]

    def test_unfit_arguments_never_reach_the_tool(self) -> None:
        paid.clear()
        part = REGISTRY.execute(call("pay", amount="12"))
        assert part.is_error
        assert "amount: Input should be a valid integer" in part.text
        assert paid == []
        with pytest.raises(ToolArgumentsError) as caught:
            REGISTRY.execute(call("pay", amount="12"), raise_errors=True)
        assert caught.value.problems

    def test_an_unknown_tool_is_told_what_there_is(self) -> None:
        part = REGISTRY.execute(call("nope"))
        assert part.is_error
        assert "pay, later, slow, fail, Weather" in part.text
        with pytest.raises(ToolNotFoundError):
            REGISTRY.execute(call("nope"), raise_errors=True)

    @pytest.mark.parametrize(("raw", "why"), [('{"a": ', "Expecting"), ("[1]", "not an object")])
    def test_malformed_json_goes_back_to_the_model(self, raw: str, why: str) -> None:
        asked = ToolCallResult(id="c1", name="pay", raw_arguments=raw)
        part = REGISTRY.execute(asked)
        assert part.is_error
        assert part.tool_call_id == "c1"
        assert why in part.text
        with pytest.raises(ToolArgumentsError):
            REGISTRY.execute(asked, raise_errors=True)

    @pytest.mark.parametrize("kind", ["key", "stop"])
    async def test_a_raising_tool_is_an_error_without_secrets(self, kind: str) -> None:
        for part in (
            REGISTRY.execute(call("fail", kind=kind)),
            await REGISTRY.aexecute(call("fail", kind=kind)),
        ):
            assert part.is_error
            assert "'fail' failed" in part.text
            assert "hunter2" not in part.text
        with pytest.raises(ToolExecutionError) as caught:
            await REGISTRY.aexecute(call("fail", kind="key"), raise_errors=True)
        assert isinstance(caught.value.__cause__, KeyError)

    async def test_interrupts_and_cancellation_pass_through(self) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        async def cancelled() -> None:
            raise asyncio.CancelledError

        registry = ToolRegistry([interrupt, cancelled])
        with pytest.raises(KeyboardInterrupt):
            registry.execute(call("interrupt"))
        with pytest.raises(asyncio.CancelledError):
            await registry.aexecute(call("cancelled"))

    def test_a_model_is_validated_but_has_nothing_to_run(self) -> None:
        assert REGISTRY.validate("Weather", {"city": "Rome"}) == {"city": "Rome"}
        with pytest.raises(ToolArgumentsError, match="city"):
            REGISTRY.validate("Weather", {"city": 5})
        part = REGISTRY.execute(call("Weather", city="Rome"))
        assert part.is_error
        assert "no function" in part.text

    async def test_a_plain_function_that_returns_an_awaitable(self) -> None:
        registry = ToolRegistry()

        @registry.register
        def started(text: str) -> Any:
            return later(text)

        assert registry.execute(call("started", text="x")).text == "x in racto-portal"
        assert (await registry.aexecute(call("started", text="x"))).text.startswith("x in ")

    def test_a_lazily_failing_result_is_an_error(self) -> None:
        registry = ToolRegistry()
        registry.add(ToolSchema(name="raw"), lambda: b"bytes")
        assert registry.execute(call("raw")).is_error


class TestRemoteTools:
    SCHEMA = ToolSchema(
        name="remote",
        json_schema={
            "type": "object",
            "properties": {"x-y": {"$ref": "#/$defs/N"}},
            "required": ["x-y"],
            "$defs": {"N": {"type": "integer"}},
        },
    )

    async def test_one_voice_is_enough(self) -> None:
        def plain(**arguments: Any) -> Any:
            return {"plain": arguments}

        async def fancy(**arguments: Any) -> Any:
            return {"fancy": arguments}

        asked = ToolCallResult(name="remote", arguments={"x-y": 1})
        for voices, sync, async_ in (
            ((plain, None), "plain", "plain"),
            ((None, fancy), "fancy", "fancy"),
            ((plain, fancy), "plain", "fancy"),
        ):
            registry = ToolRegistry()
            registry.add(self.SCHEMA, voices[0], acall=voices[1])
            assert registry.execute(asked).structured == {sync: {"x-y": 1}}
            assert (await registry.aexecute(asked)).structured == {async_: {"x-y": 1}}
            assert registry.get_schema("remote") is self.SCHEMA

    def test_arguments_are_checked_against_the_remote_schema(self) -> None:
        registry = ToolRegistry()
        registry.add(self.SCHEMA, lambda **_: "ran")
        for arguments, why in (({}, "required"), ({"x-y": "1"}, "should be integer")):
            part = registry.execute(ToolCallResult(name="remote", arguments=arguments))
            assert part.is_error
            assert why in part.text


class TestInjection:
    def test_by_mark_and_by_type(self) -> None:
        registry = ToolRegistry(injected=(Session,))

        @registry.register
        def marked(x: int, session: Injected[Session]) -> str:
            return f"{session.user} {x}"

        @registry.register
        def typed(session: Session | None = None) -> str:
            return session.user if session else "nobody"

        asked = call("marked", x=1)
        assert registry.execute(asked, context=["other", Session()]).text == "Ann 1"
        assert registry.execute(call("typed"), context=[Session()]).text == "Ann"
        assert registry.execute(call("typed")).text == "nobody"
        with pytest.raises(ConfigurationError, match="needs a Session"):
            registry.execute(asked)

        @tool
        def before(session: Account, x: int) -> str:
            return f"{session.user} {x}"

        registry.injected = (Session, Account)
        registry.register(before)
        assert registry.execute(call("before", x=2), context=[Account(user="Bo")]).text == "Bo 2"
        for schema in registry:
            assert "session" not in schema.to_json_schema()["properties"]


@pytest.mark.parametrize("strict", [True, False, None])
def test_a_tool_can_be_registered_as_strict(strict: bool | None) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    registry = ToolRegistry()
    registry.register(add, strict=strict)
    found = registry.get_schema("add")
    assert found is not None
    assert found.strict is strict


def test_what_can_be_awaited_is_told() -> None:
    async def later(a: int) -> int:
        return a

    def now(a: int) -> int:
        return a

    registry = ToolRegistry([later, now])
    registry.add(ToolSchema(name="both"), now, acall=later)
    assert registry.get_async_callable("later") is later
    assert registry.get_async_callable("now") is None
    assert registry.get_async_callable("both") is later
    assert registry.get_async_callable("none") is None


def test_a_tool_says_what_it_does_to_the_world() -> None:
    registry = ToolRegistry()
    harmless = ToolAnnotations(read_only=True)

    @registry.register(annotations=harmless)
    def look() -> str:
        return "seen"

    registry.register(look, name="other")
    schema = registry.get_schema("look")
    assert schema is not None
    assert schema.annotations == harmless
    other = registry.get_schema("other")
    assert other is not None
    assert other.annotations is None
