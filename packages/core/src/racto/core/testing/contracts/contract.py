"""The root of all contract suites: laws that bind every implementation of a protocol.

A suite is a class whose ``test_*`` methods are laws; an implementation keeps it by a subclass
with one fixture::

    class TestMyStore(VectorStoreContract):
        @pytest.fixture
        def store(self):
            return MyStore(dimension=self.dimension)

No subclass can override a law. What an implementation cannot do yet is declared with
:func:`known_gap`, and the declaration fails as soon as it is no longer true.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeVar

import pytest

from .signatures import members_of, missing_members, signature_problems
from .voices import VOICES, Voice, VoiceName

T = TypeVar("T", bound="type[Contract]")

HINT = "If this fails:"
"""How the last paragraph of a law's docstring begins."""

_FIXED = ("voice", "subject", "_excused")


class Contract:
    """A suite of laws.

    A subclass made with ``subject=...`` is a suite: its ``test_*`` methods become laws. Every
    other subclass is an implementation's conformance test; it may add tests of its own.

    Attributes:
        subject_name: Name of the fixture that gives a new implementation to each law.
        protocol: What the implementation must keep; None when it chooses among the powers.
        powers: Optional protocols; the laws of a power are skipped where it is absent.
        gaps: Declared gaps by law, each with its voice (None for both) and the reason.
        max_examples: How many generated cases a law with generated data tries.
    """

    subject_name: ClassVar[str] = ""
    protocol: ClassVar[type | None] = None
    powers: ClassVar[tuple[type, ...]] = ()
    gaps: ClassVar[dict[str, tuple[VoiceName | None, str]]] = {}
    max_examples: ClassVar[int] = 50
    pytestmark: ClassVar[list[pytest.MarkDecorator]] = []

    def __init_subclass__(
        cls,
        *,
        subject: str = "",
        protocol: type | None = None,
        powers: tuple[type, ...] = (),
        **options: Any,
    ) -> None:
        super().__init_subclass__(**options)
        for name, (suite, law) in _laws_above(cls).items():
            # Looked up as an instance would: this also finds a mixin that stands before the suite.
            if inspect.getattr_static(cls, name, None) is not law:
                raise TypeError(
                    f"{cls.__name__} overrides {name}, a law of {suite.__name__}; a law holds for "
                    f"all. If it cannot be kept yet, say so: @known_gap({name!r}, why=...)"
                )
        if subject:
            cls.subject_name, cls.protocol, cls.powers = subject, protocol, powers
            # A fixture with params can be asked for by name only where it is announced.
            cls.pytestmark = [pytest.mark.usefixtures(subject)]
            for name, law in _own_laws(cls).items():
                if HINT not in inspect.cleandoc(law.__doc__ or "").rpartition("\n\n")[2]:
                    raise TypeError(
                        f"the docstring of the law {cls.__name__}.{name} must end with a paragraph "
                        f"that says what to check: {HINT!r}"
                    )

    @pytest.fixture(params=VOICES)
    def voice(self, request: pytest.FixtureRequest) -> Iterator[Voice]:
        """Each law that asks for it runs twice: with plain methods and with async twins."""
        voice = Voice(request.param)
        yield voice
        voice.close()

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest) -> Any:
        """The implementation, whatever the suite calls it."""
        return request.getfixturevalue(self.subject_name)

    @pytest.fixture(autouse=True)
    def _excused(self, request: pytest.FixtureRequest) -> None:
        voice, why = self.gaps.get(request.function.__name__, (None, ""))
        params = getattr(request.node, "callspec", None)
        current = params.params.get("voice") if params else None
        # Marked here and not on the class: the mark may hold for one voice only.
        if why and voice in (None, current):
            request.applymarker(pytest.mark.xfail(reason=why, strict=True))

    def test_signatures(self, subject: Any) -> None:
        """Methods take what the protocol says; extra parameters have defaults.

        If this fails: change the named parameter's name, kind or default to the protocol's, in
        both voices, or give an extra parameter a default.
        """
        protocols = [power for power in self.powers if not missing_members(power, subject)]
        if self.protocol is not None:
            protocols.insert(0, self.protocol)
        problems = [text for item in protocols for text in signature_problems(item, subject)]
        assert not problems, "\n".join(problems)

    def test_powers_are_whole(self, subject: Any) -> None:
        """An optional power is there with all its methods and both voices, or not at all.

        If this fails: add the missing methods, or rename those that mean something else.
        """
        for power in self.powers:
            missing = missing_members(power, subject)
            # Half a power would pass unnoticed: isinstance says no, and all its laws are skipped.
            whole = not missing or len(missing) == len(members_of(power))
            assert whole, f"{type(subject).__name__} has {power.__name__} but for {missing}"

    def needs_power(self, subject: object, power: type) -> None:
        """Skip the law, visibly, when an optional power is absent."""
        if missing_members(power, subject):
            pytest.skip(f"{type(subject).__name__} does not have the power {power.__name__}")


def known_gap(law: str, *, why: str, voice: VoiceName | None = None) -> Callable[[T], T]:
    """Declare that an implementation does not keep a law yet: a strict expected failure.

    The day the law holds, the build fails until the declaration is removed.

    Args:
        law: Name of the law, for example ``test_text_is_kept_whole``.
        why: What stands in the way, for the report.
        voice: The only voice that the gap is in; None for both.

    Raises:
        ValueError: If there is no such law, the reason is empty, or the voice does not exist.
        TypeError: If what is decorated is no conformance test.
    """
    if not why.strip():
        raise ValueError(f"known_gap({law!r}): say why the law cannot be kept yet")
    if voice not in (None, *VOICES):
        raise ValueError(f"known_gap({law!r}): there is no voice {voice!r}, only {VOICES}")

    def declare(test: T) -> T:
        if not (isinstance(test, type) and issubclass(test, Contract)) or _is_suite(test):
            raise TypeError(f"known_gap excuses an implementation's test, not {test!r}")
        known = sorted(name for name in _laws_above(test) if name not in _FIXED)
        if law not in known:
            raise ValueError(f"{test.__name__} has no law {law!r}; there are: {', '.join(known)}")
        test.gaps = {**test.gaps, law: (voice, why)}
        return test

    return declare


def laws_of(suite: type[Contract]) -> dict[str, Callable[..., None]]:
    """The laws that bind a suite's implementations, by name."""
    found = {name: law for name, (_, law) in _laws_above(suite).items() if name not in _FIXED}
    return found | (_own_laws(suite) if _is_suite(suite) else {})


def _is_suite(kind: type) -> bool:
    return kind is Contract or "subject_name" in vars(kind)


def _own_laws(suite: type) -> dict[str, Any]:
    return {name: item for name, item in vars(suite).items() if name.startswith("test_")}


def _laws_above(cls: type) -> dict[str, tuple[type, Any]]:
    """The laws and fixed fixtures of all suites that a class derives from, each with its suite."""
    found: dict[str, tuple[type, Any]] = {}
    for kind in reversed(cls.__mro__[1:]):
        if issubclass(kind, Contract) and _is_suite(kind):
            found |= {name: (kind, law) for name, law in _own_laws(kind).items()}
    return found | {name: (Contract, vars(Contract)[name]) for name in _FIXED}
