"""Has a tool that never returns, and one that answers after it was cancelled."""

import json

from wire import SILENCE, Message, answer, serve, text

cancelled: list[object] = []
late: dict[object, Message] = {}


def hang(message: Message) -> object:
    return SILENCE


def answer_late(message: Message) -> object:
    late[message["id"]] = message
    return SILENCE


def cancel(message: Message) -> object:
    wanted = message["params"]["requestId"]
    cancelled.append(wanted)
    if wanted in late:
        answer(late[wanted], text("too late"))
    return SILENCE


serve(
    {"hang": hang, "late": answer_late, "cancelled": lambda message: json.dumps(cancelled)},
    methods={"notifications/cancelled": cancel},
)
