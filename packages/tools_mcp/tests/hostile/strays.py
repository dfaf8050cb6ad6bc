"""Answers requests that nobody made, answers twice, or with both a result and an error."""

from wire import SILENCE, Message, answer, refuse, send, serve, text


def unasked(message: Message) -> object:
    for stray in (999_999, "never asked", "", -1, None, 1.5, True):
        send({"jsonrpc": "2.0", "id": stray, "result": text("stray")})
    send({"jsonrpc": "2.0", "result": text("no id")})
    return text("asked")


def twice(message: Message) -> object:
    answer(message, text("first"))
    answer(message, text("second"))
    refuse(message, {"code": -32000, "message": "third"})
    return SILENCE


def both(message: Message) -> object:
    outcome = {"result": text("good"), "error": {"code": -32000, "message": "bad"}}
    send({"jsonrpc": "2.0", "id": message["id"]} | outcome)
    return SILENCE


def neither(message: Message) -> object:
    send({"jsonrpc": "2.0", "id": message["id"]})
    return SILENCE


def spelled(message: Message) -> object:
    send({"jsonrpc": "2.0", "id": str(message["id"]), "result": text("id as a string")})
    return SILENCE


def early(message: Message) -> object:
    # The next request's answer, before it is made.
    send({"jsonrpc": "2.0", "id": message["id"] + 1, "result": text("forged")})
    return text("now")


calls = {"unasked": unasked, "twice": twice, "both": both, "neither": neither}
serve(calls | {"spelled": spelled, "early": early, "echo": lambda message: "echo"})
