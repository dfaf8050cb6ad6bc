"""The statement as tokens, each spelled so that the server can only read it as the guard did."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from .dialects import DialectRules
from .refusals import refuse

_PLAIN = re.compile(r"[\t\n\r -~]*")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SPACE = " \t\n\r"
_WORD = re.compile(r"[\w$@#]+")
_STRINGS = frozenset(
    {
        TokenType.STRING,
        TokenType.NATIONAL_STRING,
        TokenType.NATIONAL_RAW_STRING,
        TokenType.RAW_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.UNICODE_STRING,
        TokenType.BYTE_STRING,
        TokenType.HEX_STRING,
        TokenType.BIT_STRING,
    }
)
_FIRST = frozenset(
    {
        TokenType.SELECT,
        TokenType.WITH,
        TokenType.L_PAREN,
        TokenType.VALUES,
        TokenType.FROM,
        TokenType.TABLE,
        TokenType.PIVOT,
        TokenType.UNPIVOT,
    }
)
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_HINTED_SETTING = re.compile(r"\b(?:set_var|set|resource_group|rows)\s*\(", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How large a statement may be before it is refused unread.

    Args:
        characters: Its length.
        tokens: Its words and signs.
        depth: Parentheses, brackets and CASE inside one another.
        run: Equal words or signs one after another, such as ``- - -`` or ``NOT NOT``.
    """

    characters: int = 200_000
    tokens: int = 20_000
    depth: int = 48
    run: int = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Lexed:
    """A statement cut into tokens.

    Args:
        tokens: Its tokens, without hints and the semicolons at its end.
        text: The text to send: these tokens, with white space where comments stood.
    """

    tokens: list[Token]
    text: str


class Lexer:
    """Cuts a statement into tokens and refuses what two lexers might read differently.

    Args:
        rules: The database's part of the rules.
        limits: How large a statement may be.
    """

    def __init__(self, rules: DialectRules, *, limits: Limits) -> None:
        self._rules = rules
        self._limits = limits
        self._dialect = Dialect.get_or_raise(rules.parser)

    def lex(self, sql: str) -> Lexed:
        """The tokens of a statement and the text that consists of them.

        Raises:
            ReadOnlyViolationError: It is too large, is more than one statement, begins as no
                reading statement does, or holds characters, comments or quotes that a server may
                read otherwise.
        """
        if len(sql) > self._limits.characters:
            why = f"a statement may have {self._limits.characters} characters"
            refuse(sql, rule="size", part=sql, why=why)
        # Most statements are plain ASCII, which one look tells; only others are searched.
        plain = _PLAIN.fullmatch(sql) is not None
        if not plain and (found := _FORBIDDEN.search(sql)):
            why = "control characters have no place in a statement"
            refuse(sql, rule="character", part=found[0], why=why, offset=found.start())
        try:
            tokens = self._dialect.tokenize(sql)
        except SqlglotError:
            why = "its quotes or comments do not close"
            refuse(sql, rule="syntax", part=sql, why=why)
        tokens = self._single(sql, tokens)
        self._measure(sql, tokens)
        if not plain:
            self._check_letters(sql, tokens)
        return Lexed(tokens=tokens, text=self._splice(sql, tokens))

    def _single(self, sql: str, tokens: list[Token]) -> list[Token]:
        """The tokens of the one statement."""
        while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
            tokens = tokens[:-1]
        if not tokens:
            refuse(sql, rule="statement", part=sql, why="there is no statement in it")
        first = tokens[0]
        if first.token_type not in _FIRST:
            why = "a statement begins with SELECT, WITH or VALUES; all others are refused"
            refuse(sql, rule="statement", part=first.text, why=why, offset=first.start)
        for token in tokens:
            if token.token_type is TokenType.SEMICOLON:
                why = "only one statement may run"
                refuse(sql, rule="statements", part=";", why=why, offset=token.start)
        return tokens

    def _measure(self, sql: str, tokens: list[Token]) -> None:
        """Refuse what would exhaust the parser's stack: it recurses, and it may be compiled."""
        limits = self._limits
        if len(tokens) > limits.tokens:
            why = f"a statement may have {limits.tokens} words and signs"
            refuse(sql, rule="size", part=sql, why=why)
        # END may be a column's name, so it closes a CASE and no parenthesis.
        depth = cases = run = chain = 0
        last: TokenType | None = None
        for token in tokens:
            kind = token.token_type
            if kind in _OPENING:
                depth += 1
            elif kind in _CLOSING:
                depth -= 1
            elif kind is TokenType.CASE:
                cases += 1
            elif kind is TokenType.END and cases:
                cases -= 1
            if kind is TokenType.L_BRACKET:
                # The parser types each subscript anew with all before it: a[1][1][1]...
                chain = chain + 1 if last is TokenType.R_BRACKET else 0
            if kind is TokenType.SELECT and last is TokenType.COMMA:
                why = "a SELECT inside another stands in parentheses"
                refuse(sql, rule="syntax", part=token.text, why=why, offset=token.start)
            run = run + 1 if kind is last and kind is not TokenType.R_PAREN else 0
            last = kind
            if depth + cases > limits.depth or max(run, chain) > limits.run:
                why = f"parts may stand in one another {limits.depth} deep"
                refuse(sql, rule="depth", part=token.text, why=why, offset=token.start)

    def _check_letters(self, sql: str, tokens: list[Token]) -> None:
        """Outside strings: letters, digits and marks; no space or joiner that nobody sees."""
        for token in tokens:
            if token.token_type in _STRINGS:
                continue
            raw = sql[token.start : token.end + 1]
            if raw.isascii():
                continue
            quoted = token.token_type is TokenType.IDENTIFIER
            visible = raw.isprintable() if quoted else _WORD.fullmatch(raw) is not None
            if not visible:
                why = "characters that look like a space, or like nothing, have no place in names"
                refuse(sql, rule="character", part=raw, why=why, offset=token.start)

    def _splice(self, sql: str, tokens: list[Token]) -> str:
        """The tokens as they are written, comments dropped and doubtful strings respelled."""
        pieces: list[str] = []
        end = -1
        pending = False
        last: Token | None = None
        # Between two tokens stands nothing but white space and comments, or the lexers disagree.
        for token in list(tokens):
            gap = sql[end + 1 : token.start]
            if gap.strip(_SPACE):
                self._check_gap(sql, gap, end + 1)
                gap = "\n" if "\n" in gap else " "
            end = token.end
            if token.token_type is TokenType.HINT:
                self._check_hint(sql, token)
                tokens.remove(token)
                pending = True
                continue
            raw = sql[token.start : end + 1]
            if token.token_type in _STRINGS or token.token_type is TokenType.IDENTIFIER:
                if last is not None and not gap:
                    self._check_adjoining(sql, last, token)
                raw = self._spelled(raw, token)
            if last is not None:
                # White space is kept as it was written: PostgreSQL joins strings across a line break.
                pieces.append(gap or (" " if pending else ""))
            pieces.append(raw)
            pending = False
            last = token
        self._check_gap(sql, sql[end + 1 :].replace(";", " "), end + 1)
        return "".join(pieces)

    def _check_gap(self, sql: str, gap: str, start: int) -> None:
        """A gap holds white space and whole comments, and no comment that a server runs."""
        place = 0
        while place < len(gap):
            if gap[place] in _SPACE:
                place += 1
                continue
            length = self._comment_length(gap, place)
            body = gap[place : place + max(length, 3)]
            why = ""
            if length <= 0:
                why = "only comments and spaces may stand between words"
                refuse(sql, rule="character", part=body, why=why, offset=start + place)
            if self._rules.name == "mysql" and body.startswith(("/*!", "/*M!")):
                why = "the server runs what stands in this comment"
            elif body.startswith("/*+") and _HINTED_SETTING.search(body):
                why = "hints that change settings are refused"
            if why:
                refuse(sql, rule="comment", part=body, why=why, offset=start + place)
            place += length

    def _comment_length(self, gap: str, place: int) -> int:
        """How long the comment is that begins here; 0 when none does."""
        rules = self._rules
        line = ["--", *("#",) * rules.hash_comments, *("//",) * rules.slash_comments]
        if gap.startswith(tuple(line), place):
            end = gap.find("\n", place)
            return (len(gap) if end < 0 else end) - place
        if not gap.startswith("/*", place):
            return 0
        depth = 0
        for sign in re.finditer(r"/\*|\*/", gap[place:]):
            if sign[0] == "*/":
                depth -= 1
            elif rules.nested_comments or depth == 0:
                depth += 1
            if depth == 0:
                return sign.end()
        return 0

    def _check_hint(self, sql: str, token: Token) -> None:
        """Optimizer hints are dropped; those that would change a setting are refused."""
        if _HINTED_SETTING.search(token.text):
            why = "hints that change settings are refused"
            refuse(sql, rule="hint", part=token.text, why=why, offset=token.start)

    def _check_adjoining(self, sql: str, last: Token, token: Token) -> None:
        """A quote right behind a word: in PostgreSQL ``a$$`` is a name, in others a prefix."""
        raw = sql[token.start : token.end + 1]
        before = sql[last.end]
        heredoc = token.token_type is TokenType.HEREDOC_STRING
        # U&"..." is one name to PostgreSQL, and three tokens to the parser.
        unicode_name = before == "&" and raw[0] == '"'
        prefix = last.token_type in (TokenType.VAR, TokenType.NUMBER)
        quoted = (
            before in "'\"`]" and raw[0] in "'\"`[" and last.token_type is not TokenType.R_BRACKET
        )
        if unicode_name or prefix or quoted or (heredoc and (before.isalnum() or before in "_$")):
            why = "a quote stands directly behind a word or another quote; put a space between"
            refuse(
                sql, rule="quote", part=sql[last.start : token.end + 1], why=why, offset=last.start
            )

    def _spelled(self, raw: str, token: Token) -> str:
        """A string in the spelling whose end does not depend on the server's settings."""
        if token.token_type is not TokenType.STRING:
            return raw
        # Under ANSI_QUOTES, text in double quotes is a name; in single quotes it is always text.
        if self._rules.name == "mysql" and (raw[0] == '"' or "\\" in raw):
            return _mysql_string(raw)
        # With standard_conforming_strings off, a backslash before the quote would escape it.
        if self._rules.name == "postgresql" and "\\'" in raw:
            return "E'" + raw[1:-1].replace("\\", "\\\\") + "'"
        return raw


def _mysql_string(raw: str) -> str:
    """In single quotes, quotes doubled: the same end with or without ANSI_QUOTES and backslashes."""
    quote, body = raw[0], raw[1:-1]

    def spell(found: re.Match[str]) -> str:
        text = found[0]
        if text[0] == "\\":
            return {"'": "''", '"': '"'}.get(text[1], text)
        if text == quote * 2:
            return "''" if quote == "'" else '"'
        return text.replace("'", "''")

    return "'" + re.sub(r"""\\.|""|''|'""", spell, body, flags=re.DOTALL) + "'"
