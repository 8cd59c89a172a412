"""The catalogue of what the component compiler refuses, and how a refusal travels to the list of findings."""

from __future__ import annotations

import ast
from types import MappingProxyType

__all__ = ["CODES", "RefusalError"]

CODES = MappingProxyType(
    {
        "PC1001": "statement that the subset does not have",
        "PC1002": "expression that the subset does not have",
        "PC1003": "power operator: x**2 and x*x differ in the last bit",
        "PC1004": "name or function that native code cannot know",
        "PC1005": "types that do not fit: a member or variable is float, int or bool for good",
        "PC1006": "condition that is not bool",
        "PC1007": "variable that may have no value here",
        "PC1008": "output or derivative that is not set on every path",
        "PC1009": "member that may not be read or written in this method",
        "PC1010": "member that the class does not declare",
        "PC1011": "loop whose end cannot be seen",
        "PC1012": "helper function or method without full annotations, or recursive",
        "PC1013": "integer constant that 64 bits do not hold",
        "PC1014": "source text that cannot be read",
        "PC1015": "declaration that contradicts itself",
        "PC1016": "continuous state where none can be",
    }
)
"""Diagnostic code to what it is about, in one line."""


class RefusalError(Exception):
    """One node of the user's source was refused; ``silent`` when its cause has been reported already."""

    def __init__(self, node: ast.AST, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.code = code
        self.message = message
        self.hint = hint

    @property
    def is_silent(self) -> bool:
        return not self.code
