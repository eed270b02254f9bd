"""Test formulas as text and as MathML."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
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
            "F_t = η.(ln(M_{t AT}) - ln(M¹⁷⁵⁰_{AT}))/(ln(2)) +F_{t EX}",
        ),
        (r"\sum_{\text{stream}} \text{GWP}_{100-year}[ghg]", "∑_{stream} GWP_{100-year}[ghg]"),
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
    ],
)
def test_formula_is_readable_text(latex: str, text: str) -> None:
    assert as_text(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
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


@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_latex_has_a_text(latex: str) -> None:
    assert isinstance(as_text(latex), str)


@pytest.mark.parametrize("latex", ["{" * 39 + "}" * 39, r"\frac{a}{" * 39 + "b" + "}" * 39, "x_" * 1_500, "a" * 4_000])
def test_hostile_formula_takes_no_time(latex: str) -> None:
    started = time.perf_counter()
    as_text(latex)
    as_mathml(latex, block=True)
    assert time.perf_counter() - started < 2
