"""Test formulas as text and as MathML."""

from __future__ import annotations

import re
import time

import pytest
from conftest import mostly_slow
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sostrades_cli.markdown.formulas import as_mathml, as_text

PIECES = st.sampled_from(
    [
        *(
            r"\frac{a}{b}",
            r"\frac",
            r"\sum_{t}",
            r"\text{a\ b}",
            r"\left(",
            r"\right)",
            "_",
            "^",
            "{",
            "}",
            "&",
            "<",
            ">",
        ),
        *(
            r"\begin{cases}",
            r"\end{cases}",
            r"\\",
            r"\unknown",
            r"\input{/etc/passwd}",
            "x",
            "1",
            " ",
            "$",
            "%",
            "'",
            "#",
        ),
        *(
            "</math><script>alert(1)</script>",
            "&lt;script&gt;",
            "\x1b[31m",
            r"\href{javascript:x}{y}",
            r"\sqrt[3]{",
            "]]>",
        ),
    ]
)


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (
            r"F_t = \eta.\frac{\ln(M_{t\,AT}) - ln(M^{1750}_{AT})}{ln(2)}+F_{t\,EX}",
            "Fₜ = η.(ln(M_(t AT)) - ln(M¹⁷⁵⁰_AT))/(ln(2))+F_(t EX)",
        ),
        (r"\sum_{\text{stream}} \text{GWP}_{100-year}[ghg]", "∑_stream GWP_(100-year)[ghg]"),
        (r"\frac{1}{17}(a - b)", "1/17 (a - b)"),
        (r"\lambda  = \frac{forcing\_eq}{eq\_temp}", "λ = forcing_eq/eq_temp"),
        (
            r"\text{food\ type}[t] \times \left( 1 - \frac{\text{Rate}}{100} \right)",
            "food type[t] \u00d7 (1 - Rate/100)",
        ),
        (r"\sqrt[3]{x+1}", "³√(x+1)"),
        (r"x_{12}^{-3} \le \infty", "x₁₂⁻³ ≤ ∞"),
        (r"65.9\%", "65.9%"),
        (r"\operatorname{max}(x)", "max(x)"),
        (r"A_t K_t^\beta L_t^{1-\beta}", "Aₜ Kₜ^β Lₜ^(1-β)"),
        (r"x_{max}", "xₘₐₓ"),
        (r"\sum_{i=1}^{n} x_i", "∑ᵢ₌₁ⁿ xᵢ"),
        (r"\int_0^\infty f(x) dx", "∫₀^∞ f(x) dx"),
        (r"15^{\circ}C", "15°C"),
        (r"\frac{\partial U}{\partial c}", "∂U/∂c"),
        (r"\ln x", "ln x"),
        (r"2\text{Rate}\mathrm{GWP}", "2Rate GWP"),
        (r"x \text{ if } y", "x if y"),
        (r"\bar{x} + \overline{x}", "x\u0305 + x\u0305"),
    ],
)
def test_formula_is_readable_text(latex: str, text: str) -> None:
    assert as_text(latex) == text


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{1}{2x}", "1/(2x)"),
        (r"\frac{1}{x_t y}", "1/(xₜ y)"),
        (r"3\frac{1}{2}", "3 (1/2)"),
        (r"x\frac{1}{2}", "x (1/2)"),
        (r"\frac{a}{b}^2", "(a/b)²"),
        (r"\frac{a}{b}!", "(a/b)!"),
        (r"\frac{a}{b}c", "(a/b) c"),
        (r"\frac{a}{b}\frac{c}{d}", "(a/b)(c/d)"),
        (r"c/\frac{a}{b}", "c/(a/b)"),
        (r"\frac{\frac{a}{b}}{c}", "(a/b)/c"),
        (r"\frac{1}{\ln x}", "1/(ln x)"),
        (r"\ln\frac{a}{b}", "ln(a/b)"),
        (r"\log_{10}\frac{a}{b}", "log₁₀(a/b)"),
        (r"x^{y}z", "x^y z"),
        (r"x_{AT}z", "x_AT z"),
        (r"x^{AT}", "x^(AT)"),
        (r"x_ab", "xₐb"),
        (r"e^{x^2}", "e^(x²)"),
        (r"x\sqrt[3]{y}", "x ³√(y)"),
        (r"\sqrt{x}^2", "√(x)²"),
        (r"\text{Rate}x", "Rate x"),
    ],
)
def test_formula_keeps_its_structure(latex: str, text: str) -> None:
    assert as_text(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
        r"{x^2}^3",
        r"{x_1}_2",
        r"\exp{-x}",
        r"\overline{x+y}",
        r"\underbrace{a+b}",
        r"\widehat{ab}",
        r"\sqrt[\alpha]{x}",
        "\ue000x\ue006",
        r"\text{a $\frac{1}{2}$} \frac{1}{2",
        r"\unknown{x}",
        r"\begin{cases} a & b \\ c & d \end{cases}",
        r"\underset{x}{y}",
        r"\binom{n}{k}",
        r"{n \over k}",
        r"\frac{",
        "x_",
        "}}",
        "{" * 50,
        "x" * 5_000,
    ],
)
def test_formula_that_would_lose_its_structure_stays_latex(latex: str) -> None:
    assert as_text(latex) == latex


def test_mathml_has_no_backslashes_in_texts() -> None:
    assert "<mtext>a b_c</mtext>" in (as_mathml(r"\text{a\ b\_c}", block=False) or "").replace("\xa0", " ")


def test_block_is_marked() -> None:
    assert 'display="block"' in (as_mathml("x", block=True) or "")


@settings(deadline=None, max_examples=25)
@given(st.lists(PIECES, max_size=12).map("".join))
@example("&lt;script&gt;")
@example(r"\text{</mtext><script>}")
def test_any_latex_is_safe_mathml_or_none(latex: str) -> None:
    mathml = as_mathml(latex, block=False)
    if mathml is not None:
        tags = re.findall(r"<(/?\w+)([^>]*)>", mathml)
        # Everything else is escaped.
        assert mathml.count("<") == len(tags)
        assert all(tag.removeprefix("/").startswith("m") for tag, _ in tags)
        assert not [attributes for _, attributes in tags if re.search(r"\b(on\w+|href|style)=", attributes)]


@settings(deadline=None, max_examples=25)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_latex_has_a_text(latex: str) -> None:
    assert isinstance(as_text(latex), str)


@pytest.mark.parametrize(
    "latex", mostly_slow(["{" * 39 + "}" * 39, r"\frac{a}{" * 39 + "b" + "}" * 39, "x_" * 1_500, "a" * 4_000], 2)
)
def test_hostile_formula_is_parsed_quickly(latex: str) -> None:
    started = time.perf_counter()
    as_text(latex)
    as_mathml(latex, block=True)
    assert time.perf_counter() - started < 2
