"""Lexer: text to parallel lists of tokens, by one master regular expression.

A token is an index into three lists. Its kind is the keyword in upper case, the operator itself, or one of NAME,
INTEGER, BASED, REAL, STRING, WSTRING, TYPED (``INT#``), DURATION, DATE, ADDRESS and END. Keywords are known without
regard to case. Comments (``(* nested *)``, ``/* */``, ``//``) are kept aside: they describe variables.
What is no token is reported and left out, so the parser never sees rubbish.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from emulators.errors import SourceSpan
from emulators.iec61131.findings import Findings
from emulators.iec61131.project import SourceText

__all__ = ["FOREIGN_OPERATORS", "KEYWORDS", "Tokens", "lex"]

KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
        PROGRAM END_PROGRAM FUNCTION END_FUNCTION FUNCTION_BLOCK END_FUNCTION_BLOCK TYPE END_TYPE STRUCT END_STRUCT
        CONFIGURATION END_CONFIGURATION END_RESOURCE
        VAR VAR_INPUT VAR_OUTPUT VAR_IN_OUT VAR_TEMP VAR_GLOBAL VAR_EXTERNAL VAR_CONFIG VAR_ACCESS END_VAR
        CONSTANT RETAIN NON_RETAIN AT ARRAY OF STRING WSTRING
        IF THEN ELSIF ELSE END_IF CASE END_CASE FOR TO BY DO END_FOR WHILE END_WHILE REPEAT UNTIL END_REPEAT
        EXIT CONTINUE RETURN AND OR XOR NOT MOD AND_THEN OR_ELSE TRUE FALSE
        """,
    )
)
"""Words that are never names. ``ON``, ``TASK``, ``WITH``, ``R_EDGE`` and the like are keywords at their place only."""

_BLANK = r"[ \t\r\n\f\v\xa0\ufeff]*+"
_MASTER = re.compile(
    _BLANK
    + r"""(?:
      (?P<NAME>[A-Za-z_][A-Za-z0-9_]*+(?![\#\w]))
    | (?P<COMMENT>//[^\n]*+ | \(\*(?>[^*(]+|\*(?!\))|\((?!\*))*+\*\) | /\*(?s:.*?)\*/)
    | (?P<OPEN>\(\*|/\*|\{)
    | (?P<FOREIGN>==|!=|&&|\|\||!)
    | (?P<OPERATOR>:=|=>|<=|>=|<>|\*\*|\.\.|[-+*/&=<>()\[\],;:.^])
    | (?P<REAL>[0-9][0-9_]*+(?:\.[0-9][0-9_]*+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)(?!\w))
    | (?P<BASED>[0-9][0-9_]*\#\w+)
    | (?P<INTEGER>[0-9][0-9_]*+(?!\w))
    | (?P<STRING>'(?>[^'$\r\n]+|\$[^\r\n])*+')
    | (?P<WSTRING>"(?>[^"$\r\n]+|\$[^\r\n])*+")
    | (?P<DURATION>(?i:L?T(?:IME)?)\#[+-]?\w+(?:\.\w+)*)
    | (?P<DATE>(?i:L?(?:DATE|D|TIME_OF_DAY|TOD|DATE_AND_TIME|DT))\#[0-9][0-9_]*(?:[-:][0-9][0-9_]*)*(?:\.[0-9][0-9_]*)?)
    | (?P<TYPED>[A-Za-z_][A-Za-z0-9_]*\#)
    | (?P<ADDRESS>%[A-Za-z]*(?:\*|[0-9.]*[0-9])?)
    | (?P<BAD_NUMBER>[0-9]\w*+)
    | (?P<BAD_NAME>\w+)
    | (?P<BAD_STRING>['"][^\r\n]*+)
    | (?P<END>\Z)
    | (?P<BAD>.)
    )""",
    re.VERBOSE,
)
_NESTING = re.compile(r"\(\*|\*\)")
_BRACES = re.compile(r"[{}]")
FOREIGN_OPERATORS = {"==": "=", "!=": "<>", "&&": "AND", "||": "OR", "!": "NOT"}


@dataclass(slots=True, eq=False)
class Tokens:
    """Tokens of one file; the last one is END. ``comments`` are ``(start, end)`` in order."""

    source: SourceText
    kinds: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    line_starts: list[int] = field(default_factory=list)
    foreign_names: set[str] = field(default_factory=set)  # reported, once each

    def line_column(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def description(self, offset: int) -> str:
        """Return the comment that describes the declaration at an offset: behind it on its line, or right above it."""
        text = self.source.text
        index = bisect_right(self.comments, (offset, offset))
        if index < len(self.comments):
            start, end = self.comments[index]
            between = text[offset:start]
            if "\n" not in between and between.count(";") == 1 and between.rstrip().endswith(";"):
                return _comment_text(text[start:end])
        line_start = text.rfind("\n", 0, offset) + 1
        if index == 0 or text[line_start:offset].strip():
            return ""
        start, end = self.comments[index - 1]
        own_line = text[text.rfind("\n", 0, start) + 1 : start]
        if text[end:line_start].strip() or text[end:line_start].count("\n") != 1 or own_line.strip():
            return ""
        return _comment_text(text[start:end])

    def line_of(self, offset: int) -> int:
        return bisect_right(self.line_starts, offset)

    def span(self, start: int, end: int) -> SourceSpan:
        """Return the span of the offsets ``start`` to ``end`` (exclusive)."""
        line, column = self.line_column(start)
        end_line, end_column = self.line_column(max(start, end))
        return SourceSpan(self.source.name, line, column, end_line, end_column)


def _end_of_pragma(text: str, start: int) -> int:
    """Return the offset behind a pragma: its braces balance; else behind the first ``}``; 0 if there is none."""
    depth = 0
    for mark in _BRACES.finditer(text, start):
        depth += 1 if mark[0] == "{" else -1
        if depth == 0:
            return mark.end()
    return text.find("}", start) + 1


def _comment_text(comment: str) -> str:
    body = comment[2:] if comment.startswith("//") else comment[2:-2]
    return " ".join(body.strip(" *\t\r\n").split())


def lex(source: SourceText, findings: Findings) -> Tokens:
    """Return the tokens of a text; reports what is none of the language."""
    text = source.text
    tokens = Tokens(source)
    tokens.line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
    kinds, texts, starts = tokens.kinds.append, tokens.texts.append, tokens.starts.append
    kind_of_word: dict[str, str] = {}
    match_at = _MASTER.match
    position = 0
    while True:
        match = match_at(text, position)
        assert match is not None  # the last alternatives take any character and the end
        kind = match.lastgroup
        assert kind is not None
        position = match.end()
        if kind == "NAME":
            word = match[kind]
            known = kind_of_word.get(word)
            if known is None:
                upper = word.upper()
                known = kind_of_word[word] = upper if upper in KEYWORDS else "NAME"
            kinds(known)
            texts(word)
            starts(match.start(kind))
        elif kind == "OPERATOR":
            operator = match[kind]
            kinds(operator)
            texts(operator)
            starts(position - len(operator))
        elif kind == "COMMENT":
            tokens.comments.append((match.start(kind), position))
        elif kind == "END":
            kinds(kind)
            texts("")
            starts(position)
            return tokens
        elif kind in _EXCEPTIONS:
            position = _take_exception(tokens, findings, kind, match)
        else:
            kinds(kind)
            texts(match[kind])
            starts(match.start(kind))


_EXCEPTIONS = frozenset({"OPEN", "FOREIGN", "BAD_NUMBER", "BAD_NAME", "BAD_STRING", "BAD"})


def _take_exception(tokens: Tokens, findings: Findings, kind: str, match: re.Match[str]) -> int:
    """Report or skip what is not a plain token; return the position after it."""
    word, start, end = match[kind], match.start(kind), match.end()
    span = tokens.span(start, end)
    if kind == "OPEN":
        return _skip_enclosed(tokens, findings, word, start)
    if kind == "FOREIGN":
        ours = FOREIGN_OPERATORS[word]
        findings.report("ST1006", span, f"'{word}' is not an operator of Structured Text", f"write '{ours}'")
        _append(tokens, ours, start, word)
    elif kind == "BAD_NUMBER":
        findings.report("ST1004", span, f"'{word}' is not a number", "names start with a letter or '_'")
        _append(tokens, "INTEGER", start, "0", is_wrong=True)
    elif kind == "BAD_NAME":
        if word not in tokens.foreign_names:
            tokens.foreign_names.add(word)
            message = f"name '{word}' has a letter outside A-Z"
            findings.report("ST1005", span, message, "use letters A-Z, digits and underscores")
        _append(tokens, "NAME", start, word)
    elif kind == "BAD_STRING":
        findings.report("ST1003", span, "string is not closed on its line", f"add {word[0]} at its end")
        _append(tokens, "STRING" if word[0] == "'" else "WSTRING", start, word[0] * 2, is_wrong=True)
    else:
        run = re.compile(r"[^\w\s'\"(){}\[\];:.,+\-*/<>=&^%#]*").match(tokens.source.text, end)
        stop = run.end() if run else end
        rubbish = tokens.source.text[start:stop]
        shown = rubbish if rubbish.isprintable() and len(rubbish) <= 20 else f"U+{ord(rubbish[0]):04X}"
        findings.report("ST1001", tokens.span(start, stop), f"character '{shown}' is not part of the language")
        _append(tokens, "BAD", start, rubbish, is_wrong=True)
        return max(end, stop)
    return end


def _append(tokens: Tokens, kind: str, start: int, text: str = "", *, is_wrong: bool = False) -> None:
    """Add a stand-in token so that one lexical mistake is one message; wrong literals become kind WRONG."""
    tokens.kinds.append("WRONG" if is_wrong else kind)
    tokens.texts.append(text or kind)
    tokens.starts.append(start)


def _skip_enclosed(tokens: Tokens, findings: Findings, opener: str, start: int) -> int:
    """Skip a nested comment or a pragma; one that is never closed hides the rest of the file."""
    text = tokens.source.text
    if opener == "(*":
        depth = 0
        for mark in _NESTING.finditer(text, start):
            depth += 1 if mark[0] == "(*" else -1
            if depth == 0:
                tokens.comments.append((start, mark.end()))
                return mark.end()
    elif opener == "{":
        end = _end_of_pragma(text, start)
        if end > 0:
            return end
    closer = {"(*": "*)", "/*": "*/", "{": "}"}[opener]
    what = "pragma" if opener == "{" else "comment"
    findings.report("ST1002", tokens.span(start, start + len(opener)), f"{what} is never closed", f"add '{closer}'")
    return len(text)
