"""Test the selection of charts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sostrades_cli.errors import AmbiguousName, NotFound
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.gather import GatheredCharts
from sostrades_cli.operations.postproc.merge import PAGE, numbered_charts
from sostrades_cli.plotly_figures.chart import Chart
from sostrades_cli.plotly_figures.figure import Figure

CHARTS = [
    ("Macro", "Output per year"),  # 1
    ("Macro", "Output"),  # 2
    ("Carbon", "Emissions"),  # 3
    ("Damage", "Emissions"),  # 4
    ("Damage", "Straße [km]"),  # 5
    ("Damage", ""),  # 6
    ("Damage", "3"),  # 7
    ("Damage", "Damages * all"),  # 8
    ("Energy", "Twice"),  # 9
    ("Energy", "Twice"),  # 10
    ("Energy", "2050"),  # 11
]


def gathered(*charts: tuple[str, str], note: str | None = None) -> GatheredCharts:
    """Return charts by discipline and title."""
    made = [Chart(discipline, Figure([], {"title": title})) for discipline, title in charts]
    return GatheredCharts(
        host="https://sostrades.example.org",
        study=21,
        name="dice",
        status="FINISHED",
        state="current",
        note=note,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        charts=numbered_charts(made, PAGE),
    )


ALL = gathered(*CHARTS)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("11", 11),
        ("3", 3),
        ("2050", 11),
        ("0", 11),
        ("Output per year", 1),
        ("Output", 2),
        ("output PER year", 1),
        ("output", 2),
        ("Macro/Output", 2),
        ("macro/output", 2),
        ("Carbon/Emissions", 3),
        ("damage/emissions", 4),
        ("per y", 1),
        ("PER Y", 1),
        ("carbon", 3),
        ("n/em", 3),
        ("STRASSE [KM]", 5),
        ("[km]", 5),
        ("chart 6", 6),
        ("Damage/chart 6", 6),
        ("* all", 8),
    ],
)
def test_chart_is_selected(text: str, number: int) -> None:
    """By number, title, DISCIPLINE/TITLE in any case, or a unique part. Exact titles have priority."""
    assert select.find(ALL, text).number == number


@pytest.mark.parametrize(
    ("text", "count", "numbers"),
    [
        ("Emissions", 2, (3, 4)),
        ("emissions", 2, (3, 4)),
        ("emis", 2, (3, 4)),
        ("Twice", 2, (9, 10)),
        ("Energy/Twice", 2, (9, 10)),
        ("damage", 5, (4, 5, 6, 7, 8)),
    ],
)
def test_ambiguous_title_is_a_usage_error(text: str, count: int, numbers: tuple[int, ...]) -> None:
    with pytest.raises(AmbiguousName, match=rf"\b{count}\b") as caught:
        select.find(ALL, text)
    assert exit_code_of(caught.value) is ExitCode.USAGE
    shown = [f"{chart.number} {chart.label}" for chart in ALL.charts if chart.number in numbers]
    assert caught.value.message.endswith("; ".join(shown))
    assert (caught.value.study, "number" in str(caught.value.hint)) == (21, True)


def test_first_five_matches_are_shown() -> None:
    many = gathered(*(("D", f"Output {letter}") for letter in "abcdef"))
    with pytest.raises(AmbiguousName, match=r"\b6 charts: 1 D/Output a; .*5 D/Output e \.\.\.$"):
        select.find(many, "output")


@pytest.mark.parametrize(
    ("text", "close"), [("Outptu per yaer", "Output per year"), ("Emisions", "Emissions"), ("Outpt", "Output")]
)
def test_unknown_chart_is_exit_5_with_suggestions(text: str, close: str) -> None:
    with pytest.raises(NotFound, match=text) as caught:
        select.find(ALL, text)
    assert close in str(caught.value.detail)
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND
    assert (caught.value.hint, caught.value.study) == ("sostrades postproc list 21", 21)


@pytest.mark.parametrize("text", ["12", "99", "-1", "zzzz", "1.5", "²"])
def test_unmatched_chart_is_exit_5(text: str) -> None:
    with pytest.raises(NotFound) as caught:
        select.find(ALL, text)
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND


def test_case_distinguishes_titles_if_needed() -> None:
    both = gathered(("D", "CO2"), ("D", "co2"))
    assert [select.find(both, text).number for text in ("CO2", "co2", "D/co2")] == [1, 2, 2]
    with pytest.raises(AmbiguousName, match=r"\b2\b"):
        select.find(both, "Co2")


def test_empty_argument_matches_nothing() -> None:
    """An unset variable does not select the chart without a title."""
    with pytest.raises(NotFound):
        select.find(ALL, "")


def test_study_without_charts_is_an_error() -> None:
    with pytest.raises(NotFound, match="study 21") as caught:
        select.find(gathered(), "1")
    assert (caught.value.hint, caught.value.detail) == ("sostrades calc status 21", None)


@pytest.mark.parametrize(
    ("match", "numbers"),
    [
        (None, list(range(1, 12))),
        ("Output*", [1, 2]),
        ("Output", [1, 2]),
        ("?utput", [2]),
        ("Damage/*", [4, 5, 6, 7, 8]),
        ("*/Emissions", [3, 4]),
        ("*[km]", [5]),
        ("[km]", [5]),
        ("on/E", [3]),
        ("output", [1, 2]),
        ("*output*", [1, 2]),
        ("zzz", []),
    ],
)
def test_charts_are_matched_by_glob_or_part(match: str | None, numbers: list[int]) -> None:
    """A glob matches whole titles or full names, other text matches a part."""
    assert [item.number for item in select.matching_charts(ALL.charts, match)] == numbers


def test_missing_charts_are_exit_5() -> None:
    assert [item.number for item in select.require_matching(ALL, "Output*")] == [1, 2]
    assert len(select.require_matching(ALL, None)) == 11
    with pytest.raises(NotFound, match="zzz"):
        select.require_matching(ALL, "zzz")
    with pytest.raises(NotFound, match="study 21") as caught:
        select.require_matching(gathered(note="it never ran"), None)
    assert caught.value.detail == "it never ran"


def test_chart_label_has_discipline_and_title() -> None:
    """A chart without a title has its number."""
    assert [item.label for item in (ALL.charts[0], ALL.charts[5])] == [
        "Macro/Output per year",
        "Damage/chart 6",
    ]
