"""Read a table of cases: cells are coerced to declared types, and all faults are found before the first change."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from conftest import HOST, StubTransport, WorldClock
from fake_study import temp_folder_in
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.api.client import Api
from sostrades_cli.api.http.session import Session
from sostrades_cli.api.http.transport import Connection
from sostrades_cli.errors import NotFound, UsageError
from sostrades_cli.local.cache import StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.operations.calc.sweep.cases import MOST_FAULTS, Cases, case_folders, read_cases
from sostrades_cli.operations.calc.sweep.progress_log import FILE as LOG_FILE
from sostrades_cli.operations.context import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import User

SERVERS = ("documented", "5.3")
PEOPLE = "years,population\n2020,8000.0\n"
FILES = {
    "people.csv": PEOPLE,
    "excel.csv": "years;population\n2020;8000,5\n",
    "list.csv": "value\n1.5\n2\n",
    "hollow.csv": "value\n[nan]\n",
    "dict.csv": "variable,value\nsun,1.0\n",
    "three.csv": "variable,value,more\nsun,1.0,2\n",
}
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


class Reader:
    """Reads tables of cases for study 21 of a stub."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.folder = user.folder
        self.notes: list[str] = []
        clock: Any = WorldClock(user.world.clock)  # type: ignore[arg-type] # a manual clock, as conftest makes it
        connection = Connection(HOST, (user.world.key,), transport=StubTransport(user.world))
        self.session = Session(connection, clock, self.notes.append)
        cache = StudyCache(Folders(user.environ), HOST)
        state = user.folder / "state"
        self._server = Context(
            Api(self.session), cache, clock, self.notes.append, state, temp_folder_in(user.folder), set()
        )

    def reads(self, content: str | bytes) -> Cases:
        """Write and read a table of cases."""
        path = self.folder / "cases.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_cases(self._server, 21, "dice", path)

    def refuses(self, content: str | bytes) -> UsageError:
        """Return the error for a table, and check that nothing was sent."""
        with pytest.raises(UsageError) as caught:
            self.reads(content)
        assert not [path for path in self.user.requests if path.endswith("/parameters") or "/execute/" in path]
        return caught.value


@pytest.fixture
def reader_of(user_of: Callable[..., User]) -> Iterator[Callable[[str], Reader]]:
    """Make readers for a server, with a few files next to the table."""
    made: list[Reader] = []

    def make(context: str) -> Reader:
        made.append(Reader(user_of(context)))
        for name, content in FILES.items():
            (made[-1].folder / name).write_text(content)
        return made[-1]

    yield make
    for item in made:
        item.session.close()


@pytest.fixture(params=SERVERS)
def reader(reader_of: Callable[[str], Reader], request: pytest.FixtureRequest) -> Reader:
    """Return a reader for each kind of server."""
    return reader_of(request.param)


# What a cell says -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "cell", "value"),
    [
        ("Macro.gamma", "1", 1.0),
        ("Macro.gamma", " -1.5e-3 ", -0.0015),
        ("Macro.periods", "007", 7),
        ("Macro.use_damage", "no", False),
        ("Macro.use_damage", "1", True),
        ("Macro.note", "1", "1"),
        ("Macro.note", "@@home", "@home"),
        ("Macro.note", '"a, ""b"" ☃"', 'a, "b" ☃'),
        ("Macro.scenario", "rainy", "rainy"),
        ("Macro.targets", '"[1.0, 2]"', [1.0, 2]),
        ("Macro.shares", '"{""sun"": 1.0}"', {"sun": 1.0}),
        ("max_mda_iter", "5", 5),
    ],
)
def test_cell_is_coerced_to_its_declared_type(reader: Reader, key: str, cell: str, value: object) -> None:
    cases = reader.reads(f"case,{key}\na,{cell}\n")
    [result] = cases.rows[0].values(cases.keys)
    assert (result, type(result)) == (value, type(value))


@pytest.mark.parametrize("column", ["dice.Macro.gamma", "Macro.gamma", "gamma"])
def test_column_may_be_a_full_name_or_an_ending(reader: Reader, column: str) -> None:
    """The key of an assignment does not include the study name."""
    cases = reader.reads(f"case,{column}\na,0.1\n")
    assert (cases.columns, cases.keys) == ((column,), ("Macro.gamma",))


@pytest.mark.parametrize("blank", ["", "  ", '""'])
def test_blank_cell_sets_nothing(reader: Reader, blank: str) -> None:
    cases = reader.reads(f"case,Macro.gamma,Macro.note\na,0.1,{blank}\nb,{blank},x\n")
    assert [[assignment.key for assignment in case.assignments] for case in cases.rows] == [
        ["Macro.gamma"],
        ["Macro.note"],
    ]
    assert cases.rows[0].values(cases.keys) == [0.1, None]


def test_case_without_a_name_gets_its_number(reader: Reader) -> None:
    """The column `case` may be anywhere, or missing."""
    named = reader.reads("Macro.gamma,case,Macro.periods\n0.1,low,1\n0.2,,2\n0.3, high ,3\n")
    assert [case.name for case in named.rows] == ["low", "2", "high"]
    assert [case.values(named.keys) for case in named.rows] == [[0.1, 1], [0.2, 2], [0.3, 3]]
    assert [case.name for case in reader.reads("Macro.gamma\n0.1\n0.2\n").rows] == ["1", "2"]


@pytest.mark.parametrize("content", ["\ufeffcase,Macro.gamma\na,0.1\n", "case,Macro.gamma\r\na,0.1\r\n\r\n"])
def test_byte_order_mark_and_windows_line_ends_are_ignored(reader: Reader, content: str) -> None:
    cases = reader.reads(content)
    assert [(case.name, case.values(cases.keys)) for case in cases.rows] == [("a", [0.1])]


@pytest.mark.parametrize("end", [",\n", ",\n,\n", ",,\n", " , \n", "\n,\n\n", '"",""\n'])
def test_blank_rows_are_skipped(reader: Reader, end: str) -> None:
    """Spreadsheets save empty rows as commas, also between two cases."""
    for content in (f"Macro.gamma,Macro.note\n0.1,x\n{end}", f"Macro.gamma,Macro.note\n{end}0.1,x\n"):
        assert [(case.name, case.cells) for case in reader.reads(content).rows] == [("1", ("0.1", "x"))]
    assert reader.refuses(f"Macro.gamma,Macro.note\n{end}").kind == "invalid_file"


SAMPLES = """selected_scenario,scenario_name,gamma,weights,targets
True,scenario_1,0.1,[1. 2.],[0.5 1. ]
False,scenario_2,0.2,[1.5 2.5],[1. 2.]
true,scenario_3,0.3,[3],[2.]
"""


@pytest.mark.parametrize("end", ["", ",,,,\n"])
def test_table_of_a_sampler_is_a_table_of_cases(reader: Reader, end: str) -> None:
    """Its columns name and select the scenarios. Arrays are as numpy prints them."""
    cases = reader.reads(SAMPLES + end)
    assert cases.columns == ("gamma", "weights", "targets")
    assert [case.name for case in cases.rows] == ["scenario_1", "scenario_3"]
    assert [case.values(cases.keys) for case in cases.rows] == [[0.1, "[1. 2.]", [0.5, 1.0]], [0.3, "[3]", [2.0]]]
    arrays = [assignment.file.read_text() for case in cases.rows for assignment in case.assignments if assignment.file]
    assert arrays == ["value\n1.\n2.\n", "value\n3\n"]


def test_scenario_names_work_without_a_selection(reader: Reader) -> None:
    assert [case.name for case in reader.reads("scenario_name,gamma\na,0.1\n,0.2\n").rows] == ["a", "2"]


@pytest.mark.parametrize("cell", ["[1. 2.]", "[1.0, 2.0]", "[1 2]", "[ 1.\n 2.]"])
def test_cell_of_an_array_is_an_array(reader: Reader, cell: str) -> None:
    [case] = reader.reads(f'weights\n"{cell}"\n').rows
    assert [assignment.file is not None for assignment in case.assignments] == [True]


@pytest.mark.parametrize(
    "content",
    [
        "scenario_name,case,gamma\na,b,0.1\n",
        "scenario_name,selected_scenario\na,True\n",
        "scenario_name,selected_scenario,gamma\na,maybe,0.1\n",
        "scenario_name,selected_scenario,gamma\na,,0.1\n",
        "scenario_name,selected_scenario,gamma\na,False,0.1\n",
        "scenario_name,selected_scenario,gamma\na,True,0.1\na,True,0.2\n",
        "weights\n[1. nan]\n",
        "weights\n[1. ... 9.]\n",
        "weights\nabc\n",
        "targets\n[1. nan]\n",
        "targets\n[1. inf]\n",
        "gamma\n[1. 2.]\n",
    ],
)
def test_unclear_table_of_a_sampler_is_rejected(reader: Reader, content: str) -> None:
    reader.refuses(content)


def test_named_case_without_values_is_a_case(reader: Reader) -> None:
    """It runs the baseline."""
    assert [case.name for case in reader.reads("case,Macro.gamma\nown,\n").rows] == ["own"]


def test_file_is_relative_to_the_table_of_cases(reader: Reader) -> None:
    away = reader.folder / "people.csv"
    assert not Path("people.csv").exists()
    cases = reader.reads(f"case,Macro.population\na,@people.csv\nb,@{away}\n")
    assert [assignment.file for case in cases.rows for assignment in case.assignments] == [away, away]
    assert cases.rows[0].values(cases.keys) == ["@people.csv"]


# What is refused ------------------------------------------------------------------------------------


def test_every_fault_is_listed_with_its_line_and_parameter(reader: Reader) -> None:
    error = reader.refuses(
        "case,Macro.gamma,Macro.periods,Macro.scenario,Macro.savings_rate,Macro.population\n"
        'a,"1,5",2.5,snow,7,@nope.csv\n"b\nc",,,,,5\nd,nan,,,,@excel.csv\ne,1e400,,,,@dict.csv\n'
    )
    lines = (error.detail or "").splitlines()
    faults = [
        ("line 2", "dice.Macro.gamma"),
        ("line 2", "dice.Macro.periods"),
        ("line 2", "dice.Macro.scenario"),
        ("line 2", "dice.Macro.savings_rate"),
        ("line 2", "dice.Macro.population"),
        ("line 4", "dice.Macro.population"),
        ("line 5", "dice.Macro.gamma"),
    ]
    for line, (number, parameter) in zip(lines, faults, strict=False):
        assert (line.startswith(number), parameter in line) == (True, True)
        # A line names its parameter once, in front or in the message of the fault.
        assert f"{parameter}: {parameter}" not in line
    assert ("1.5" in lines[0], "0 to 1" in lines[3], "nope.csv" in lines[4]) == (True, True, True)
    assert "semicolons" in lines[7]


def test_only_the_first_faults_are_listed(reader: Reader) -> None:
    """The message has the number of all faults."""
    error = reader.refuses("Macro.gamma\n" + "x\n" * 25)
    assert (error.kind, "25" in error.message) == ("invalid_value", True)
    assert (error.detail or "").splitlines()[MOST_FAULTS:] == [f"and {25 - MOST_FAULTS} more"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "case\na\n",
        "case,Macro.gamma\n",
        "case,,Macro.gamma\na,1,2\n",
        "case,Macro.gamma,\na,1,\n",
        "case,Macro.gamma,Macro.gamma\na,1,2\n",
        "case,Macro.gamma,dice.Macro.gamma\na,1,2\n",
        "case,Macro.gamma,status\na,1,2\n",
        "case,cause\na,1\n",
        "case,Macro.gamma\na,1,2\n",
        "case,Macro.gamma\na\n",
        "case,Macro.gamma\na,1\na,2\n",
        "case,Macro.gamma\n2,1\n,2\n",
        b"case,Macro.note\na,caf\xe9\n",
    ],
)
def test_invalid_table_of_cases_is_rejected(reader: Reader, content: str | bytes) -> None:
    error = reader.refuses(content)
    assert (error.kind, "cases.csv" in error.message) == ("invalid_file", True)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("dice.Damage.total_damage", "output"),
        ("dice.Macro.output", "output"),
        ("dice.Damage.temperature", "coupling"),
        ("dice.Damage.by_year", "output"),
    ],
)
def test_outputs_and_coupling_variables_cannot_be_swept(reader: Reader, key: str, why: str) -> None:
    """The server would accept the value and lose it."""
    assert why in reader.refuses(f"case,{key}\na,1\n").message


def test_unknown_column_is_not_found(reader: Reader) -> None:
    """The detail has suggestions."""
    with pytest.raises(NotFound, match=r"Macro\.gama") as caught:
        reader.reads("case,Macro.gama\na,1\n")
    assert "dice.Macro.gamma" in (caught.value.detail or "")


@pytest.mark.parametrize(
    ("key", "file"),
    [("Macro.shares", "three.csv"), ("Macro.targets", "hollow.csv"), ("Macro.gamma", "people.csv")],
)
def test_invalid_file_is_listed_with_the_other_faults(reader: Reader, key: str, file: str) -> None:
    error = reader.refuses(f"case,Macro.periods,{key}\na,1,\nb,2,@{file}\n")
    assert f"dice.{key}" in (error.detail or error.message)


# Names of folders -----------------------------------------------------------------------------------


@settings(deadline=None, max_examples=20)
@given(st.lists(names, min_size=2, max_size=6, unique=True))
def test_case_folders_are_distinct_and_inside_the_results_folder(called: list[str]) -> None:
    folders = [case_folders(called)[name] for name in called]
    assert len({folder.casefold() for folder in (*folders, LOG_FILE)}) == len(called) + 1
    assert all(len(PurePosixPath(folder).parts) == 1 and folder not in {".", ".."} for folder in folders)


def test_duplicate_column_is_named(reader: Reader) -> None:
    assert (
        "Macro.gamma" in reader.refuses("case,Macro.gamma,Macro.note,Macro.gamma\na,1,x,2\n").message.partition(":")[2]
    )


@pytest.mark.parametrize(("header", "named"), [("Case", "`case`"), ("Scenario_Name", "`scenario_name`"), ("Cas", None)])
def test_column_of_names_in_another_case_is_suggested(reader: Reader, header: str, named: str | None) -> None:
    with pytest.raises(NotFound) as caught:
        reader.reads(f"{header},Macro.gamma\nlow,0.1\n")
    assert (str(named) in str(caught.value.hint)) is (named is not None)
