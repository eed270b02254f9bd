"""Test malformed and ambiguous files: rejected before any request, or read as intended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow, slow

from server_stub.values import Array, Table

if TYPE_CHECKING:
    from conftest import Outcome, User

UNCLOSED = 'years,population\n2020,1.0\n2021,"2.0\n2022,3.0\n'
ODD = [
    (UNCLOSED, ["line 3", "never closed"]),
    ('years,population\n2020,"2.0"x\n', ["line 2", "closing quote"]),
    ('years,population\n2020,"2\n0"x\n', ["line 2", "in line 3"]),
    ("years,population\n2020,1\0\n", ["line 2", "column population", "NUL"]),
    ("years\0,population\n2020,1\n", ["line 1", "NUL"]),
    ("years,population\n2020,1\x1a\n", ["line 2", "Ctrl-Z"]),
]
NO_NUMBERS = ["1 000", "$1.0", "TRUE", "True", "1.0e", "#N/A", "n/a", "=1+1", "[1.0]"]


def file_of(user: User, name: str, content: str | bytes) -> str:
    """Write a file and return its path."""
    path = user.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def changes(user: User) -> int:
    """Return the number of sent changes and runs."""
    return sum("/parameters" in asked or "/execute" in asked for asked in user.requests)


def refused(user: User, *words: str) -> Outcome:
    """Return the error of a command that is rejected without a change."""
    before = changes(user)
    done = user.types(*words)
    assert (done.code, changes(user)) == (2, before), done.err
    return done


@pytest.mark.parametrize(("content", "expected"), ODD)
def test_table_with_malformed_quotes_or_bytes_is_rejected(user: User, content: str, expected: list[str]) -> None:
    file = file_of(user, "q.csv", content)
    done = refused(user, "param", "set", "21", f"Macro.population=@{file}")
    for words in [file, *expected]:
        assert words in done.err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('key,value\nMacro.note,"abc\nMacro.gamma,0.5\n', ["line 2", "never closed"]),
        ('key,value\nMacro.note,"abc"d\n', ["line 2", "closing quote"]),
        ("key,value\nMacro.note,a\0\n", ["line 2", "NUL"]),
        ("key,value\nMacro.targets,[1.0, 2.0]\n", ["line 2", "3 cells"]),
        ("key,value\nMacro.note\n", ["line 2", "the value is missing"]),
        ("", ["is empty", "key,value"]),
    ],
)
def test_table_of_assignments_is_parsed_strictly(user: User, content: str, expected: list[str]) -> None:
    file = file_of(user, "f.csv", content)
    done = refused(user, "param", "set", "21", "--from", file)
    for words in [file, *expected]:
        assert words in done.err


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('case,Macro.note\na,"unclosed\nb,x\nc,y\n', ["line 2", "never closed"]),
        ("case,Macro.note\na,x\x1a\n", ["line 2", "Ctrl-Z"]),
    ],
)
def test_table_of_cases_is_parsed_strictly(user: User, content: str, expected: list[str]) -> None:
    file = file_of(user, "cases.csv", content)
    results = str(user.folder / "results.csv")
    done = refused(user, "calc", "sweep", "21", file, "--collect", "Macro.output", "-o", results)
    for words in [file, *expected]:
        assert words in done.err


def test_table_of_an_export_is_parsed_strictly(user: User) -> None:
    folder = user.folder / "e"
    assert user.types("study", "export", "21", str(folder)).code == 0
    table = folder / "data" / "Macro.population.csv"
    table.write_text(UNCLOSED)
    for words in (["study", "apply", str(folder), "21", "--yes"], ["study", "diff", str(folder), "21"]):
        assert "line 3: a quote" in refused(user, *words).err


@pytest.mark.parametrize("cell", mostly_slow(NO_NUMBERS, 3))
def test_string_in_a_numeric_column_is_rejected(user: User, cell: str) -> None:
    """It would make the next run fail."""
    file = file_of(user, "t.csv", f"years,population\n2020,1.0\n2021,{cell}\n")
    done = refused(user, "param", "set", "21", f"Macro.population=@{file}")
    assert f"{file}, line 3, column population" in done.err
    assert done.kind == "invalid_value"
    file = file_of(user, "w.csv", f"any name\n1.0\n{cell}\n")
    assert "line 3, column any name" in refused(user, "param", "set", "21", f"Macro.weights=@{file}").err


def test_string_in_a_numeric_column_of_a_case_is_rejected(user: User) -> None:
    file_of(user, "t.csv", "years,population\n2020,1 000\n")
    cases = file_of(user, "cases.csv", "case,Macro.population\na,@t.csv\n")
    results = str(user.folder / "results.csv")
    done = refused(user, "calc", "sweep", "21", cases, "--collect", "Macro.output", "-o", results)
    assert "line 2, column population: '1 000'" in done.err


@pytest.mark.parametrize(
    "table",
    [
        Table(("years", "price"), ()),
        slow(Table(("years", "price"), ((2020, None),))),
        Table(("years", "price"), ((2020, 1.0), (2021, "n. a."))),
        slow(Table(("years",), ((2020,),))),
    ],
)
def test_column_without_numbers_accepts_strings(user: User, table: Table) -> None:
    user.world.studies[21].values["Carbon.price"] = table
    file = file_of(user, "t.csv", "years,price\n2020,1 000\n")
    assert user.types("param", "set", "21", f"Carbon.price=@{file}").code == 0


def test_column_declared_numeric_rejects_strings(user: User) -> None:
    user.world.studies[21].values["Macro.population"] = Table(("years", "population"), ((2020, "n. a."),))
    file = file_of(user, "t.csv", "years,population\n2020,1 000\n")
    refused(user, "param", "set", "21", f"Macro.population=@{file}")


@pytest.mark.slow
def test_undo_and_unedited_export_restore_strings(user: User) -> None:
    user.world.studies[21].values["Macro.weights"] = Array(["a", "b"])
    folder = str(user.folder / "e")
    assert user.types("study", "export", "21", folder).code == 0
    file = file_of(user, "w.csv", "value\n1.0\n2.0\n")
    assert user.types("param", "set", "21", f"Macro.weights=@{file}").code == 0
    assert user.types("param", "undo", "21", "--yes").code == 0
    assert user.world.studies[21].values["Macro.weights"] == Array(["a", "b"])
    assert user.types("param", "set", "21", f"Macro.weights=@{file}").code == 0
    applied = user.types("study", "apply", folder, "21", "--yes", "--ours")
    assert applied.code == 0, applied.err
    user.world.studies[21].settle()
    assert user.world.studies[21].values["Macro.weights"] == Array(["a", "b"])


def test_string_in_an_edited_export_is_validated(user: User) -> None:
    folder = user.folder / "e"
    assert user.types("study", "export", "21", str(folder)).code == 0
    (folder / "data" / "Macro.population.csv").write_text("years,population\n2020,1 000\n")
    assert "line 2, column population: '1 000'" in refused(user, "study", "apply", str(folder), "21", "--yes").err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.csv", "key,value\nMacro.gamma,{}\n"),
        ("f.json", '{{"Macro.gamma": {}}}'),
        ("f.json", '{{"Macro.targets": [1.0, {}]}}'),
        ("f.toml", '"Macro.gamma" = {}\n'),
    ],
)
@pytest.mark.parametrize("number", ["1e-400", slow("-0.0001e-330"), "1e400"])
def test_number_outside_the_range_of_a_double_is_rejected(user: User, name: str, content: str, number: str) -> None:
    """It would silently become 0 or infinite."""
    done = refused(user, "param", "set", "21", "--from", file_of(user, name, content.format(number)))
    assert number in done.err
    assert "double" in done.err


@pytest.mark.parametrize("number", ["1e-400", "1e400"])
def test_number_outside_the_range_of_a_double_is_rejected_in_arguments_and_tables(user: User, number: str) -> None:
    file = file_of(user, "t.csv", f"years,population\n2020,{number}\n")
    for words in (f"Macro.gamma={number}", f"Macro.gamma:={number}", f"Macro.population=@{file}"):
        assert "double" in refused(user, "param", "set", "21", words).err
    assert user.types("param", "set", "21", "Macro.gamma=0.00e-400").code == 0


def test_utf_16_is_distinguished_from_latin_1(user: User) -> None:
    table = file_of(user, "t.csv", "years,population\n2020,1.0\n".encode("utf-16"))
    pairs = file_of(user, "f.csv", "key,value\nMacro.gamma,1.0\n".encode("utf-16"))
    for words, file in ((f"Macro.population=@{table}", table), (f"--from={pairs}", pairs)):
        done = refused(user, "param", "set", "21", words)
        assert f"{file} is UTF-16, not UTF-8" in done.err
        assert f"iconv -f utf-16 -t utf-8 {file} -o NEW.csv" in done.err
    latin = file_of(user, "l.csv", "key,value\nMacro.note,café\n".encode("latin-1"))
    assert "iconv -f latin1" in refused(user, "param", "set", "21", "--from", latin).err


def test_truncated_json_file_is_reported_with_the_expected_form(user: User) -> None:
    done = refused(user, "param", "set", "21", "--from", file_of(user, "f.json", '{"Macro.gamma": '))
    assert '{"Macro.gamma": 0.5}' in done.err
    assert "[1.0" not in done.err


def test_table_of_assignments_can_refer_to_tables_beside_it(user: User) -> None:
    (user.folder / "in").mkdir()
    file_of(user, "in/t.csv", "years,population\n2020,5.0\n")
    pairs = file_of(user, "in/f.csv", "key,value,unit\nMacro.gamma,0.25,-\nMacro.population,@t.csv,Mpeople\n")
    done = user.types("param", "set", "21", "--from", pairs)
    assert done.code == 0, done.err
    user.world.studies[21].settle()
    assert user.world.studies[21].values["Macro.population"] == Table(("years", "population"), ((2020, 5.0),))
    (user.folder / "in" / "t.csv").unlink()
    done = refused(user, "param", "set", "21", "--from", pairs)
    assert f"{user.folder / 'in' / 't.csv'} does not exist" in done.err
    assert "@@" in done.err


def test_cases_are_validated_independently(user: User) -> None:
    user.world.studies[21].values["Carbon.price"] = Table(("years", "price"), ((2020, "few"),))
    file_of(user, "n.csv", "years,price\n2020,1.0\n")
    file_of(user, "t.csv", "years,price\n2020,many\n")
    cases = file_of(user, "cases.csv", "case,Carbon.price\na,@n.csv\nb,@t.csv\n")
    results = str(user.folder / "results.csv")
    done = user.types("calc", "sweep", "21", cases, "--collect", "Macro.output", "-o", results)
    assert done.code in {0, 3}, done.err
    assert "no longer hold numbers" not in done.err
