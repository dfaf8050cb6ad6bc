"""Rules that hold for conversations in every format: roles, order, empty turns, tools, weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import ROLES, RactoTrainingMessage

from .findings import Fault

_SYSTEM = ("system", "developer")
_SPEAKERS = frozenset(ROLES) - {"tool"}


def check_conversation(example: RactoTrainingExample) -> Iterator[Fault]:
    """The faults of the turns of an example, its answers included."""
    if not example.messages:
        yield Fault(rule="empty", text="there is no message")
    for name in ("messages", "chosen", "rejected"):
        turns: Sequence[RactoTrainingMessage] = getattr(example, name)
        for at, turn in enumerate(turns):
            if not _is_plain(turn):
                yield from _turn(turn, f"{name}[{at}] ({turn.role})", at)
    yield from _order(example.messages)
    yield from _tools(example)


def _is_plain(turn: RactoTrainingMessage) -> bool:
    """Whether a turn is what most turns are: good words of a known speaker."""
    body = turn.body
    if not isinstance(body, str) or turn.weight is not None or turn.role not in _SPEAKERS:
        return False
    return bool(body) and not body.isspace() and (body.isascii() or not _is_broken(turn))


def _turn(turn: RactoTrainingMessage, place: str, at: int) -> Iterator[Fault]:
    def fault(rule: str, text: str, *, is_error: bool = True) -> Fault:
        return Fault(rule=rule, text=text, place=place, message=at, is_error=is_error)

    if turn.role not in ROLES:
        yield fault("roles", f"unknown role; the roles are {', '.join(ROLES)}")
    # A tool may have nothing to say.
    if turn.is_empty and turn.role != "tool":
        yield fault("empty", "nothing is said; remove the turn, or fill it")
    if turn.role == "tool" and not turn.tool_results:
        yield fault("tools", "a tool's turn that answers no call; give tool_call_id")
    if turn.role != "tool" and turn.role != "user" and turn.tool_results:
        yield fault("tools", "tool results belong into a tool's turn")
    if turn.tool_calls and turn.role != "assistant":
        yield fault("tools", "only the assistant calls tools")
    for call in turn.tool_calls:
        if call.is_malformed:
            yield fault("tools", f"the arguments of {call.name!r} are no JSON object")
    if turn.weight is not None and turn.role != "assistant":
        yield fault("weight", "a weight belongs to an assistant's turn")
    if turn.weight not in (None, 0, 1):
        yield fault("weight", f"a weight is 0 or 1, not {turn.weight}")
    if _is_broken(turn):
        yield fault("unicode", "half of a surrogate pair, which no provider accepts; replace it")


def _is_broken(turn: RactoTrainingMessage) -> bool:
    try:
        turn.content.encode()
    except UnicodeEncodeError:
        return True
    return False


def _order(turns: Sequence[RactoTrainingMessage]) -> Iterator[Fault]:
    spoken = [at for at, turn in enumerate(turns) if turn.role not in _SYSTEM]
    first = spoken[0] if spoken else None

    def advice(at: int, text: str) -> Fault:
        place = f"messages[{at}] ({turns[at].role})"
        return Fault(rule="order", text=text, place=place, message=at, is_error=False)

    for at, turn in enumerate(turns):
        if turn.role in _SYSTEM and first is not None and at > first:
            yield advice(at, "a system turn comes first, or models will not heed it")
        if at == first and turn.role != "user":
            yield advice(at, "the conversation does not begin with the user")
        if at and turn.role == turns[at - 1].role != "tool" and turn.role not in _SYSTEM:
            yield advice(at, "the same side speaks twice in a row; join the turns")


def _tools(example: RactoTrainingExample) -> Iterator[Fault]:
    """Every result answers a call, every call is answered, every tool called is declared."""
    # Conversations of words alone are the usual case.
    if all(isinstance(turn.body, str) for turn in example.messages):
        return
    declared = {str(tool.get("name", "")) for tool in example.tools}
    # Calls that no result has answered yet, by their ids.
    waiting: dict[str, str] = {}
    for at, turn in enumerate(example.messages):
        place = f"messages[{at}] ({turn.role})"
        for result in turn.tool_results:
            # Formats without ids answer in order.
            if result.tool_call_id and waiting.pop(result.tool_call_id, None) is None:
                text = f"the result {result.tool_call_id!r} answers no call before it"
                yield Fault(rule="tools", text=text, place=place, message=at)
        if waiting and not turn.tool_results:
            text = f"the call {min(waiting)!r} is not answered before it"
            yield Fault(rule="tools", text=text, place=place, message=at)
            waiting.clear()
        for call in turn.tool_calls:
            if call.id in waiting and call.id:
                text = f"two calls have the id {call.id!r}"
                yield Fault(rule="tools", text=text, place=place, message=at)
            if call.id:
                waiting[call.id] = call.name
            if call.name not in declared:
                text = f"calls {call.name!r}, which is not among the example's tools; declare it"
                yield Fault(rule="tools", text=text, place=place, message=at, is_error=False)
