"""Every word of the text accounted for: a call that is allowed, a name in the tree, or grammar."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from .dialects import DialectRules
from .refusals import refuse
from .words import BARE, BEFORE_PARENTHESES, TYPES

# A call behind a dot: the schema of the built-in functions, or a prefix of GoogleSQL.
_PREFIXES = {
    "postgresql": frozenset({"pg_catalog"}),
    "bigquery": frozenset({"safe", "net", "hll_count"}),
}
# There a dot also applies a method to a value: `column.value('...')`, `list.filter(...)`.
_METHODS = frozenset({"tsql", "duckdb"})
# `name => value` and `name := value` name an argument.
_NAMING = frozenset({TokenType.FARROW, TokenType.COLON_EQ})
_OPENINGS = frozenset(
    {TokenType.L_PAREN, TokenType.COMMA, TokenType.FROM, TokenType.JOIN, TokenType.SELECT}
)
_QUOTED = frozenset({TokenType.IDENTIFIER, TokenType.STRING, TokenType.NATIONAL_STRING})


class Names:
    """What the tree holds by name, gathered while it is inspected.

    Attributes:
        starts: Offsets of the names that the parser placed.
        texts: Names that it did not place, in lower case.
        lists: Names that a list of columns may follow: of CTEs and of table aliases.
        selects: How many SELECT clauses there are.
        ctes: The CTEs.
    """

    __slots__ = ("ctes", "lists", "selects", "starts", "texts")

    def __init__(self) -> None:
        self.starts: set[int] = set()
        self.texts: set[str] = set()
        self.lists: set[str] = set()
        self.selects = 0
        self.ctes: list[exp.Expr] = []


class WordCheck:
    """Holds the words of a statement against its tree and against the functions allowed.

    The parser forgets what it does not need, such as a fourth argument of a function that takes
    three. The database would read it. So whatever is in the text must be in the tree as well.

    Args:
        rules: The database's part of the rules.
        functions: Functions that the user allows beside them, in lower case, maybe with a schema.
    """

    def __init__(self, rules: DialectRules, *, functions: frozenset[str] = frozenset()) -> None:
        self._rules = rules
        self._functions = rules.functions | functions
        self._extra = functions
        self._prefixes = _PREFIXES.get(rules.name, frozenset())
        self._methods = rules.name in _METHODS
        self._reserved = rules.reserved

    def check(self, sql: str, tokens: list[Token], names: Names) -> frozenset[str]:
        """The names of the functions that are called.

        Args:
            sql: The statement.
            tokens: Its tokens.
            names: The names in its tree.

        Raises:
            ReadOnlyViolationError: A call is not allowed, or a word is not in the tree.
        """
        called: set[str] = set()
        selects = 0
        last = len(tokens) - 1
        for index, token in enumerate(tokens):
            kind = token.token_type
            if kind is TokenType.SELECT:
                selects += 1
            if index < last and tokens[index + 1].token_type is TokenType.L_PAREN:
                if token.text[:1].isalpha() or token.text[:1] == "_":
                    self._check_call(sql, tokens, index, names, called)
            elif kind is TokenType.VAR or kind is TokenType.IDENTIFIER:
                follower = tokens[index + 1].token_type if index < last else None
                self._check_name(sql, token, names, follower)
            elif kind is TokenType.DOT:
                self._check_dot(sql, tokens, index)
            if kind not in _QUOTED and token.text.lower() in self._reserved:
                self._check_reserved(sql, tokens, index)
        # A subquery in an argument that the parser dropped would still run in the database.
        if selects > names.selects:
            why = "a SELECT stands where the parser expects none"
            refuse(sql, rule="syntax", part=sql, why=why)
        return frozenset(called)

    def _check_dot(self, sql: str, tokens: list[Token], index: int) -> None:
        """A dot stands behind a name, or before the digits of a number."""
        number = index + 1 < len(tokens) and tokens[index + 1].token_type is TokenType.NUMBER
        if tokens[index - 1].token_type in _OPENINGS and not number:
            why = "a name does not begin with a dot"
            refuse(sql, rule="syntax", part=".", why=why, offset=tokens[index].start)

    def _check_call(
        self, sql: str, tokens: list[Token], index: int, names: Names, called: set[str]
    ) -> None:
        """A word before a parenthesis: a function allowed, grammar, a type, or a list of columns."""
        token = tokens[index]
        name = token.text.lower()
        quoted = token.token_type is TokenType.IDENTIFIER
        # Behind a dot a name means something else than alone: a schema decides which function it is.
        if index and tokens[index - 1].token_type is TokenType.DOT:
            self._check_qualified(sql, tokens, index, called)
            return
        if name in self._functions:
            called.add(name)
            return
        if not quoted and (name.split()[-1] in BEFORE_PARENTHESES or name in TYPES):
            return
        # WITH t(a, b) and AS t(a, b) look like calls as well.
        if name in names.lists:
            return
        why = "the function is not one that only computes; allowed_functions can name it"
        refuse(sql, rule="function", part=token.text, why=why, offset=token.start)

    def _check_qualified(self, sql: str, tokens: list[Token], index: int, called: set[str]) -> None:
        """A call behind a dot: of a schema that is allowed, or a method of a value."""
        name = tokens[index].text.lower()
        prefix = tokens[index - 2].text.lower() if index > 1 else ""
        if f"{prefix}.{name}" in self._extra:
            called.add(f"{prefix}.{name}")
            return
        known = name in self._functions
        if known and (prefix in self._prefixes or self._methods):
            called.add(name)
            return
        why = "a function of a schema of yours is not known; allowed_functions can name it"
        part = sql[tokens[max(index - 2, 0)].start : tokens[index].end + 1]
        refuse(sql, rule="function", part=part, why=why, offset=tokens[index].start)

    def _check_name(self, sql: str, token: Token, names: Names, follower: TokenType | None) -> None:
        """A word that is not followed by a parenthesis: a name in the tree, or grammar."""
        # The parser notes where a name stood, so a namesake elsewhere does not excuse this one.
        if token.start in names.starts:
            return
        text = token.text.lower()
        if text in names.texts:
            return
        if token.token_type is TokenType.VAR and (text in BARE or follower in _NAMING):
            return
        if follower is TokenType.DOT and text in self._prefixes:
            return
        why = "the word has no place in a statement as the parser reads it"
        refuse(sql, rule="syntax", part=token.text, why=why, offset=token.start)

    def _check_reserved(self, sql: str, tokens: list[Token], index: int) -> None:
        """A word that begins or ends a statement, unless it is the name of something."""
        # `t.into` and `AS into` are names, wherever the database lets them be.
        if index and tokens[index - 1].token_type in (TokenType.DOT, TokenType.ALIAS):
            return
        token = tokens[index]
        why = "the word belongs to a statement that does more than read"
        refuse(sql, rule="keyword", part=token.text, why=why, offset=token.start)
