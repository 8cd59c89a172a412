"""How the refusal of one node of a user's source travels to the list of findings; the codes are in rules.py."""

from __future__ import annotations

import ast

__all__ = ["RefusalError"]


class RefusalError(Exception):
    """One node of the user's source was refused; without a code when its cause is reported elsewhere."""

    def __init__(self, node: ast.AST, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.code = code
        self.message = message
        self.hint = hint

    @property
    def is_silent(self) -> bool:
        return not self.code
