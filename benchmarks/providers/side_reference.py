"""The reference package's kit, which makes an SDK client for every call."""

from __future__ import annotations

from collections.abc import Callable

from server import conversation, started


def chat(messages: int) -> Callable[[], int]:
    """One call of a conversation."""
    from ractogateway import RactoPrompt, openai_developer_kit as gpt
    from ractogateway._models.chat import ChatConfig, Message, MessageRole

    # It makes no call without a prompt.
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")
    kit = gpt.Chat(model="m", api_key="k", base_url=started(), default_prompt=prompt)
    *turns, last = conversation(messages)
    history = [Message(role=MessageRole(turn["role"]), content=turn["content"]) for turn in turns]
    config = ChatConfig(user_message=last["content"], history=history)

    def once() -> int:
        kit.chat(config)
        return 1

    return once
