"""Names of the IR as C identifiers: words that C or our runtime own get a trailing underscore.

That rule is injective: a name whose stem (without trailing underscores) is owned gets one more underscore.
"""

from __future__ import annotations

import re

__all__ = ["c_field", "c_function", "c_identifier", "c_variable"]

_KEYWORD_TEXT = """
    auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
    asm typeof alignas alignof bool constexpr false nullptr static_assert thread_local true unix linux i386
"""
_OWNED_TEXT = "b8 i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 context result memset memcpy memmove"
_LIBRARY_TEXT = """
    abort abs acos acosh asin asinh atan atan2 atanh calloc cbrt ceil copysign cos cosh erf erfc exit exp exp2 expm1
    fabs fdim floor fma fmax fmin fmod free frexp gamma hypot ilogb isalnum isalpha isdigit j0 j1 jn labs ldexp lgamma
    llabs log log10 log1p log2 logb main malloc memchr memcmp modf nan pow printf putchar puts realloc remainder remquo
    rint round scalb scalbn signbit sin sinh sprintf sqrt stpcpy strcat strchr strcmp strcpy strlen tan tanh tgamma
    tolower toupper trunc y0 y1 yn index rindex ffs exp10 pow10 drem significand sincos bcmp bcopy bzero
"""
_KEYWORDS = frozenset(_KEYWORD_TEXT.split())
_OWNED = frozenset(_OWNED_TEXT.split())
_LIBRARY = frozenset(_LIBRARY_TEXT.split())
_TEMPORARY = re.compile(r"t_[0-9]+\Z")


def c_identifier(name: str) -> str:
    """Return a user's name with ``_`` for all but A-Z a-z 0-9 _, and a leading ``_`` where it starts with a digit."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return f"_{plain}" if plain[:1].isdigit() else plain


def c_field(name: str) -> str:
    """Return a field or structure name; these have name spaces of their own, so only keywords collide."""
    return name + "_" if name.rstrip("_") in _KEYWORDS else name


def c_function(name: str) -> str:
    """Return a function name."""
    stem = name.rstrip("_")
    return name + "_" if stem in _KEYWORDS or stem in _OWNED or stem in _LIBRARY else name


def c_variable(name: str, functions: frozenset[str]) -> str:
    """Return a local or parameter name that hides no function of the module."""
    stem = name.rstrip("_")
    owned = stem in _KEYWORDS or stem in _OWNED or stem.startswith(("hil_", "HIL_")) or _TEMPORARY.match(stem)
    return name + "_" if owned or stem in functions or name in functions else name
