"""Answers whose numbers are checked: found in the rows, following from them, or marked."""

from .checking import (
    MARK as MARK,
    CheckedAnswer as CheckedAnswer,
    CheckedNumber as CheckedNumber,
    check_answer as check_answer,
)
