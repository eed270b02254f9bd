"""Convert LaTeX formulas to text and MathML. They are untrusted. A formula that cannot be converted stays LaTeX."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable

# Nobody reads longer formulas, and converting them takes long.
LONGEST: Final = 4_000
# Deeper nesting takes exponential time or ends in a recursion error.
MOST_BRACES: Final = 400
DEEPEST: Final = 40
_RELATIONS: Final = re.compile(r" *([=≤≥≠≈≡<>→\u00d7·∈∑∏]) *")
_MARGIN: Final = re.compile(r"([(\[]) | ([)\],.;])")
_TEXT: Final = re.compile(r"(\\(?:text|textrm|textbf|textit|mbox|mathrm)\s*\{)([^{}]*)\}")
_ESCAPE: Final = re.compile(r"\\([ _&%#$])")
_SECOND: Final = r"\1"
# The elements and attributes of latex2mathml. Others could come from the untrusted text, so they are not passed on.
_ELEMENTS: Final = re.compile(
    "m(ath|enclose|frac|i|n|o|over|padded|phantom|root|row|space|sqrt|style|su[bp]|subsup|table|td|text|tr|under(over)?)"
)
_ATTRIBUTES: Final = re.compile(
    "accent|column(align|lines)|display(style)?|fence|form|line(break|thickness)|[lr]space|mathvariant|(max|min)size|"
    "movablelimits|notation|rowlines|scriptlevel|stretchy|width|height|depth|xmlns"
)


@lru_cache(maxsize=1000)
def as_text(latex: str) -> str:
    """Return a formula as a line of text, such as ``F_t = η.(a+b)/2``."""
    from sostrades_cli.markdown.formula_text import converted

    text = _attempt(converted, latex)
    if not text:
        return latex
    text = re.sub(r"\s+", " ", _RELATIONS.sub(_spaced, text)).strip()
    return _MARGIN.sub(_bracket, text) or latex


@lru_cache(maxsize=1000)
def as_mathml(latex: str, *, block: bool) -> str | None:
    """Return a formula as MathML, or ``None`` if it cannot be converted."""
    from latex2mathml.converter import convert_to_element

    def convert(latex: str) -> str:
        element = convert_to_element(_TEXT.sub(_unescaped, latex), display="block" if block else "inline")
        return ET.tostring(_safe(element), encoding="unicode")

    return _attempt(convert, latex)


def _attempt(convert: Callable[[str], str], latex: str) -> str | None:
    """Return the result of a conversion, or ``None`` if it fails or would take long."""
    if not _is_convertible(latex):
        return None
    try:
        return convert(latex)
    except Exception:  # noqa: BLE001 - the formula is untrusted text, on which the libraries can fail in any way
        return None


def _is_convertible(latex: str) -> bool:
    """Return whether a formula is short and flat enough."""
    if len(latex) > LONGEST or latex.count("{") > MOST_BRACES:
        return False
    depth = deepest = 0
    for character in latex:
        depth += {"{": 1, "}": -1}.get(character, 0)
        deepest = max(deepest, depth)
    return deepest <= DEEPEST


def _unescaped(match: re.Match[str]) -> str:
    """Return a text in a formula without escapes. The converter to MathML would show their backslashes."""
    return f"{match[1]}{_ESCAPE.sub(_SECOND, match[2])}}}"


def _spaced(match: re.Match[str]) -> str:
    return f" {match[1]}" if match[1] in "∑∏" else f" {match[1]} "


def _bracket(match: re.Match[str]) -> str:
    return match[1] or match[2]


def _safe(element: ET.Element) -> ET.Element:
    """Return a copy of MathML that has only known elements and attributes."""
    if not _ELEMENTS.fullmatch(element.tag):
        raise ValueError(f"an unexpected element {element.tag}")
    copy = ET.Element(
        element.tag, {name: value for name, value in element.attrib.items() if _ATTRIBUTES.fullmatch(name)}
    )
    # The converter writes some characters as HTML entities.
    copy.text = html.unescape(element.text) if element.text else None
    copy.extend(map(_safe, element))
    return copy
