"""LaTeX formulas as text and as MathML. They are untrusted: what cannot be converted stays as it is written."""

from __future__ import annotations

import html
import logging
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable

    from pylatexenc.macrospec import LatexContextDb

# Longer ones are no formulas for a reader, and take long.
LONGEST: Final = 4_000
# Deeper nesting takes exponential time or ends in a recursion error.
MOST_BRACES: Final = 400
DEEPEST: Final = 40
_SCRIPTS: Final = {"^": str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"), "_": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")}
_RELATIONS: Final = re.compile(r" *([=≤≥≠≈≡<>→\u00d7∈∑∏]) *")
_MARGIN: Final = re.compile(r"([(\[]) | ([)\],.;])")
_COMPOUND: Final = re.compile(r"[^\w.]")
_COMMAND: Final = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
_SIZES: Final = re.compile(r"\\(?:left|right|middle|limits|displaystyle|[bB]igg?[lmr]?)(?![A-Za-z])\.?")
FRACTIONS: Final = ("frac", "dfrac", "tfrac", "cfrac")
# In one line of text, the parts of these would stand beside each other as if they were a product.
LOSSY: Final = re.compile("begin|binom|choose|atop|includegraphics|over(set|brace)?|under(set|brace)|stackrel|substack")
_TEXT: Final = re.compile(r"(\\(?:text|textrm|textbf|textit|mbox|mathrm)\s*\{)([^{}]*)\}")
_ESCAPE: Final = re.compile(r"\\([ _&%#$])")
_SECOND: Final = r"\1"
# What latex2mathml makes of LaTeX. Other elements and attributes are left out.
_ELEMENTS: Final = re.compile(
    "m(ath|enclose|frac|i|n|o|over|padded|phantom|root|row|space|sqrt|style|su[bp]|subsup|table|td|text|tr|under(over)?)"
)
_ATTRIBUTES: Final = re.compile(
    "accent|column(align|lines)|display(style)?|fence|form|line(break|thickness)|[lr]space|mathvariant|(max|min)size|"
    "movablelimits|notation|rowlines|scriptlevel|stretchy|width|height|depth|xmlns"
)


@lru_cache(maxsize=1000)
def as_text(latex: str) -> str:
    """Return a formula in one line of text: ``F_t = η.(a+b)/2``."""
    shown = _attempt(_converted, latex)
    if not shown:
        return latex
    shown = re.sub(r"\s+", " ", _RELATIONS.sub(_spaced, shown)).strip()
    return _MARGIN.sub(_bracket, shown) or latex


@lru_cache(maxsize=1000)
def as_mathml(latex: str, *, block: bool) -> str | None:
    """Return a formula as MathML; ``None`` if it cannot be converted."""
    from latex2mathml.converter import convert_to_element  # noqa: PLC0415 - start-up: for formulas only

    def convert(latex: str) -> str:
        element = convert_to_element(_TEXT.sub(_unescaped, latex), display="block" if block else "inline")
        return ET.tostring(_safe(element), encoding="unicode")

    return _attempt(convert, latex)


def _attempt(convert: Callable[[str], str], latex: str) -> str | None:
    """Return the result of a conversion, ``None`` if it fails or would take long."""
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
    """Return a text of a formula without backslashes, which the converter to MathML would show."""
    return f"{match[1]}{_ESCAPE.sub(_SECOND, match[2])}}}"


def _spaced(match: re.Match[str]) -> str:
    return f" {match[1]}" if match[1] in "∑∏" else f" {match[1]} "


@cache
def _converter() -> tuple[Any, LatexContextDb, LatexContextDb]:
    """Return the converter to text, and what it knows of parsing and of printing.

    The usual one prints a fraction without brackets, and scripts and roots without their structure.
    """
    from pylatexenc import latex2text, latexwalker, macrospec  # noqa: PLC0415 - start-up: for formulas only

    # It logs a warning for what it does not understand.
    logging.getLogger("pylatexenc").addHandler(logging.NullHandler())
    parsing, printing = latexwalker.get_default_latex_context_db(), latex2text.get_default_latex_context_db()
    two, one = macrospec.MacroStandardArgsParser("{{"), macrospec.MacroStandardArgsParser("{")
    parsing.add_context_category(
        "formulas",
        macros=[
            *(macrospec.MacroSpec(name, args_parser=two) for name in FRACTIONS),
            macrospec.MacroSpec("operatorname", args_parser=one),
        ],
        specials=[macrospec.SpecialsSpec(name, args_parser=one) for name in _SCRIPTS],
        prepend=True,
    )
    printing.add_context_category(
        "formulas",
        macros=[
            *(latex2text.MacroTextSpec(name, simplify_repl=_fraction) for name in FRACTIONS),
            latex2text.MacroTextSpec("sqrt", simplify_repl=_root),
            latex2text.MacroTextSpec("operatorname", simplify_repl="%s"),
        ],
        specials=[latex2text.SpecialsTextSpec(name, simplify_repl=_script) for name in _SCRIPTS],
        prepend=True,
    )
    return latex2text.LatexNodes2Text(latex_context=printing, math_mode="text"), parsing, printing


def _converted(latex: str) -> str:
    """Return a formula as text; a formula with a command that would lose its structure raises an error."""
    from pylatexenc.latexwalker import LatexWalker  # noqa: PLC0415 - start-up: for formulas only

    converter, parsing, printing = _converter()
    # Sizes have no form in text.
    latex = _SIZES.sub("", latex)
    commands = set(_COMMAND.findall(latex))
    if any(LOSSY.fullmatch(name) or printing.get_macro_spec(name) is None for name in commands):
        raise ValueError("a command without a form in text")
    nodes, _, length = LatexWalker(latex, latex_context=parsing, tolerant_parsing=False).get_latex_nodes()
    if length != len(latex):
        raise ValueError("a formula with unbalanced braces")
    text: str = converter.nodelist_to_text(nodes)
    return text


def _arguments(node: Any, converter: Any) -> list[str]:  # noqa: ANN401 - pylatexenc has no types
    """Return the arguments of a command as text."""
    found = [argument for argument in node.nodeargd.argnlist if argument is not None]
    return [re.sub(r"\s+", " ", converter.nodelist_to_text([argument])).strip() for argument in found]


def _bracket(match: re.Match[str]) -> str:
    return match[1] or match[2]


# pylatexenc passes itself by the name `l2tobj`.
def _fraction(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    above, below = (f"({part})" if _COMPOUND.search(part) else part for part in _arguments(node, l2tobj))
    # A factor may follow, as in 1/2 (a+b).
    return f"{above}/{below} "


def _root(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    *degree, radicand = _arguments(node, l2tobj)
    return f"{''.join(degree).translate(_SCRIPTS['^'])}√({radicand})"


def _script(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    [script] = _arguments(node, l2tobj)
    small = script.translate(_SCRIPTS[node.specials_chars])
    # Only digits and signs have small forms that every font has.
    if script and all(character != other for character, other in zip(script, small, strict=True)):
        return small
    return f"{node.specials_chars}{script if len(script) == 1 else f'{{{script}}}'}"


def _safe(element: ET.Element) -> ET.Element:
    """Return a copy of MathML with known elements and attributes only."""
    if not _ELEMENTS.fullmatch(element.tag):
        raise ValueError(f"an unexpected element {element.tag}")
    copy = ET.Element(
        element.tag, {name: value for name, value in element.attrib.items() if _ATTRIBUTES.fullmatch(name)}
    )
    # The converter writes characters as references.
    copy.text = html.unescape(element.text) if element.text else None
    copy.extend(map(_safe, element))
    return copy
