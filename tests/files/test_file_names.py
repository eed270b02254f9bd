"""Test that file names stay in their folder and are valid on every system."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sostrades_cli.files.file_names import LONGEST_FILE_NAME, LONGEST_FOLDER, safe_name, safe_names


def isreserved(name: str) -> bool:
    """Return whether Windows reserves a name, whatever its ending."""
    return re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)", name.partition(".")[0].rstrip(), re.IGNORECASE) is not None


names = st.text(max_size=200) | st.text("./\\ ~:*a_-\x00\n", max_size=12) | st.text(st.characters(), max_size=5)


@settings(deadline=None, max_examples=20)
@given(names)
@example("..")
@example("")
@example("../../etc/passwd")
@example("/etc/passwd")
@example("C:\\Windows")
@example("a\x00b")
@example("\ud800")
@example("con.csv")
@example("é" * 200)
@example(".ssh")
@example("-rf")
def test_name_stays_in_its_folder(name: str) -> None:
    """It is not hidden, and has at most 150 bytes."""
    safe = safe_name(name)
    folder = Path("/tables")
    assert (folder / safe).resolve().parent == folder
    assert Path(safe).name == safe
    assert not safe.startswith(".")
    assert safe.isascii()
    assert safe.isprintable()
    assert len(safe) <= 150
    assert not safe.endswith((".", " "))
    assert PureWindowsPath(safe).name == safe
    assert not isreserved(f"{safe}.csv")


@settings(deadline=None, max_examples=20)
@given(st.sets(names, min_size=2, max_size=8))
@example({"a/b", "a\\b", "a:b", "a b", "a_b", "a  b"})
@example({"x" * 120, "x" * 121, "x" * 122})
@example({"", ".", "..", "parameter"})
@example({".a", "a", "..a"})
@example({"A.x", "a.x", "a.X"})
@example({"a", "a.", "A"})
def test_distinct_names_stay_distinct_in_any_case(distinct: set[str]) -> None:
    """Windows and macOS ignore case."""
    safe = safe_names(sorted(distinct))
    assert safe.keys() == distinct
    assert len({name.casefold() for name in safe.values()}) == len(distinct)


def test_name_that_is_the_hashed_form_of_another_stays_distinct() -> None:
    names = ["A", "a"]
    names.append(safe_names(names)["A"])
    assert len({name.casefold() for name in safe_names(names).values()}) == 3


def test_usual_names_are_kept() -> None:
    assert safe_names(["Macro.gamma", "Macro.shares"]) == {"Macro.gamma": "Macro.gamma", "Macro.shares": "Macro.shares"}


@pytest.mark.parametrize(
    "name", ["CON", "nul", "aux.txt", "Com1.csv", "LPT9", "a.", "a ", "a:b", "a?", 'a"b', "a|b", "a\tb"]
)
def test_name_invalid_on_windows_is_changed(name: str) -> None:
    assert safe_name(name) != name


def test_longest_names_fit_into_a_path_of_windows() -> None:
    """A sweep nests three names: its folder, the folder of a case and a table."""
    case = safe_name("x" * 300, LONGEST_FOLDER)
    table = safe_name("é" * 300)
    own = len(f"\\{case}\\{table}.csv")
    user = len(r"C:\Users\firstname.lastname\Documents\studies\results.d")
    assert own + user <= 259


@pytest.mark.parametrize("name", ["dice.Macro.gamma", "dice.Macro.CO2-tax_2+3=x@y", "x" * 120, "a.csv"])
def test_usual_parameter_name_is_its_file_name(name: str) -> None:
    assert safe_name(name) == name


@settings(deadline=None, max_examples=20)
@given(names)
def test_safe_name_is_unchanged_by_a_second_pass(name: str) -> None:
    assert safe_name(name) == safe_name(name)
    if len(safe_name(name)) <= LONGEST_FILE_NAME:
        assert safe_name(safe_name(name)) == safe_name(name)
