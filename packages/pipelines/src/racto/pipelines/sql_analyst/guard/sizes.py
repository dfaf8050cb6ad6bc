"""Statements that are short and grow without end: huge literal sizes, and endless recursion."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from .refusals import refuse
from .words import listed

_LARGEST = 10_000_000
_ROWS_TOGETHER = 1_000_000_000
_LENGTHS = listed("""
    repeat replicate space lpad rpad leftpad rightpad zeroblob randomblob randstr random_bytes
    gen_random_bytes generator array_fill list_resize array_resize repeat_row
    """)
_SERIES = listed("generate_series range generate_array array_generate_range")
_GROWTH = frozenset(
    {TokenType.STAR, TokenType.DSTAR, TokenType.CARET, TokenType.LT, TokenType.PLUS}
)


class SizeCheck:
    """Refuses literal sizes that would fill memory, and recursion that nothing ends."""

    def check(self, sql: str, tokens: list[Token], ctes: list[exp.Expr]) -> None:
        """Hold a statement against the caps.

        Args:
            sql: The statement.
            tokens: Its tokens.
            ctes: Its CTEs, at any depth.

        Raises:
            ReadOnlyViolationError: A size is beyond the caps, or a CTE never ends.
        """
        # Series multiply when they are joined, and one line can join several.
        rows = 1.0
        for index, token in enumerate(tokens[:-1]):
            if tokens[index + 1].token_type is not TokenType.L_PAREN:
                continue
            name = token.text.lower()
            if name in _LENGTHS:
                largest = max((abs(n) for n in _numbers(tokens, index + 1)), default=0.0)
                self._cap(sql, token, largest)
            elif name in _SERIES:
                count = _series(_arguments(tokens, index + 1))
                self._cap(sql, token, count)
                rows *= max(count, 1.0)
                if rows > _ROWS_TOGETHER:
                    self._cap(sql, token, rows)
        self._check_formats(sql, tokens)
        for cte in ctes:
            self._check_recursion(sql, cte)

    def _cap(self, sql: str, token: Token, size: float) -> None:
        """Refuse a size beyond the cap."""
        if size > _LARGEST:
            why = f"sizes written into a statement end at {_LARGEST:,}"
            refuse(sql, rule="size", part=token.text, why=why, offset=token.start)

    def _check_formats(self, sql: str, tokens: list[Token]) -> None:
        """``printf('%1000000000s')`` makes text as large as it says."""
        for index, token in enumerate(tokens):
            if token.token_type is not TokenType.STRING or "%" not in token.text:
                continue
            called = index > 1 and tokens[index - 2].text.lower() in ("printf", "format")
            digits = "".join(c if c.isdigit() else " " for c in token.text).split()
            if called and any(len(number) > 6 for number in digits):
                self._cap(sql, token, float("inf"))

    def _check_recursion(self, sql: str, cte: exp.Expr) -> None:
        """A recursive branch that reads only itself, under no condition, never ends."""
        body = cte.this
        if not isinstance(body, exp.SetOperation) or body.args.get("limit"):
            return
        branch = body.expression
        name = cte.alias.lower()
        query = cte.parent.parent if cte.parent is not None else None
        if not isinstance(branch, exp.Select) or (query is not None and query.args.get("limit")):
            return
        from_ = branch.args.get("from_")
        read = from_.this.name.lower() if isinstance(from_, exp.From) else ""
        if read != name or branch.args.get("joins"):
            return
        # WHERE 1 = 1 is no end either: the condition has to look at a column.
        where = branch.args.get("where")
        ended = where is not None and next(where.find_all(exp.Column), None) is not None
        if not ended and not branch.args.get("limit") and not branch.args.get("having"):
            why = "the recursion has no condition that ends it"
            refuse(sql, rule="recursion", part=cte.alias, why=why)


def _numbers(tokens: list[Token], opening: int) -> list[float]:
    """The numbers inside a call, those that multiply or add up taken together."""
    found: list[float] = []
    for index in range(opening + 1, _closing(tokens, opening)):
        token = tokens[index]
        if token.token_type is not TokenType.NUMBER:
            continue
        number = _number(token.text)
        grows = tokens[index - 1].token_type in _GROWTH and tokens[index - 2].text[:1].isdigit()
        found.append(found.pop() * number if grows and found else number)
    return found


def _arguments(tokens: list[Token], opening: int) -> list[float | None]:
    """The arguments of a call that are numbers; None stands for any other."""
    arguments: list[float | None] = []
    depth = 0
    part: list[Token] = []
    for token in tokens[opening + 1 : _closing(tokens, opening) + 1]:
        kind = token.token_type
        last = depth == 0 and kind in (TokenType.COMMA, TokenType.R_PAREN)
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN and depth > 0)
        if not last:
            part.append(token)
            continue
        text = "".join(piece.text for piece in part)
        arguments.append(_number(text) if text.lstrip("-")[:1].isdigit() else None)
        part = []
    return arguments


def _series(arguments: list[float | None]) -> float:
    """How many numbers a series has, where its ends are written out."""
    if not arguments or any(argument is None for argument in arguments[:2]):
        return 0.0
    numbers = [argument or 0.0 for argument in arguments]
    start, stop = (0.0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) > 2 and arguments[2] else 1.0
    return abs((stop - start) / step)


def _number(text: str) -> float:
    """A number as it is written; 0 for what is none."""
    try:
        return float(text.replace("_", ""))
    except ValueError:
        return 0.0


def _closing(tokens: list[Token], opening: int) -> int:
    """The index of the parenthesis that closes the one at an index."""
    depth = 0
    for index in range(opening, len(tokens)):
        kind = tokens[index].token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if depth == 0:
            return index
    return len(tokens) - 1
