"""The system text: the caller's, else the kit's, with the wish to reason step by step."""

from __future__ import annotations

from racto.core import ChatConfig, RactoPrompt
from racto.providers.kits import systems

PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")


def test_the_default_prompt_stands_in_for_a_missing_one() -> None:
    bare = ChatConfig(user_message="x")
    assert systems.effective_prompt(bare, PROMPT).prompt is PROMPT
    assert systems.effective_prompt(bare, None) is bare


def test_the_callers_own_words_win() -> None:
    plain = ChatConfig(user_message="x", system="Be brief.")
    assert systems.effective_prompt(plain, PROMPT) is plain
    assert systems.system_text(plain) == "Be brief."
    own = ChatConfig(user_message="x", prompt=PROMPT)
    assert systems.effective_prompt(own, PROMPT.model_copy(update={"role": "z"})) is own
    assert systems.system_text(own) == PROMPT.compile()


def test_chain_of_thought_is_asked_for() -> None:
    config = ChatConfig(user_message="x", chain_of_thought=True)
    assert systems.system_text(config) == systems.STEP_BY_STEP
    both = ChatConfig(user_message="x", system="Be brief.", chain_of_thought=True)
    assert systems.system_text(both).startswith("Be brief.\n\n")
