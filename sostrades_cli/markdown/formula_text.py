"""LaTeX formulas as one line of text. A formula whose structure the line would lose raises an error."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pylatexenc.macrospec import LatexContextDb

_FRACTIONS: Final = ("frac", "dfrac", "tfrac", "cfrac", "nicefrac")
_FUNCTIONS: Final = (
    *("arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp", "gcd"),
    *("inf", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min", "Pr", "sec", "sin", "sinh", "sup"),
    *("tan", "tanh"),
)
_WORDS: Final = ("text", "textrm", "textbf", "textit", "mathrm", "mathit", "mathsf", "mbox", "emph")
# In one line of text, the parts of these would stand beside each other as if they were a product.
_LOSSY: Final = re.compile(
    "begin|binom|choose|atop|includegraphics|over(?!line$).*|under.*|wide.*|stackrel|substack|not|.*ref|cite.?|today"
)
_COMMAND: Final = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)
# Sizes have no form in text.
_SIZES: Final = re.compile(r"\\(?:left|right|middle|limits|displaystyle|[bB]igg?[lmr]?)(?![A-Za-z])\.?")
# Only characters of the block "Superscripts and Subscripts" and a few others: most fonts have them.
_SMALL: Final = {
    "^": str.maketrans("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ"),
    "_": str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"),
}
_LONGEST_SMALL_WORD: Final = 3
_IS_SMALL: Final = re.escape("".join(map(chr, [*_SMALL["^"].values(), *_SMALL["_"].values()])))
_LETTERS: Final = rf"[^\W\d_{_IS_SMALL}]+"
_NUMBER: Final = r"\d+(?:\.\d+)?"
# What needs no brackets above or below a fraction stroke. Below it, a product does.
_ABOVE: Final = re.compile(rf"[∂Δ∇]?[\w.{_IS_SMALL}]+")
_BELOW: Final = re.compile(rf"[∂Δ∇]?(?:{_NUMBER}|{_LETTERS})[{_IS_SMALL}]*(?:_\w+)?")
_OF_NUMBERS: Final = re.compile(f"{_NUMBER}/{_NUMBER}")
# Marks around a part, whose surroundings decide on its brackets and blanks. No formula has these characters.
_FRACTION, _SUP, _SUB, _FUNCTION, _WORD, _ROOT, _END = map(chr, range(0xE000, 0xE007))
_PART: Final = re.compile(rf"(\s*)(?:([{_FRACTION}-{_ROOT}])([^{_FRACTION}-{_END}]*){_END}|(\S))")
_MARK: Final = re.compile(rf"[{_FRACTION}-{_END}]")


class _Part(NamedTuple):
    """A part of a formula: its mark, empty for a single character, its text, and whether a blank is before it."""

    mark: str
    text: str
    is_apart: bool

    @property
    def is_script(self) -> bool:
        return self.mark in {_SUP, _SUB}

    @property
    def begins_factor(self) -> bool:
        return self.mark in {_FRACTION, _FUNCTION, _WORD, _ROOT} or (
            not self.is_script and (self.text[0].isalnum() or self.text[0] in "([{√∑∏∫∂Δ∇")
        )

    @property
    def ends_factor(self) -> bool:
        return bool(self.mark) or self.text[-1].isalnum() or self.text[-1] in ")]}!'°%"


_NOTHING: Final = _Part("", " ", is_apart=False)


def converted(latex: str) -> str:
    """Return a formula as text.

    Raises
    ------
    Exception
        The formula is not LaTeX, or has a command that would lose its structure. The library can fail in any way.

    """
    from pylatexenc.latexwalker import LatexWalker

    converter, parsing, printing = _converter()
    latex = _SIZES.sub("", latex)
    commands = set(_COMMAND.findall(latex))
    if any(_LOSSY.fullmatch(name) or printing.get_macro_spec(name) is None for name in commands):
        raise ValueError("a command without a form in text")
    if _MARK.search(latex):
        raise ValueError("a character that marks parts")
    nodes, _, length = LatexWalker(latex, latex_context=parsing, tolerant_parsing=False).get_latex_nodes()
    if length != len(latex):
        raise ValueError("a formula with unbalanced braces")
    text = _laid_out(converter.nodelist_to_text(nodes))
    if _MARK.search(text):
        raise ValueError("a part within another one")
    return text


@cache
def _converter() -> tuple[Any, LatexContextDb, LatexContextDb]:
    """Return the converter to text, and what it knows of parsing and of printing.

    The usual one prints a fraction without brackets, and scripts and roots without their structure.
    """
    from pylatexenc import latex2text, latexwalker, macrospec

    # The library logs a warning for each unknown command. These formulas stay LaTeX, so nobody needs the warning.
    logging.getLogger("pylatexenc").addHandler(logging.NullHandler())
    parsing, printing = latexwalker.get_default_latex_context_db(), latex2text.get_default_latex_context_db()
    two_arguments, one_argument = macrospec.MacroStandardArgsParser("{{"), macrospec.MacroStandardArgsParser("{")
    parsing.add_context_category(
        "formulas",
        macros=[
            *(macrospec.MacroSpec(name, args_parser=two_arguments) for name in _FRACTIONS),
            *(macrospec.MacroSpec(name, args_parser=one_argument) for name in (*_WORDS, "operatorname", "overline")),
        ],
        specials=[macrospec.SpecialsSpec(name, args_parser=one_argument) for name in _SMALL],
        prepend=True,
    )
    printing.add_context_category(
        "formulas",
        macros=[
            *(latex2text.MacroTextSpec(name, simplify_repl=_fraction) for name in _FRACTIONS),
            *(latex2text.MacroTextSpec(name, simplify_repl=_word) for name in _WORDS),
            *(latex2text.MacroTextSpec(name, simplify_repl=f"{_FUNCTION}{name}{_END}") for name in _FUNCTIONS),
            latex2text.MacroTextSpec("sqrt", simplify_repl=_root),
            latex2text.MacroTextSpec("operatorname", simplify_repl=_function),
            latex2text.MacroTextSpec("overline", simplify_repl=_overline),
        ],
        specials=[latex2text.SpecialsTextSpec(name, simplify_repl=_script) for name in _SMALL],
        prepend=True,
    )
    return latex2text.LatexNodes2Text(latex_context=printing, math_mode="text"), parsing, printing


def _arguments(node: Any, converter: Any) -> list[str]:  # noqa: ANN401 - pylatexenc has no types
    """Return the arguments of a command as text."""
    given = [argument for argument in node.nodeargd.argnlist if argument is not None]
    return [_laid_out(converter.nodelist_to_text([argument])) for argument in given]


# pylatexenc passes itself by the name `l2tobj`.
def _fraction(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    above, below = _arguments(node, l2tobj)
    above = above if _ABOVE.fullmatch(above) else f"({above})"
    below = below if _BELOW.fullmatch(below) else f"({below})"
    return f"{_FRACTION}{above}/{below}{_END}"


def _root(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    *degree, radicand = _arguments(node, l2tobj)
    small = _small("".join(degree), "^")
    if small is None:
        raise ValueError("a root whose degree has no form in text")
    return f"{_ROOT}{small}√({radicand}){_END}"


def _function(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    return f"{_FUNCTION}{_arguments(node, l2tobj)[0]}{_END}"


def _word(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    text: str = l2tobj.nodelist_to_text([node.nodeargd.argnlist[-1]])
    word = text.strip()
    if len(word) < 2 or _MARK.search(text):  # noqa: PLR2004 - a letter is a symbol
        return text
    # Blanks in a text are shown, unlike those in a formula.
    return f"{text[: text.index(word[0])]}{_WORD}{word}{_END}{text[len(text.rstrip()) :]}"


def _overline(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    [text] = _arguments(node, l2tobj)
    if len(text) != 1:
        raise ValueError("a line above several characters")
    return f"{text}\u0305"


def _script(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
    [script] = _arguments(node, l2tobj)
    sign = node.specials_chars
    if sign == "^" and script in {"∘", "'"}:
        return script.replace("∘", "°")
    text = _small(script, sign)
    if text is None:
        is_whole = len(script) == 1 or (sign == "_" and re.fullmatch(rf"{_LETTERS}|\d+", script))
        text = f"{sign}{script}" if is_whole else f"{sign}({script})"
    return f"{_SUP if sign == '^' else _SUB}{text}{_END}"


def _small(text: str, sign: str) -> str | None:
    """Return a text in small characters; ``None`` for a long word, and if a character has no small form."""
    if len(text) > _LONGEST_SMALL_WORD and text.isalpha():
        return None
    small = text.translate(_SMALL[sign])
    return small if all(character != other for character, other in zip(text, small, strict=True)) else None


def _laid_out(text: str) -> str:
    """Return a text with marked parts without the marks, and with the brackets and blanks that they need."""
    matches = [(mark, inner or char, bool(blank)) for blank, mark, inner, char in _PART.findall(text)]
    return "".join(_pieces([_Part(*part) for part in matches if part[1]]))


def _pieces(parts: Sequence[_Part]) -> Iterator[str]:
    for position, part in enumerate(parts):
        before = parts[position - 1] if position else _NOTHING
        after = parts[position + 1] if position + 1 < len(parts) else _NOTHING
        base = _base(parts, position)
        if part.is_script and part.mark in {script.mark for script in parts[base + 1 : position]}:
            raise ValueError("a script of a script without its own base")
        base_part = parts[base] if position else before
        in_brackets = part.mark == _FRACTION and _needs_brackets(part, before, after, base_part)
        is_apart = part.is_apart and not part.is_script
        if is_apart or _needs_blank(part, before, base_part, in_brackets=in_brackets):
            yield " "
        yield f"({part.text})" if in_brackets else part.text


def _base(parts: Sequence[_Part], position: int) -> int:
    """Return the position of the part before another one and before its scripts."""
    base = position - 1
    while base > 0 and parts[base].is_script:
        base -= 1
    return base


def _needs_brackets(fraction: _Part, before: _Part, after: _Part, base: _Part) -> bool:
    """Return whether the parts beside a fraction would seem to belong to its numerator or denominator only."""
    if after.is_script or after.text[0] in "!'°" or before.text in {"/", "÷"}:
        return True
    if base.mark == _FUNCTION or base.text in {"Δ", "∂", "∇"} or before.mark == _FRACTION:
        return True
    if _OF_NUMBERS.fullmatch(fraction.text):
        return before.ends_factor or after.text[0].isdigit()
    return after.begins_factor


def _needs_blank(part: _Part, before: _Part, base: _Part, *, in_brackets: bool) -> bool:
    """Return whether a part would run into the one before it."""
    if part.is_script or before is _NOTHING:
        return False
    if base.mark == _FUNCTION:
        if part.text[0] in "+-":
            raise ValueError("an argument of a function whose end is not shown")
        return not in_brackets and part.text[0] not in "([{=,)]}"
    if part.mark == _FRACTION:
        return before.ends_factor and (not in_brackets or before.mark != _FRACTION)
    if before.mark == _FRACTION or (before.is_script and before.text[0] in "^_"):
        return part.begins_factor and part.text[0] not in ("([" if before.mark == _SUB else "[")
    if part.mark in {_FUNCTION, _ROOT}:
        return before.ends_factor
    return _WORD in {part.mark, before.mark} and part.text[0].isalpha() and before.text[-1].isalpha()
