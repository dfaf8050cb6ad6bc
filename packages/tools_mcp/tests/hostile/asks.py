"""Asks the client for things in the middle of a call, and tells what it got; also asks nonsense."""

import itertools
import json
from typing import Any

from wire import SILENCE, Message, answer, arguments, messages, notify, send, serve, text, write

numbers = itertools.count(1)
WANTED = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
MESSAGES = [{"role": "user", "content": {"type": "text", "text": "Hello"}}]
QUESTIONS: dict[str, tuple[str, Any]] = {
    "elicit": ("elicitation/create", {"message": "Who?", "requestedSchema": WANTED}),
    "sample": ("sampling/createMessage", {"messages": MESSAGES, "maxTokens": 9}),
    "roots": ("roots/list", None),
    "no_method": ("attack/now", {}),
    "no_params": ("elicitation/create", None),
    "wrong_params": ("elicitation/create", {"message": 7, "requestedSchema": "all"}),
    "wrong_sample": ("sampling/createMessage", {"messages": "Hello", "maxTokens": -1}),
    "wrong_url": ("elicitation/create", {"mode": "url", "message": "Go", "url": "javascript:x"}),
}


def ask(message: Message) -> object:
    method, params = QUESTIONS[message["params"]["name"]]
    number = f"q{next(numbers)}"
    send(
        {"jsonrpc": "2.0", "id": number, "method": method} | ({"params": params} if params else {})
    )
    for reply in messages():
        if reply.get("id") == number and "method" not in reply:
            return text(json.dumps({k: reply[k] for k in ("result", "error") if k in reply}))
        if reply.get("method") == "ping":
            answer(reply, {})
    return SILENCE


def tell(message: Message) -> str:
    for count in range(int(arguments(message).get("times", 1))):
        notify("notifications/message", {"level": "info", "logger": "asks", "data": {"n": count}})
    return "told"


def tell_nonsense(message: Message) -> str:
    notify("notifications/message", {"level": "shouting", "data": 1})
    notify("notifications/message", {})
    notify("notifications/nothing", {"x": 1})
    notify("notifications/resources/updated", {})
    return "told"


def change(message: Message) -> str:
    notify("notifications/tools/list_changed", {})
    notify("notifications/resources/updated", {"uri": "memo://one"})
    return "changed"


def progress(message: Message) -> str:
    token = message["params"].get("_meta", {}).get("progressToken")
    for step in (1, 2, 1, -5, 1e308, "three", None):
        notify("notifications/progress", {"progressToken": token, "progress": step, "total": 2})
    notify("notifications/progress", {"progressToken": "unknown", "progress": 1})
    notify("notifications/progress", {"progress": 1})
    return "stepped"


def steps(message: Message) -> object:
    # All in one piece, so that the answer is there as soon as the steps are.
    token = message["params"]["_meta"]["progressToken"]
    method = "notifications/progress"
    lines: list[Message] = [
        {"jsonrpc": "2.0", "method": method, "params": {"progressToken": token, "progress": step}}
        for step in range(1, 21)
    ]
    lines.append({"jsonrpc": "2.0", "id": message["id"], "result": text("stepped")})
    write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    return SILENCE


calls = dict.fromkeys(QUESTIONS, ask)
serve(
    calls
    | {"tell": tell, "tell_nonsense": tell_nonsense, "change": change}
    | {"progress": progress, "steps": steps}
)
