"""Choosing charts by what people type."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sostrades_cli.errors import AmbiguousName, NotFound
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.operations.postproc import select
from sostrades_cli.operations.postproc.gather import GatheredCharts
from sostrades_cli.operations.postproc.merge import PAGE, alone
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
    """Make charts by discipline and title."""
    made = [Chart(discipline, Figure([], {"title": title})) for discipline, title in charts]
    return GatheredCharts(
        host="https://sostrades.example.org",
        study=21,
        name="dice",
        status="FINISHED",
        state="current",
        note=note,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        charts=alone(made, PAGE),
    )


ALL = gathered(*CHARTS)


@pytest.mark.parametrize(
    ("wanted", "number"),
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
def test_what_stands_for_one_chart(wanted: str, number: int) -> None:
    """A number, a title, DISCIPLINE/TITLE in any case, or a part that one has; what is whole goes before a part."""
    assert select.find(ALL, wanted).number == number


@pytest.mark.parametrize(
    ("wanted", "count", "numbers"),
    [
        ("Emissions", 2, (3, 4)),
        ("emissions", 2, (3, 4)),
        ("emis", 2, (3, 4)),
        ("Twice", 2, (9, 10)),
        ("Energy/Twice", 2, (9, 10)),
        ("damage", 5, (4, 5, 6, 7, 8)),
    ],
)
def test_what_stands_for_several_is_wrong_usage(wanted: str, count: int, numbers: tuple[int, ...]) -> None:
    """Where several fit none is taken: exit 2, with their numbers and full names."""
    with pytest.raises(AmbiguousName, match=rf"\b{count}\b") as caught:
        select.find(ALL, wanted)
    assert exit_code_of(caught.value) is ExitCode.USAGE
    shown = [f"{one.number} {one.label}" for one in ALL.charts if one.number in numbers]
    assert caught.value.message.endswith("; ".join(shown))
    assert (caught.value.study, "number" in str(caught.value.hint)) == (21, True)


def test_many_that_fit_are_not_all_shown() -> None:
    """Of more than five the first five are shown."""
    many = gathered(*(("D", f"Output {letter}") for letter in "abcdef"))
    with pytest.raises(AmbiguousName, match=r"\b6 charts: 1 D/Output a; .*5 D/Output e \.\.\.$"):
        select.find(many, "output")


@pytest.mark.parametrize(
    ("wanted", "close"), [("Outptu per yaer", "Output per year"), ("Emisions", "Emissions"), ("Outpt", "Output")]
)
def test_an_unknown_chart_shows_the_closest(wanted: str, close: str) -> None:
    """What fits nothing is exit 5, with the closest titles and the command that lists them."""
    with pytest.raises(NotFound, match=wanted) as caught:
        select.find(ALL, wanted)
    assert close in str(caught.value.detail)
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND
    assert (caught.value.hint, caught.value.study) == ("sostrades postproc list 21", 21)


@pytest.mark.parametrize("wanted", ["12", "99", "-1", "zzzz", "1.5", "²"])
def test_what_fits_nothing_is_not_found(wanted: str) -> None:
    """A number beyond the list, nothing at all, and what no title holds are exit 5."""
    with pytest.raises(NotFound) as caught:
        select.find(ALL, wanted)
    assert exit_code_of(caught.value) is ExitCode.NOT_FOUND


def test_the_case_tells_titles_apart_where_it_must() -> None:
    """Of titles that differ in case alone the one that was typed is meant; another spelling of both is exit 2."""
    both = gathered(("D", "CO2"), ("D", "co2"))
    assert [select.find(both, wanted).number for wanted in ("CO2", "co2", "D/co2")] == [1, 2, 2]
    with pytest.raises(AmbiguousName, match=r"\b2\b"):
        select.find(both, "Co2")


def test_nothing_typed_stands_for_nothing() -> None:
    """An empty word, such as a variable that is not set, is not the chart that has no title."""
    with pytest.raises(NotFound):
        select.find(ALL, "")


def test_a_study_without_charts_says_so() -> None:
    """Where there is no chart at all the error says that, and how to get some."""
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
def test_which_charts_fit(match: str | None, numbers: list[int]) -> None:
    """A glob fits whole titles or full names, a plain text a part of them; brackets are letters, case counts."""
    assert [one.number for one in select.fitting(ALL.charts, match)] == numbers


def test_some_charts_are_needed() -> None:
    """Where charts are needed and none fits, or there is none, it is exit 5 with the reason."""
    assert [one.number for one in select.some(ALL, "Output*")] == [1, 2]
    assert len(select.some(ALL, None)) == 11
    with pytest.raises(NotFound, match="zzz"):
        select.some(ALL, "zzz")
    with pytest.raises(NotFound, match="study 21") as caught:
        select.some(gathered(note="it never ran"), None)
    assert caught.value.detail == "it never ran"


def test_a_chart_is_called_by_discipline_and_title() -> None:
    """A chart without a title is called by its number."""
    assert [one.label for one in (ALL.charts[0], ALL.charts[5])] == [
        "Macro/Output per year",
        "Damage/chart 6",
    ]
