"""Test the parsing of time spans and studies."""

from __future__ import annotations

import click
import pytest

from sostrades_cli.cli.param_types import DURATION, STUDY


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        (".5", 0.5),
        ("1d", 86_400),
        ("1h30m", 5_400),
        ("1h 30m", 5_400),
        ("10 min", 600),
        ("10min", 600),
        ("2 hours", 7_200),
        ("1 day 6 hours", 108_000),
        ("1d2h3m4s", 93_784),
        ("1.5 h", 5_400),
        ("90 sec", 90),
        ("2H", 7_200),
    ],
)
def test_time_span_of_several_units_is_their_sum(text: str, seconds: float) -> None:
    assert DURATION.convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "h", "1h30", "30m1h", "1m1m", "1 month", "1 2", "0d0h", "-1d", "40000d", "1:30"])
def test_ambiguous_or_empty_time_span_is_rejected(text: str) -> None:
    with pytest.raises(click.UsageError):
        DURATION.convert(text, None, None)


@pytest.mark.parametrize(
    "link",
    [
        "https://gui.example/study-workspace?studyId=21&edition=true",
        "https://gui.example/study-workspace?edition=true&studyId=21",
        "https://gui.example/a/b/study-workspace?studyId=21",
        "http://gui.example:4200/study-workspace/?x=1&studyId=21&y=2#top",
        "https://gui.example/#/study-workspace?studyId=21&edition=false",
        "https://gui.example/study-workspace?studyId=21&studyId=21",
        "https://gui.example/study/21",
    ],
)
def test_browser_link_is_parsed_as_its_study(link: str) -> None:
    assert STUDY.convert(link, None, None) == 21


@pytest.mark.parametrize(
    "link",
    [
        "https://gui.example/study-workspace",
        "https://gui.example/study-workspace?edition=true",
        "https://gui.example/study-workspace?studyId=",
        "https://gui.example/study-workspace?studyId=abc",
        "https://gui.example/study-workspace?studyId=0",
        "https://gui.example/study-workspace?studyId=21&studyId=22",
        "https://gui.example/study-workspace?copiedStudyId=21",
        "https://gui.example/other?studyId=21",
    ],
)
def test_link_without_a_study_is_rejected(link: str) -> None:
    with pytest.raises(click.UsageError):
        STUDY.convert(link, None, None)
