"""A callable's parameters with their annotations resolved, or an error that names the culprit."""

from __future__ import annotations

import functools
import inspect
import sys
import types
import typing
from collections.abc import Callable, Collection
from typing import Annotated, Any, TypeVar

from .errors import SchemaError

T = TypeVar("T")


class InjectionMarker:
    """Marks a parameter that racto fills in and the model never sees; see :data:`Injected`."""

    def __repr__(self) -> str:
        return "Injected"


Injected = Annotated[T, InjectionMarker()]
"""``context: Injected[Session]``: left out of the schema, given by ``execute(..., context=...)``.

To a type checker the parameter is a plain ``Session``.
"""


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """Read a callable's signature, every annotation resolved and ``self`` left out.

    A parameter without annotation takes anything (the reference package calls it a string).
    One whose default is None also accepts None.

    Args:
        function: Function, bound method, ``functools.partial``, class or callable object.

    Raises:
        SchemaError: If there is no signature, or an annotation cannot be resolved; the message
            names the function and the parameter.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"{callable_name(function)}: its signature cannot be read") from error
    namespace = _namespace(function)
    found = list(signature.parameters.values())
    # A method registered from inside the class body is not bound yet.
    if found and found[0].name in ("self", "cls") and found[0].annotation is found[0].empty:
        del found[0]
    return inspect.Signature([_resolved(function, parameter, namespace) for parameter in found])


def injected_parameters(
    signature: inspect.Signature, injected: Collection[type] = ()
) -> dict[str, Any]:
    """The parameters that racto fills in: name and type.

    Args:
        signature: A signature with resolved annotations.
        injected: Types whose parameters are filled in even without the :data:`Injected` mark.
    """
    wanted: dict[str, Any] = {}
    for name, parameter in signature.parameters.items():
        bare, marked = _unmarked(parameter.annotation)
        by_type = isinstance(bare, type) and any(issubclass(bare, kind) for kind in injected)
        if marked or by_type:
            wanted[name] = bare
    return wanted


def callable_name(function: Any) -> str:
    """The name by which errors and schemas speak of a callable."""
    bare = _unwrapped(function)
    name = getattr(function, "__name__", None) or getattr(bare, "__name__", None)
    return str(name or type(bare).__name__)


def is_async(function: Any) -> bool:
    """Whether calling ``function`` only makes a coroutine, so that it never blocks."""
    bare = _unwrapped(function, through_wrapped=False)
    call = bare if inspect.isroutine(bare) or isinstance(bare, type) else type(bare).__call__
    return inspect.iscoroutinefunction(call)


def _unwrapped(function: Any, *, through_wrapped: bool = True) -> Any:
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, types.MethodType):
            function = function.__func__
        elif through_wrapped and hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function


def _namespace(function: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where the names in a callable's annotations are looked up: globals, then its closure."""
    bare = _unwrapped(function)
    # A class has no globals of its own; its module has.
    if isinstance(bare, type):
        module = sys.modules.get(bare.__module__)
        return dict(vars(module)) if module else {}, {bare.__name__: bare}
    if not hasattr(bare, "__code__"):
        bare = _unwrapped(type(bare).__call__)
    local = {kind.__name__: kind for kind in getattr(bare, "__type_params__", ())}
    if hasattr(bare, "__code__"):
        for name, cell in zip(bare.__code__.co_freevars, bare.__closure__ or (), strict=False):
            try:
                local[name] = cell.cell_contents
            except ValueError:
                # An empty cell: the enclosing function has not assigned the name yet.
                continue
    return getattr(bare, "__globals__", {}), local


def _resolved(
    function: Any, parameter: inspect.Parameter, namespace: tuple[dict[str, Any], dict[str, Any]]
) -> inspect.Parameter:
    if parameter.annotation is parameter.empty:
        return parameter.replace(annotation=Any)
    # One at a time: typing's own error does not say which parameter it was about.
    holder = types.SimpleNamespace(__annotations__={parameter.name: parameter.annotation})
    try:
        hints = typing.get_type_hints(holder, *namespace, include_extras=True)
    except Exception as error:
        raise SchemaError(
            f"{callable_name(function)}(): the annotation {parameter.annotation!r} of parameter "
            f"{parameter.name!r} cannot be resolved ({error}). Import the name, or define it, at "
            "the level of the module"
        ) from error
    annotation = hints[parameter.name]
    if parameter.default is None:
        annotation = typing.Optional[annotation]  # noqa: UP045 - "|" fails on some forms
    return parameter.replace(annotation=annotation)


def _unmarked(annotation: Any) -> tuple[Any, bool]:
    """The bare class inside ``Annotated`` and ``Optional``, and whether it bore the mark."""
    marked = False
    while True:
        if typing.get_origin(annotation) is Annotated:
            marked = marked or any(
                isinstance(mark, InjectionMarker) or mark is InjectionMarker
                for mark in annotation.__metadata__
            )
            annotation = annotation.__origin__
            continue
        if typing.get_origin(annotation) in (typing.Union, types.UnionType):
            kinds = [kind for kind in typing.get_args(annotation) if kind is not types.NoneType]
            if len(kinds) == 1:
                annotation = kinds[0]
                continue
        return annotation, marked
