"""The system text of a request: the prompt in force, and the wish for step-by-step reasoning."""

from __future__ import annotations

from racto.core.chat import ChatConfig
from racto.core.prompts import RactoPrompt

STEP_BY_STEP = (
    "Work through the task step by step before you settle on an answer, check each step, and "
    "then give the answer in the form that was asked for."
)


def effective_prompt(config: ChatConfig, default: RactoPrompt | None) -> ChatConfig:
    """The config with the kit's default prompt filled in where the caller gave no system text."""
    if default is None or config.prompt is not None or config.system is not None:
        return config
    return config.model_copy(update={"prompt": default})


def system_text(config: ChatConfig) -> str:
    """The system text to send; empty for none."""
    text = config.prompt.compile() if config.prompt is not None else config.system or ""
    if not config.chain_of_thought:
        return text
    return f"{text}\n\n{STEP_BY_STEP}" if text else STEP_BY_STEP
