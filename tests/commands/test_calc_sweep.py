"""`sostrades calc sweep`: cases are set, run and collected, and the original values are restored."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
import pytest
from conftest import QUICK_SERVERS, SERVERS, mostly_slow, slow

from server_stub.values import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

EXECUTE = "POST /api/v0/calculation/execute/21"
SENT = "POST /api/v0/study-case/21/parameters"
CASES = "case,Macro.gamma,Macro.use_damage\nlow,0.1,\nno damage,0.2,no\nhigh,0.5,yes\n"
# A growth that no double holds: the run fails, though every type is right.
FAILING = "case,Macro.gamma\nlow,0.1\ntoo much,1e300\nhigh,0.5\n"
CAUSE = "OverflowError: (34, 'Numerical result out of range')"


@pytest.fixture(params=QUICK_SERVERS)
def anyone(user_of: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a user of each kind of server."""
    return user_of(request.param)


def sweep(
    user: User, cases: str, *words: str, collect: str = "Damage.total_damage", into: str = "results.csv"
) -> Outcome:
    """Sweep study 21."""
    (user.folder / "cases.csv").write_text(cases)
    keys = [word for key in collect.split(",") for word in ("--collect", key)]
    results = str(user.folder / into)
    return user.types("calc", "sweep", "21", str(user.folder / "cases.csv"), *keys, "-o", results, *words)


def rows(user: User, name: str = "results.csv") -> list[dict[str, str]]:
    """Return the rows of the results."""
    with (user.folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def stored_value(user: User, name: str) -> Any:
    """Return the value of a parameter on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    study = user.world.studies[21]
    study.settle()
    return study.values[name]


def journaled(user: User) -> list[tuple[str, str]]:
    """Return command and outcome of each journal entry."""
    result = json.loads(user.types("param", "history", "21", "-F", "json").out)
    return [(entry["command"], entry["outcome"]) for entry in result]


# The results ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("anyone", SERVERS, indirect=True)
def test_each_case_is_a_row(anyone: User) -> None:
    """In the order of the cases: name, values, status, cause and outputs."""
    done = sweep(anyone, CASES, collect="Damage.total_damage,Damage.message,Macro.shares")
    assert (done.code, done.out) == (0, "")
    assert (anyone.folder / "results.csv").read_text() == (
        "case,Macro.gamma,Macro.use_damage,status,cause,Damage.total_damage,Damage.message,Macro.shares\n"
        'low,0.1,true,FINISHED,,3.9942536357295415,sunny days,"{""coal"": 0.4, ""wind"": 0.6}"\n'
        'no damage,0.2,false,FINISHED,,0.0,sunny days,"{""coal"": 0.4, ""wind"": 0.6}"\n'
        'high,0.5,true,FINISHED,,5.2560327880243385,sunny days,"{""coal"": 0.4, ""wind"": 0.6}"\n'
    )


@pytest.mark.slow
@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_output_of_a_case_is_that_of_single_commands(user_of: Callable[..., User], server: str) -> None:
    """`param set`, `calc run` and `param get` give the same."""
    swept, by_hand = user_of(server), user_of(server)
    sweep(swept, "case,Macro.gamma,Macro.periods\na,0.7,5\nb,,7\n")
    by_hand.types("param", "set", "21", "Macro.gamma=0.7", "Macro.periods=5")
    by_hand.types("calc", "run", "21")
    assert (
        rows(swept)[0]["Damage.total_damage"]
        == by_hand.types("param", "get", "21", "dice.Damage.total_damage").out.strip()
    )


def test_case_does_not_affect_the_next_case(anyone: User) -> None:
    """A blank cell is the original value."""
    sweep(
        anyone, "case,Macro.gamma,Macro.scenario\na,,\nb,0.9,rainy\nc,,\n", collect="Damage.total_damage,Damage.message"
    )
    first, second, third = ([row["Damage.total_damage"], row["Damage.message"]] for row in rows(anyone))
    assert (first, first != second) == (third, True)
    assert [row["Macro.gamma"] for row in rows(anyone)] == ["0.3", "0.9", "0.3"]


def test_tables_and_charts_are_in_the_folder_of_their_case(user: User) -> None:
    sweep(user, CASES, "--collect-charts", "Output*", collect="Damage.damages")
    tables = [(user.folder / row["Damage.damages"]).read_text() for row in rows(user)]
    assert all(table.startswith("years,damages\n2020,") for table in tables)
    assert len(set(tables)) == 3
    for row in rows(user):
        folder = (user.folder / row["Damage.damages"]).parent
        assert [path.name[:3] for path in sorted((folder / "charts").iterdir())] == ["002", "004"]
    [low] = (user.folder / "results.d" / "low" / "charts").glob("002-*")
    drawn = json.loads(low.read_text())
    assert (drawn["title"], drawn["data"][0]["name"]) == ("Output per year", "output")


def test_table_can_be_swept(user: User) -> None:
    """The original table is restored exactly."""
    before = user.types("param", "download", "21", "dice.Macro.population").out
    (user.folder / "small.csv").write_text("years,population\n2020,80.0\n")
    sweep(user, "case,Macro.population\nown,\nsmall,@small.csv\nagain,\n")
    assert [row["Macro.population"] for row in rows(user)] == ["unchanged", "@small.csv", "unchanged"]
    own, small, again = (float(row["Damage.total_damage"]) for row in rows(user))
    assert (own, small < own / 50) == (again, True)
    assert user.types("param", "download", "21", "dice.Macro.population").out == before


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_results_have_types_in_json_and_parquet(anyone: User, suffix: str) -> None:
    cases = "case,Macro.gamma,Macro.use_damage,Macro.periods\na,0,no,3\nb,1e300,,\n"
    assert sweep(anyone, cases, into=f"x.{suffix}").code == 3
    path = anyone.folder / f"x.{suffix}"
    result = json.loads(path.read_text()) if suffix == "json" else pyarrow.parquet.read_table(path).to_pylist()
    assert [list(row.values()) for row in result] == [
        ["a", 0.0, False, 3, "FINISHED", None, 0.0],
        ["b", 1e300, True, 11, "FAILED", CAUSE, None],
    ]


# Failed cases ---------------------------------------------------------------------------------------


def test_failed_case_is_a_row(anyone: User) -> None:
    """The other cases run, and the exit code is 3."""
    done = sweep(anyone, FAILING)
    assert (done.code, anyone.requests.count(EXECUTE)) == (3, 3)
    assert [(row["case"], row["status"], row["cause"]) for row in rows(anyone)] == [
        ("low", "FINISHED", ""),
        ("too much", "FAILED", CAUSE),
        ("high", "FINISHED", ""),
    ]
    assert rows(anyone)[1]["Damage.total_damage"] == ""
    assert done.error is not None
    assert ("1 of 3" in done.error.message, done.error.detail) == (True, f"too much: {CAUSE}")
    assert "Traceback (most recent call last)" in (anyone.folder / "results.d" / "sweep.jsonl").read_text()
    assert (stored_value(anyone, "Macro.gamma"), journaled(anyone)) == (0.3, [("sweep", "restored")])


def test_fail_fast_stops_at_the_first_failed_case(anyone: User) -> None:
    """The original values are restored, and there are no results."""
    done = sweep(anyone, FAILING, "--fail-fast")
    assert (done.code, anyone.requests.count(EXECUTE)) == (3, 2)
    assert ("too much" in done.err, CAUSE in done.err) == (True, True)
    assert not (anyone.folder / "results.csv").exists()
    assert (stored_value(anyone, "Macro.gamma"), journaled(anyone)) == (0.3, [("sweep", "restored")])


# Own values -----------------------------------------------------------------------------------------

KINDS = [
    ("gamma", "0.9"),
    ("periods", "7"),
    ("use_damage", "no"),
    ("scenario", "rainy"),
    ("note", '"a, b ☃"'),
    ("targets", "[10.5]"),
    ("milestones", "[]"),
    ("shares", '"{""sun"": 1.0}"'),
    ("nested", '"{""A"": {""x"": 5.0}}"'),
    ("remark", "said"),
    ("no_limit", "12.5"),
    ("not_known", "12.5"),
]


@pytest.mark.parametrize(("name", "cell"), mostly_slow(KINDS, 3))
def test_original_values_of_every_type_are_restored(anyone: User, name: str, cell: str) -> None:
    before = encode(stored_value(anyone, f"Macro.{name}"))
    assert sweep(anyone, f"case,Macro.{name}\na,{cell}\n").code == 0
    assert repr(encode(stored_value(anyone, f"Macro.{name}"))) == repr(before)


@pytest.mark.parametrize("name", ["population", slow("events"), "weights"])
def test_original_tables_are_restored(user: User, name: str) -> None:
    before = user.types("param", "download", "21", f"dice.Macro.{name}").out
    content = {"population": "years,population\n2020,1.5\n", "events": "name,amount\nRome,1.5\n", "weights": "w\n0.5\n"}
    (user.folder / "t.csv").write_text(content[name])
    sweep(user, f"case,Macro.{name}\na,@t.csv\n")
    assert user.types("param", "download", "21", f"dice.Macro.{name}").out == before


def test_sweep_has_one_journal_entry(anyone: User) -> None:
    """It is `restored` at the end, so there is nothing to undo."""
    anyone.types("param", "set", "21", "Macro.gamma=0.4")
    sweep(anyone, CASES)
    assert journaled(anyone) == [("set", "done"), ("sweep", "restored")]
    assert stored_value(anyone, "Macro.gamma") == 0.4
    assert anyone.types("param", "undo", "21").code == 0
    assert stored_value(anyone, "Macro.gamma") == 0.3


def test_other_parameters_are_not_sent(anyone: User) -> None:

    def others() -> dict[str, str]:
        study = anyone.world.studies[21]
        inputs = [
            parameter.name
            for parameter in study.model.parameters
            if parameter.io_type == "in" and not parameter.coupling
        ]
        return {name: repr(study.values[name]) for name in inputs}

    before = others()
    sweep(anyone, CASES)
    stored_value(anyone, "Macro.gamma")
    assert others() == before


# Telling --------------------------------------------------------------------------------------------


def test_pipe_gets_a_line_per_case(user: User) -> None:
    done = sweep(user, FAILING)
    # The first line is about the results that are lost.
    lines = done.err.splitlines()[1:]
    assert done.out == ""
    assert [line.split(" after ")[0] for line in lines[:3]] == [
        "case low (1 of 3): FINISHED",
        "case too much (2 of 3): FAILED",
        "case high (3 of 3): FINISHED",
    ]
    assert ("results.csv" in lines[3], "results.d" in lines[4], "study 21" in lines[5]) == (True, True, True)


def test_terminal_shows_a_view_then_the_first_results(user: User) -> None:
    """The cursor is visible again at the end."""
    (user.folder / "cases.csv").write_text(FAILING)
    words = ("calc", "sweep", "21", str(user.folder / "cases.csv"), "--collect", "total_damage")
    done = user.types(*words, "-o", str(user.folder / "results.csv"), tty=True)
    assert ("of 3 cases" in done.err, "case low" in done.err) == (True, False)
    assert [line.split()[0] for line in done.out.splitlines() if "FINISHED" in line] == ["low", "high"]
    assert "FAILED" in done.out
    # Notes come after the view, not on its screen.
    assert done.err.rindex("results.d") > done.err.rindex("\x1b[?1049l")
    assert done.err.rindex("\x1b[?25h") > done.err.rindex("\x1b[?25l")


def test_quiet_sweep_writes_no_notes(user: User) -> None:
    assert sweep(user, CASES, "-q").err == ""


def test_json_errors_are_one_object(user: User) -> None:
    done = sweep(user, FAILING, "-F", "json", into="r.json")
    assert json.loads(done.err)["code"] == done.code == 3
    assert [row["status"] for row in json.loads((user.folder / "r.json").read_text())] == [
        "FINISHED",
        "FAILED",
        "FINISHED",
    ]


def test_key_is_not_in_results_log_or_journal(anyone: User) -> None:
    sweep(anyone, "case,Macro.gamma\nlow,0.1\n", "--collect-charts", "*", collect="Damage.damages")
    files = [path for path in anyone.folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not any(anyone.world.key.encode() in path.read_bytes() for path in files)


def test_selected_scenarios_of_a_sampler_are_run(user: User) -> None:
    """The original array is restored at the end."""
    before = user.types("param", "download", "21", "dice.Macro.weights").out
    samples = "selected_scenario,scenario_name,Macro.gamma,Macro.weights\n"
    samples += "True,s1,0.1,[1. 2.]\nFalse,s2,0.2,[1.5 2.5]\nTrue,s3,0.3,[3.25 4. ]\n"
    done = sweep(user, samples)
    assert done.code == 0, done.err
    assert [(row["case"], row["Macro.weights"], row["status"]) for row in rows(user)] == [
        ("s1", "[1. 2.]", "FINISHED"),
        ("s3", "[3.25 4. ]", "FINISHED"),
    ]
    assert user.types("param", "download", "21", "dice.Macro.weights").out == before


def test_heartbeat_names_the_case(user: User) -> None:
    done = sweep(user, "case,Macro.gamma\nlow,0.1\n", "--heartbeat", "3")
    beats = [line for line in done.err.splitlines() if "still RUNNING after" in line]
    assert beats
    assert all(re.match(r"case low: \S+Z  21  still RUNNING after \d+ s", line) for line in beats)
    assert "still" not in sweep(user, "case,Macro.gamma\nlow,0.1\n", "--heartbeat", "0", into="other.csv").err


def test_sweep_has_a_note_that_outputs_are_those_of_its_last_case(user: User) -> None:
    """The study was FINISHED, and its restored values have no results."""
    rerun = "sostrades calc run 21"
    assert rerun in sweep(user, CASES).err
    read = user.types("param", "get", "21", "total_damage")
    assert (read.code, rerun in read.err) == (0, True)
    assert user.types(*rerun.split()[1:]).code == 0
    assert rerun not in user.types("param", "get", "21", "total_damage").err


def test_sweep_that_ends_with_the_values_of_the_study_leaves_its_results(user: User) -> None:
    done = sweep(user, "case,Macro.gamma\nlow,0.1\nown,0.3\n")
    assert (done.code, "calc run" in done.err) == (0, False)


def test_space_is_not_a_table_of_cases(user: User) -> None:
    """The hint has the command that makes a table of it."""
    (user.folder / "space.toml").write_text('"Macro.gamma" = {range = [0.1, 0.5]}\n')
    words = ("calc", "sweep", "21", str(user.folder / "space.toml"), "--collect", "total_damage")
    done = user.types(*words, "-o", str(user.folder / "r.csv"))
    assert (done.code, done.kind, "calc design" in done.err) == (2, "invalid_file", True)


def test_three_inputs_fit_a_terminal_of_80_columns(user: User) -> None:
    """Numbers are rounded to six digits there. The file has all of them."""
    cases = "case,Macro.gamma,Macro.use_damage,Macro.periods\n1,0.18683379446687046,yes,11\n"
    (user.folder / "cases.csv").write_text(cases)
    words = ("calc", "sweep", "21", str(user.folder / "cases.csv"), "--collect", "Damage.total_damage")
    done = user.types(*words, "-o", str(user.folder / "results.csv"), tty=True)
    assert re.search(r" 0\.186834 .*FINISHED", done.out)
    assert rows(user)[0]["Macro.gamma"] == "0.18683379446687046"
