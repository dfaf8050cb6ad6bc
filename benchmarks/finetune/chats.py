"""Small chats, as most training data is: an instruction, a question, an answer of a few lines."""

from __future__ import annotations

SYSTEM = "You are a tutor. Answer in one or two sentences, and name a source."


def pairs(count: int) -> list[tuple[str, str]]:
    """Questions and answers of about 400 characters together, some of them beyond ASCII."""
    return [
        (
            f"Question {number}: how does the {number % 97}th example differ from the one before, "
            f"and why does it matter for a model of this size{'?' if number % 3 else ' – naïvely?'}",
            f"It differs in number {number}. Examples that repeat each other teach little, so each "
            "one should add a case, a tone or an exception. See the guide on training data, "
            f"section {number % 11}, which says how many are enough.",
        )
        for number in range(count)
    ]
