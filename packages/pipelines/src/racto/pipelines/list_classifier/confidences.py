"""The probability of a label, from the log-probabilities of the tokens that spell it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from racto.core.logprobs import TokenLogprob

# Inside another text of the JSON the quotation marks would stand behind backslashes.
_SELECTED = re.compile(r'"selected"\s*:\s*\[?\s*"')
_END = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL)


def label_probability(tokens: Sequence[TokenLogprob]) -> float | None:
    """How likely the model was to write just this label, 0.0 to 1.0.

    The probabilities of the label's tokens are multiplied, up to the quotation mark that ends it:
    where one option begins like another, that mark decides. None when the label is not found.

    Args:
        tokens: The reply's tokens, in order.
    """
    text = "".join(token.token for token in tokens)
    found = _SELECTED.search(text)
    if found is not None:
        start = found.end()
        end = _END.match(text, start)
        stop = end.end() if end is not None else len(text)
    elif text.strip().startswith(("{", "[")):
        return None
    else:
        # A bare label, or a JSON text: all of the reply spells it.
        start, stop = 0, len(text)
    return _product(tokens, start, stop)


def _product(tokens: Sequence[TokenLogprob], start: int, stop: int) -> float | None:
    total, place, seen = 0.0, 0, False
    for token in tokens:
        after = place + len(token.token)
        # A token that spans the border belongs to the label: it could have begun another one.
        if after > start and place < stop:
            total += token.logprob
            seen = True
        place = after
    return min(1.0, math.exp(total)) if seen else None
