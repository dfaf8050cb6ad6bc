"""Speaks today's protocol and asks for more input in every round, without end."""

from typing import Any

from wire import SILENCE, Message, answer, arguments, serve, text, tool

MODERN = "2026-07-28"
WANTED = {"type": "object", "properties": {"name": {"type": "string"}}}


def discover(message: Message) -> dict[str, Any]:
    return {
        "resultType": "complete",
        "supportedVersions": [MODERN],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "rounds", "version": "1"},
        "ttlMs": 0,
        "cacheScope": "private",
    }


def again(message: Message) -> object:
    question = {"method": "elicitation/create", "params": {"message": "Once more?"}}
    question["params"]["requestedSchema"] = WANTED
    answer(
        message,
        {"resultType": "input_required", "inputRequests": {"q": question}, "requestState": "s"},
    )
    return SILENCE


def nothing_asked(message: Message) -> object:
    answer(message, {"resultType": "input_required"})
    return SILENCE


def complete(message: Message) -> dict[str, Any]:
    return {"resultType": "complete"} | text(str(arguments(message).get("word")))


def listing(message: Message) -> dict[str, Any]:
    shown = [tool(name) for name in ("again", "nothing_asked", "echo")]
    return {"resultType": "complete", "tools": shown, "ttlMs": 0, "cacheScope": "private"}


serve(
    {"again": again, "nothing_asked": nothing_asked, "echo": complete},
    methods={"server/discover": discover, "tools/list": listing},
)
