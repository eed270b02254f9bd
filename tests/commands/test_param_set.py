"""Test `sostrades param set`."""

from __future__ import annotations

import fcntl
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from conftest import QUICK_SERVERS, SERVERS, WITH_READ_ONLY_MODE, StubTransport, mostly_slow, slow

from server_stub.faults import Fault
from server_stub.values import Array, Table
from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome, User

SENT = "POST /api/v0/study-case/21/parameters"
POPULATION = "years,population\n2020,8000.0\n2021,8100.5\n"


def stored_value(user: User, name: str, study: int = 21) -> Any:
    """Return a parameter as stored on the server, by its name without the study name."""
    result = user.world.studies[study]
    result.settle()
    return result.values[name]


def error_object(done: Outcome) -> dict[str, Any]:
    """Return the only object on standard error."""
    [line] = done.err.splitlines()
    error: dict[str, Any] = json.loads(line)
    assert error["code"] == done.code
    return error


# The happy path ---------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("Macro.gamma", "12.5", 12.5),
        slow("Macro.gamma", "5", 5.0),
        slow("Macro.gamma", "1e-3", 0.001),
        slow("Macro.periods", "+7", 7),
        ("Macro.use_damage", "false", False),
        slow("Macro.scenario", "rainy", "rainy"),
        slow("Macro.note", "a=b, ☃ = 1", "a=b, ☃ = 1"),
        ("Macro.note", "12.5", "12.5"),
        slow("Macro.note", "", ""),
        slow("Macro.targets", "[10, 20.5]", [10, 20.5]),
        ("Macro.targets", "[]", []),
        slow("Macro.region_names", '["Asia", "007"]', ["Asia", "007"]),
        ("Macro.shares", '{"coal": 0.1, "wind": 0.9}', {"coal": 0.1, "wind": 0.9}),
        slow("Energy mix.share of wind [%] & sun", "20", 20.0),
    ],
)
def test_value_is_coerced_sent_once_and_stored(
    user_of: Callable[..., User], server: str, key: str, text: str, value: object
) -> None:
    user = user_of(server)
    done = user.types("param", "set", "21", f"dice.{key}={text}")
    assert done.code == 0
    assert user.requests.count(SENT) == 1
    assert stored_value(user, key) == value
    assert type(stored_value(user, key)) is type(value)


@pytest.mark.parametrize("server", SERVERS)
def test_result_is_one_row_per_change(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("param", "set", "21", "Macro.gamma=0.9", "-F", "tsv")
    assert done.out.splitlines() == ["key\ttype\told\tnew\tunit", "dice.Macro.gamma\tfloat\t0.3\t0.9\t-"]


def test_change_after_a_finished_run_says_that_its_results_are_out_of_date(user: User) -> None:
    """Not if nothing changes, and only until the results are lost. `--quiet` has no notes."""
    text = "out of date"
    assert text not in user.types("param", "set", "21", "Macro.gamma=0.3").err
    assert text in user.types("param", "set", "21", "Macro.gamma=0.9", "--dry-run").err
    assert text in user.types("param", "set", "21", "Macro.gamma=0.9").err
    assert text not in user.types("param", "set", "21", "Macro.gamma=0.8").err
    assert user.types("calc", "run", "21").code == 0
    assert text in user.types("param", "undo", "21").err
    assert user.types("calc", "run", "21").code == 0
    assert user.types("param", "set", "21", "Macro.gamma=0.7", "-q").err == ""


def test_rejected_dry_run_does_not_say_that_results_would_be_out_of_date(user: User) -> None:
    words = ("param", "set", "21", "Macro.gamma=0.9", "--unit", "kg", "--dry-run")
    done = user.types(*words)
    assert (done.code, "0.9" in done.out, "out of date" in done.err) == (2, True, False)


def test_pipe_without_a_format_gets_a_header_and_rows(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert done.code == 0
    assert done.out == "key\ttype\told\tnew\tunit\ndice.Macro.gamma\tfloat\t0.3\t0.9\t-\n"


def test_terminal_shows_a_change_that_was_made_unlike_a_dry_run(user: User) -> None:
    """Names are without the name of the study."""
    words = ("param", "set", "21", "Macro.gamma=0.9", "Macro.start_year=2021", "--yes")
    planned = user.types(*words, "--dry-run", tty=True, NO_COLOR="1").out.splitlines()
    assert [line.split() for line in planned] == [
        ["parameter", "would", "change", "unit"],
        ["~", "Macro.gamma", "0.3", "→", "0.9"],
        ["~", "Macro.start_year", "2020", "→", "2021", "year"],
    ]
    made = user.types(*words, tty=True, NO_COLOR="1").out.splitlines()
    assert [line.split() for line in made] == [
        ["✓", "Macro.gamma", "0.3", "→", "0.9"],
        ["✓", "Macro.start_year", "2020", "→", "2021", "year"],
        ["undo:", "sostrades", "param", "undo", "21"],
    ]
    undone = user.types("param", "undo", "21", "--yes", tty=True, NO_COLOR="1").out
    assert "undo:" not in undone
    assert "0.9 → 0.3" in undone


@pytest.mark.parametrize("server", SERVERS)
def test_json_has_typed_values_and_stderr_is_empty(user_of: Callable[..., User], server: str) -> None:
    done = user_of(server).types("param", "set", "21", "Macro.gamma=0.9", "Macro.use_damage=no", "-F", "json")
    assert json.loads(done.out) == [
        {"key": "dice.Macro.gamma", "type": "float", "old": 0.3, "new": 0.9, "unit": "-", "notes": [], "sent": True},
        {
            "key": "dice.Macro.use_damage",
            "type": "bool",
            "old": True,
            "new": False,
            "unit": None,
            "notes": [],
            "sent": True,
        },
    ]
    assert done.err == ""


@pytest.mark.parametrize("server", SERVERS)
def test_several_values_are_one_request(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    assert user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=3", "Macro.targets=[1.5]").code == 0
    assert user.requests.count(SENT) == 1
    assert (
        stored_value(user, "Macro.gamma"),
        stored_value(user, "Macro.periods"),
        stored_value(user, "Macro.targets"),
    ) == (0.9, 3, [1.5])


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_get_prints_the_set_value(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("param", "set", "21", "dice.Macro.gamma=12.5")
    assert user.types("param", "get", "21", "dice.Macro.gamma").out == "12.5\n"


@pytest.mark.parametrize("server", SERVERS)
def test_unchanged_value_is_not_sent(user_of: Callable[..., User], server: str) -> None:
    """A write would delete the read-only file."""
    user = user_of(server)
    done = user.types(
        "param", "set", "21", "Macro.gamma=0.3", "Macro.periods=11", "Macro.use_damage=true", "Macro.scenario=sunny"
    )
    assert done.code == 0
    assert SENT not in user.requests
    assert "4 of 4" in done.err
    assert user.types("calc", "status", "21", "--query", "study_case_execution_status").out == '"FINISHED"\n'
    assert user.world.studies[21].read_only is not None


def test_only_changed_values_are_sent(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.gamma=0.3", "Macro.periods=12")
    assert done.code == 0
    assert "1 of 2" in done.err
    assert stored_value(user, "Macro.periods") == 12


@pytest.mark.parametrize("options", [(), ("-F", "tsv"), ("-F", "table")])
def test_unchanged_value_has_no_row(user: User, options: tuple[str, ...]) -> None:
    done = user.types("param", "set", "21", "Macro.gamma=0.3", "Macro.periods=12", *options)
    assert ("Macro.periods" in done.out, "Macro.gamma" in done.out) == (True, False)


def test_empty_unit_means_no_unit(user: User) -> None:
    refused = user.types("param", "set", "21", "Macro.start_year=2021", "--unit", "")
    assert (refused.code, refused.kind) == (2, "invalid_value")
    assert "no unit" in refused.err
    for assignment in ("Macro.gamma=0.4", "Macro.scenario=rainy"):
        assert user.types("param", "set", "21", assignment, "--unit", "").code == 0


def test_int_in_a_float_parameter_is_replaced_by_a_float(user: User) -> None:
    user.world.studies[21].values["Macro.gamma"] = "0.3"
    assert user.types("param", "set", "21", "Macro.gamma=0.3").code == 0
    assert user.requests.count(SENT) == 1
    assert stored_value(user, "Macro.gamma") == 0.3


# What is refused before anything is sent --------------------------------------------------------


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("Macro.gamma=nan", "nan and inf"),
        slow("Macro.gamma=inf", "nan and inf"),
        slow("Macro.gamma=-Infinity", "nan and inf"),
        ("Macro.gamma=1e999", "range of a double"),
        ("Macro.gamma=1,5", "1.5"),
        ("Macro.gamma=abc", "must be a float"),
        ("Macro.gamma=", "must be a float"),
        slow("Macro.gamma=0x10", "must be a float"),
        slow("Macro.gamma=1_000", "must be a float"),
        ("Macro.gamma=\u0661", "must be a float"),
        ("Macro.periods=2.5", "must be an int"),
        slow("Macro.periods=1e-3", "must be an int"),
        ("Macro.use_damage=maybe", "true or false"),
        ("Macro.targets=[1.0, 2.0", "JSON"),
        ("Macro.targets={}", "must be a list"),
        slow("Macro.targets=1.0", "must be a list"),
        ("Macro.targets=[NaN]", "NaN"),
        ("Macro.targets=[1e999]", "1e999"),
        ("Macro.shares=[1]", "must be a dict"),
        slow("Macro.shares={'a': 1}", "JSON"),
        ('Macro.shares={"a": Infinity}', "Infinity"),
        slow("Macro.population=[[2020, 1.0]]", "CSV or Excel file"),
        ("Macro.weights=[1.0]", "CSV or Excel file"),
        ("Macro.regions={}", "CSV or Excel file"),
    ],
)
def test_value_of_another_type_is_rejected(
    user_of: Callable[..., User], server: str, assignment: str, expected: str
) -> None:
    user = user_of(server)
    done = user.types("param", "set", "21", assignment)
    assert (done.code, done.out) == (2, "")
    assert expected in done.err
    assert SENT not in user.requests


@pytest.mark.parametrize("words", [('Macro.shares={"sun": 1.0, "sun": 2.0}',), ("--from", "wishes.json")])
def test_repeated_json_key_is_rejected(user: User, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(user.folder)
    Path("wishes.json").write_text('{"Macro.gamma": 0.5, "Macro.gamma": 0.9}', encoding="utf-8")
    done = user.types("param", "set", "21", *words)
    assert (done.code, SENT in user.requests) == (2, False)
    assert "occurs twice" in done.err


def test_lone_surrogate_in_json_is_rejected(user: User) -> None:
    done = user.types("param", "set", "21", 'Macro.region_names=["\\ud800"]')
    assert done.code == 2
    assert SENT not in user.requests


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_invalid_value_prevents_the_whole_change(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    assert user.types("param", "set", "21", "Macro.periods=3", "Macro.gamma=nan").code == 2
    assert SENT not in user.requests
    assert stored_value(user, "Macro.periods") == 11


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    "assignment", ["dice.Damage.total_damage=1.5", "dice.Damage.message=x", "dice.Macro.output=@FILE"]
)
def test_output_is_rejected(user_of: Callable[..., User], server: str, assignment: str) -> None:
    """The server would accept and lose it."""
    user = user_of(server)
    file = user.folder / "t.csv"
    file.write_text(POPULATION)
    done = user.types("param", "set", "21", assignment.replace("FILE", str(file)))
    assert done.code == 2
    assert "output" in done.err
    assert SENT not in user.requests


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_coupling_variable_is_rejected(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    file = user.folder / "t.csv"
    file.write_text("years,temperature\n2020,1.5\n")
    # Without read-only mode, a server does not show the names of outputs.
    code = 2 if server in WITH_READ_ONLY_MODE else 5
    assert user.types("param", "set", "21", f"Damage.temperature=@{file}").code == code
    assert SENT not in user.requests


def test_cached_coupling_variable_is_rejected_after_an_edit(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9")
    file = user.folder / "t.csv"
    file.write_text("years,temperature\n2020,1.5\n")
    assert user.types("param", "set", "21", f"Damage.temperature=@{file}").code == 2
    assert user.requests.count(SENT) == 1


@pytest.mark.parametrize("server", SERVERS)
def test_unknown_key_is_exit_5_with_suggestions(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    done = user.types("param", "set", "21", "dice.Macro.gama=1.0")
    assert done.code == 5
    assert "dice.Macro.gamma" in done.err
    assert SENT not in user.requests


def test_ambiguous_key_is_rejected(user: User) -> None:
    done = user.types("param", "set", "21", "*linearization_mode=auto")
    assert done.code == 2
    assert done.kind == "ambiguous_name"
    assert SENT not in user.requests


@pytest.mark.parametrize("wrong", ["Macro.gamma", "=1", "Macro.gamma=@missing.csv"])
def test_malformed_assignment_sends_no_request(user: User, wrong: str) -> None:
    assert user.types("param", "set", "21", wrong).code == 2
    assert user.requests == []


def test_repeated_key_is_rejected(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.gamma=1", "dice.Macro.gamma=2")
    assert done.code == 2
    assert "twice" in done.err
    assert SENT not in user.requests


def test_error_in_json_is_one_object(user: User) -> None:
    done = user.types("param", "set", "21", "Macro.gamma=nan", "-F", "json")
    error = error_object(done)
    assert done.out == ""
    assert {"error", "code", "kind", "study", "hint", "server"} <= error.keys()
    assert (error["code"], error["kind"], error["server"]) == (2, "invalid_value", None)


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(user: User, study: str, code: int) -> None:
    assert user.types("param", "set", study, "Macro.gamma=1").code == code
    assert not any(asked.endswith("/parameters") for asked in user.requests)


# During a run -----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_active_run_is_not_changed_without_force(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.types("calc", "run", "21", "--detach")
    done = user.types("param", "set", "21", "dice.Macro.gamma=0.9")
    assert done.code == 8
    assert "PENDING" in done.err
    assert SENT not in user.requests
    assert user.types("param", "set", "21", "dice.Macro.gamma=0.9", "--force").code == 0
    assert user.requests.count(SENT) == 1


# Lost answers -----------------------------------------------------------------------------------

MADE = [
    Fault("drop", method="POST", path="parameters$", when="after"),
    Fault("status", method="POST", path="parameters$", status=502, when="after"),
    Fault("status", method="POST", path="parameters$", status=500, when="after"),
    Fault("cut", method="POST", path="parameters$"),
    Fault("slow", method="POST", path="parameters$", seconds=90),
]
NOT_MADE = [
    (Fault("drop", method="POST", path="parameters$", when="before"), 6),
    (Fault("hang", method="POST", path="parameters$"), 6),
    (Fault("status", method="POST", path="parameters$", status=502, when="before"), 7),
]


@pytest.mark.parametrize("server", [slow("documented"), slow("5.0"), "5.3"])
@pytest.mark.parametrize("fault", MADE, ids=lambda fault: f"{fault.kind}{fault.status}")
def test_change_with_a_lost_answer_is_verified(user_of: Callable[..., User], server: str, fault: Fault) -> None:
    user = user_of(server)
    user.world.faults.arm(fault)
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert done.code == 0
    assert "the change was made despite the error" in done.err
    assert user.requests.count(SENT) == 1
    assert stored_value(user, "Macro.gamma") == 0.9


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(("fault", "code"), NOT_MADE, ids=["drop", "hang", "502"])
def test_lost_request_is_reported_and_not_repeated(
    user_of: Callable[..., User], server: str, fault: Fault, code: int
) -> None:
    user = user_of(server)
    user.world.faults.arm(fault)
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert (done.code, done.out) == (code, "")
    assert "the change was not made" in done.err
    assert user.requests.count(SENT) == 1
    assert stored_value(user, "Macro.gamma") == 0.3


@pytest.mark.parametrize("server", ["documented", slow("5.0")])
@pytest.mark.parametrize("status", [302, 400, slow(401), 403, slow(404), slow(409), slow(413), 422, slow(429)])
def test_refused_change_that_was_made_is_detected(user_of: Callable[..., User], server: str, status: int) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("status", status=status, when="after", method="POST", path="parameters$"))
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert (done.code, stored_value(user, "Macro.gamma"), user.requests.count(SENT)) == (0, 0.9, 1)
    assert "the change was made despite the error" in done.err
    assert user.types("param", "undo", "21", "--yes").code == 0
    assert stored_value(user, "Macro.gamma") == 0.3


def test_refused_change_that_was_made_in_part_is_unverified(user: User) -> None:
    def partly(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/parameters"):
            user.world.studies[21].update({"dice.Macro.gamma": 0.9})
            return httpx.Response(400, json={"code": 400, "name": "Bad Request", "description": "the second is bad"})
        return StubTransport(user.world).handle_request(request)

    user.transport = httpx.MockTransport(partly)
    done = user.types("param", "set", "21", "Macro.gamma=0.9", "Macro.periods=7")
    assert done.code == 8
    assert "only a part of the change was made" in done.err
    assert "does not have the new value of dice.Macro.periods" in done.err
    history = json.loads(user.types("param", "history", "21", "-F", "json").out)
    assert [entry["outcome"] for entry in history] == ["in doubt"]


def test_late_change_is_not_attributed_to_another_user(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.5")
    user.world.faults.arm(Fault("drop", when="before", method="POST", path="parameters$"))
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert (done.code, stored_value(user, "Macro.gamma")) == (6, 0.5)
    assert "the change was not made within 5 s" in done.err
    user.world.studies[21].update({"dice.Macro.gamma": 0.9})
    undone = user.types("param", "undo", "21")
    assert undone.code == 8
    assert "entry 2 of the history, which arrived late" in undone.err


def test_commands_lock_the_study(user: User) -> None:
    taken = []

    def locked(request: httpx.Request) -> httpx.Response:
        for path in (Path(user.environ["SOSTRADES_STATE_DIR"]) / "locks").glob("*.change"):
            with path.open("r+") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    taken.append(request.method)
        return StubTransport(user.world).handle_request(request)

    user.transport = httpx.MockTransport(locked)
    assert user.types("param", "set", "21", "Macro.gamma=0.9", "--dry-run").code == 0
    assert taken == []
    assert user.types("param", "set", "21", "Macro.gamma=0.9").code == 0
    assert "GET" in taken
    assert "POST" in taken


def test_half_applied_change_is_not_reported_as_unmade(user: User) -> None:
    """The file arrived, and the values were lost."""
    file = user.folder / "p.csv"
    file.write_text(POPULATION)
    user.transport = _LosesJson(user)
    done = user.types("param", "set", "21", f"Macro.population=@{file}", "Macro.gamma=0.9")
    assert done.code == 6
    assert stored_value(user, "Macro.population").column("population") == [8000.0, 8100.5]
    assert "the study holds its former values" not in done.err
    assert "dice.Macro.population" in done.err


def test_rate_limited_change_is_not_repeated(user: User) -> None:
    user.world.faults.arm(Fault("status", method="POST", path="parameters$", status=429))
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert done.code in {7, 8}
    assert user.requests.count(SENT) == 1
    assert stored_value(user, "Macro.gamma") == 0.3


# Dropped updates --------------------------------------------------------------------------------


@pytest.mark.parametrize("server", SERVERS)
def test_dropped_update_is_resent_once(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert done.code == 0
    assert "sending the change once more" in done.err
    assert user.requests.count(SENT) == 2
    assert stored_value(user, "Macro.gamma") == 0.9


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_update_dropped_twice_is_exit_8(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("drop_update", count=5, method="POST", path="parameters$"))
    done = user.types("param", "set", "21", "Macro.gamma=0.9", "-F", "json")
    assert (done.code, done.out) == (8, "")
    assert "dice.Macro.gamma" in error_object(done)["error"]
    assert user.requests.count(SENT) == 2


@pytest.mark.parametrize("server", QUICK_SERVERS)
def test_lost_answer_to_the_second_attempt_is_resolved(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    user.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
    user.world.faults.arm(Fault("drop", method="POST", path="parameters$", when="after"))
    done = user.types("param", "set", "21", "Macro.gamma=0.9")
    assert done.code == 0
    assert "the change was made despite the error" in done.err
    assert user.requests.count(SENT) == 2
    assert stored_value(user, "Macro.gamma") == 0.9


# CSV files that the server would read wrongly -----------------------------------------------------


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"years;population\n2020;8000.0\n", ["semicolon"]),
        (b"years\tpopulation\n2020\t8000.0\n", ["tab"]),
        (b'years,population\n2020,8000.0\n2021,"8100,5"\n', ["line 3", "population", "8100.5"]),
        (b"years,population\n2020,8000.0\n2021,\n", ["line 3", "population", "blank"]),
        (b"years,population\n2020,NaN\n", ["line 2", "population", "NaN"]),
        (b"years,population\n2020,nan\n2021,1.0\n", ["line 2", "population"]),
        (b"years,population\n2020,007\n", ["line 2", "population", "007"]),
        (b",years,population\n0,2020,8000.0\n", ["index column"]),
        (b"Unnamed: 0,years,population\n0,2020,8000.0\n", ["index column"]),
        (b"years,population\n2020,caf\xe9\n", ["UTF-8"]),
        (b"", ["empty"]),
        (b"\n\n", ["empty"]),
        (b"years,population\n2020,1.0,2.0\n", ["line 2", "3 cells"]),
        (b"years,population\n2020\n", ["line 2", "1 cell,"]),
        (b"2020,8000.0\n2021,8100.5\n", ["header"]),
        (b"years,years\n2020,1.0\n", ["years"]),
        (b"years,\n2020,1.0\n", ["column 2"]),
    ],
)
def test_file_that_the_server_would_corrupt_is_rejected(
    user_of: Callable[..., User], server: str, content: bytes, expected: list[str]
) -> None:
    user = user_of(server)
    file = user.folder / "p.csv"
    file.write_bytes(content)
    done = user.types("param", "set", "21", f"Macro.population=@{file}", "Macro.gamma=0.9")
    assert (done.code, done.out) == (2, "")
    assert all(word in done.err for word in [str(file), *expected])
    assert SENT not in user.requests


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        slow("'Paris'", "Paris"),
        ('"""Paris"""', "Paris"),
        ("1_000", "1_000"),
        slow("0x10", "0x10"),
        slow("'2'", "2"),
        ("2", "2"),
    ],
)
def test_strings_that_look_like_literals_arrive(user: User, cell: str, text: str) -> None:
    """The server parses each cell as a Python literal."""
    file = user.folder / "e.csv"
    file.write_text(f"name,active,comment,amount\nRome,True,x,1.5\n{cell},False,y,2.5\n")
    done = user.types("param", "set", "21", f"Macro.events=@{file}")
    assert done.code == 0, done.err
    assert stored_value(user, "Macro.events").rows[1] == (text, False, "y", 2.5)


def test_infinity_in_a_column_of_floats_arrives(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text("years,population\n2020,inf\n2021,0.30000000000000004\n")
    assert user.types("param", "set", "21", f"Macro.population=@{file}").code == 0
    assert stored_value(user, "Macro.population").rows == ((2020, math.inf), (2021, 0.30000000000000004))


def test_lower_case_booleans_equal_those_of_the_server(user: User) -> None:
    file = user.folder / "e.csv"
    file.write_text("name,active,comment,amount\nRome,true,x,1.5\nParis,false,y,2.5\n")
    done = user.types("param", "set", "21", f"Macro.events=@{file}")
    assert done.code == 0
    assert user.requests.count(SENT) == 1
    assert stored_value(user, "Macro.events").column("active") == [True, False]


# Files --------------------------------------------------------------------------------------------


def test_table_is_uploaded_and_verified(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text(POPULATION)
    done = user.types("param", "set", "21", f"Macro.population=@{file}")
    assert done.code == 0
    assert user.requests.count(SENT) == 1
    assert stored_value(user, "Macro.population") == Table(("years", "population"), ((2020, 8000.0), (2021, 8100.5)))
    assert user.types("param", "download", "21", "dice.Macro.population").out == POPULATION


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("Macro.population", "\ufeffyears,population\r\n2020,8000.0\r\n"),
        slow("Macro.population", "years,population\n"),
        slow("Macro.population", "years,population\n2020,None\n2021,1.5\n"),
        ("Macro.events", 'name,active,comment,amount\n"Paris, 2015",True,"said ""now""",1.5\nBelém ☃,False,,3.0\n'),
        slow("Macro.weights", "anything\n0.5\n0.25\n0.25\n"),
        ("Macro.regions", "variable,years,share\nAsia,2020,0.75\nEurope,2020,0.25\nAsia,2030,0.5\n"),
    ],
    ids=["bom-crlf", "header-only", "None", "text", "array", "dict-of-tables"],
)
def test_each_kind_of_file_is_uploaded_once(user: User, key: str, content: str) -> None:
    file = user.folder / "f.csv"
    file.write_text(content, newline="")
    empty = ["--force"] * (content.count("\n") == 1)
    assert user.types("param", "set", "21", f"{key}=@{file}", *empty).code == 0
    assert user.types("param", "set", "21", f"{key}=@{file}").code == 0
    assert user.requests.count(SENT) == 1


def test_two_dimensional_array_can_be_replaced(user: User) -> None:
    file = user.folder / "m.csv"
    file.write_text("value\n1.5\n2.5\n")
    done = user.types("param", "set", "21", f"Macro.matrix=@{file}")
    assert done.code == 0
    assert stored_value(user, "Macro.matrix") == Array([1.5, 2.5])


def test_files_are_one_request_before_the_values(user: User) -> None:
    tables, weights = user.folder / "p.csv", user.folder / "w.csv"
    tables.write_text(POPULATION)
    weights.write_text("value\n0.5\n0.5\n")
    arguments = ("Macro.gamma=0.9", f"Macro.population=@{tables}", f"Macro.weights=@{weights}", "Macro.periods=3")
    done = user.types("param", "set", "21", *arguments, "-F", "tsv")
    kinds = [r.headers["Content-Type"].split(";")[0] for r in user.world.requests if r.path.endswith("/parameters")]
    assert done.code == 0
    assert kinds == ["multipart/form-data", "application/json"]
    between = user.requests[user.requests.index(SENT) + 1 :]
    assert "POST /api/v0/study-case/21/parameter/download" in between[: between.index(SENT)]
    assert [row.split("\t")[0] for row in done.out.splitlines()[1:]] == [
        "dice.Macro.gamma",
        "dice.Macro.periods",
        "dice.Macro.population",
        "dice.Macro.weights",
    ]


@pytest.mark.parametrize("server", [slow("5.0"), "5.3"])
def test_table_on_a_server_without_uploads_changes_nothing(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    file = user.folder / "p.csv"
    file.write_text(POPULATION)
    done = user.types("param", "set", "21", f"Macro.population=@{file}", "Macro.gamma=0.9")
    assert (done.code, done.out) == (7, "")
    assert "4.2.0 to 5.3.4" in done.err
    assert user.requests.count(SENT) == 1
    assert stored_value(user, "Macro.gamma") == 0.3
    assert user.world.studies[21].status == "FINISHED"


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    ("key", "content", "value"),
    [
        ("Macro.targets", "value\n10.0\n20.5\n", [10.0, 20.5]),
        ("Macro.region_names", "value\nAsia\nAfrica\n", ["Asia", "Africa"]),
        ("Macro.shares", "variable,value\ncoal,0.1\nwind,0.9\n", {"coal": 0.1, "wind": 0.9}),
    ],
)
def test_lists_and_dicts_from_files_are_sent_as_json(
    user_of: Callable[..., User], server: str, key: str, content: str, value: object
) -> None:
    user = user_of(server)
    file = user.folder / "f.csv"
    file.write_text(content)
    assert user.types("param", "set", "21", f"{key}=@{file}").code == 0
    [request] = [r for r in user.world.requests if r.path.endswith("/parameters")]
    assert request.headers["Content-Type"] == "application/json"
    assert stored_value(user, key) == value


@pytest.mark.parametrize("server", QUICK_SERVERS)
@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("Macro.gamma", "value\n6.25\n"),
        slow("Macro.note", "value\nhello\n"),
        ("Macro.targets", "a,b\n1,2\n"),
        ("Macro.weights", "a,b\n1,2\n"),
        ("Macro.shares", "key,value\ncoal,0.1\n"),
        slow("Macro.shares", "variable,value,more\ncoal,0.1,2\n"),
        ("Macro.regions", "region,years,share\nAsia,2020,1.0\n"),
        ("Macro.targets", "value\n1e999\n"),
    ],
)
def test_file_of_another_type_is_rejected(user_of: Callable[..., User], server: str, key: str, content: str) -> None:
    user = user_of(server)
    file = user.folder / "f.csv"
    file.write_text(content)
    assert user.types("param", "set", "21", f"{key}=@{file}").code == 2
    assert SENT not in user.requests


@pytest.mark.parametrize("server", SERVERS)
def test_nested_dict_with_nan_in_a_file_is_rejected(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    file = user.folder / "n.csv"
    user.types("param", "download", "21", "dice.Macro.nested", "-o", str(file))
    file.write_text(file.read_text().replace("2.0", "5.0"))
    done = user.types("param", "set", "21", f"Macro.nested=@{file}")
    assert done.code == 2
    assert "line 2" in done.err
    assert SENT not in user.requests


@pytest.mark.parametrize("fault", mostly_slow(MADE, 3), ids=lambda fault: f"{fault.kind}{fault.status}")
def test_upload_with_a_lost_answer_is_verified(user: User, fault: Fault) -> None:
    file = user.folder / "p.csv"
    file.write_text(POPULATION)
    if fault.kind == "slow":
        fault = Fault("slow", method="POST", path="parameters$", seconds=400)
    user.world.faults.arm(fault)
    done = user.types("param", "set", "21", f"Macro.population=@{file}")
    assert done.code == 0
    assert "the change was made despite the error" in done.err
    assert user.requests.count(SENT) == 1


def test_dropped_upload_is_resent_once(user: User) -> None:
    file = user.folder / "p.csv"
    file.write_text(POPULATION)
    user.world.faults.arm(Fault("drop_update", method="POST", path="parameters$"))
    assert user.types("param", "set", "21", f"Macro.population=@{file}").code == 0
    assert user.requests.count(SENT) == 2
    assert stored_value(user, "Macro.population").column("population") == [8000.0, 8100.5]


# Servers whose load route is broken -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("nested", '{"A": {"x": 1.0}, "B": {"x": 3.0}}', {"A": {"x": 1.0}, "B": {"x": 3.0}}),
        ("targets", '[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
    ],
)
def test_nested_values_are_verified_by_download(user53: User, key: str, text: str, value: object) -> None:
    done = user53.types("param", "set", "21", f"Macro.{key}={text}", "-F", "json", "--force")
    assert (done.code, done.err) == (0, "")
    assert user53.requests.count(SENT) == 1
    assert stored_value(user53, f"Macro.{key}") == value


def test_value_missing_in_downloads_is_unverified(user53: User) -> None:
    done = user53.types("param", "set", "21", "Macro.targets=[[1, 2], [3, 4]]", "--force")
    assert done.code == 8
    assert done.kind == "not_verified"
    assert user53.requests.count(SENT) == 1
    assert stored_value(user53, "Macro.targets") == [[1, 2], [3, 4]]


def test_value_of_unknown_type_is_parsed_as_json_with_a_note(user53: User) -> None:
    done = user53.types("param", "set", "22", "crash.Macro.gamma=0.5")
    assert done.code == 0
    assert "the type of crash.Macro.gamma is unknown" in done.err
    assert stored_value(user53, "Macro.gamma", 22) == 0.5
    user53.types("param", "set", "22", "crash.Macro.note=plain words")
    assert stored_value(user53, "Macro.note", 22) == "plain words"


def test_unknown_type_is_null_in_json(user53: User) -> None:
    done = user53.types("param", "set", "22", "crash.Macro.gamma=0.5", "-F", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)[0]["type"] is None


@pytest.mark.parametrize("key", ["population", "weights", "regions"])
def test_json_for_a_table_of_unknown_type_is_rejected(user53: User, key: str) -> None:
    """It would make the next run fail."""
    done = user53.types("param", "set", "22", f'crash.Macro.{key}="text"')
    assert done.code == 2
    assert not any(asked.endswith("/parameters") for asked in user53.requests)


def test_downloaded_dict_of_unknown_type_is_unchanged(user53: User) -> None:
    file = user53.folder / "shares.csv"
    assert user53.types("param", "download", "22", "crash.Macro.shares", "-o", str(file)).code == 0
    assert user53.types("param", "set", "22", f"crash.Macro.shares=@{file}").code == 0
    assert stored_value(user53, "Macro.shares", 22) == {"coal": 0.4, "wind": 0.6}
    assert not any(asked.endswith("/parameters") for asked in user53.requests)


@pytest.mark.parametrize("key", ["weights", "targets"])
def test_file_for_a_list_or_array_of_unknown_type_is_rejected(user53: User, key: str) -> None:
    file = user53.folder / "new.csv"
    file.write_text("value\n0.25\n0.75\n")
    done = user53.types("param", "set", "22", f"crash.Macro.{key}=@{file}")
    assert (done.code, stored_value(user53, "Macro.targets", 22)) == (2, [1.0, 2.5, 4.0])
    assert "a list or an array" in done.err
    assert user53.types("param", "set", "22", "crash.Macro.targets:=[0.25]").code == 0
    assert stored_value(user53, "Macro.targets", 22) == [0.25]


def test_unknown_key_of_a_study_that_never_ran_is_exit_5(user53: User) -> None:
    assert user53.types("param", "set", "22", "crash.Macro.gama=1").code == 5
    assert not any(asked.endswith("/parameters") for asked in user53.requests)


def test_cached_type_is_used_if_the_load_is_broken(user_of: Callable[..., User]) -> None:
    user_of("documented").types("study", "load", "22")
    later = user_of("5.3")
    assert later.types("param", "set", "22", "Macro.gamma=nan").code == 2
    assert later.types("param", "set", "22", "Macro.note=12.5").code == 0
    assert stored_value(later, "Macro.note", 22) == "12.5"


def test_types_cached_for_another_server_are_not_used(user_of: Callable[..., User]) -> None:
    user_of("documented").types("study", "load", "22")
    other = user_of("5.3")
    done = other.types("param", "set", "22", "crash.Macro.gamma=0.5", "--host", "http://localhost:5004")
    assert "is unknown" in done.err


# Streams ------------------------------------------------------------------------------------------


def test_control_characters_of_values_are_escaped_on_a_terminal(user: User) -> None:
    user.world.studies[21].values["Macro.note"] = "\x1b]0;owned\x07"
    done = user.types("param", "set", "21", "Macro.note=x", tty=True)
    assert "\x1b]" not in done.out + done.err
    assert "\x07" not in done.out + done.err
    assert "\\x1b]0;owned" in done.out
    user.world.studies[21].values["Macro.note"] = "\x1b]0;owned\x07"
    exact = json.loads(user.types("param", "set", "21", "Macro.note=y", "-F", "json").out)
    assert exact[0]["old"] == "\x1b]0;owned\x07"


def test_cache_contains_no_values(user: User) -> None:
    user.types("param", "set", "21", "Macro.note=a-secret-value")
    kept = b"".join(path.read_bytes() for path in (user.folder / "cache").rglob("*.json"))
    assert b"dice.Macro.note" in kept
    assert b"a-secret-value" not in kept


def _LosesJson(user: User) -> Any:  # noqa: N802 - it stands for a class, which needs conftest at run time
    """Return a network that closes the connection before JSON changes arrive."""
    import httpx  # noqa: PLC0415
    from conftest import StubTransport  # noqa: PLC0415

    inner = StubTransport(user.world)

    def answer(request: httpx.Request) -> httpx.Response:
        sends_json = request.headers.get("content-type") == "application/json"
        if request.url.path.endswith("/parameters") and sends_json:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        request.read()
        return inner.handle_request(request)

    return httpx.MockTransport(answer)


def test_folder_instead_of_a_file_is_rejected(tmp_path: Path, user: User) -> None:
    assert user.types("param", "set", "21", f"Macro.population=@{tmp_path}").code == 2
    assert user.requests == []


@pytest.mark.parametrize("key", ["Macro.gamma=0.5", "dice.Macro.gamma=0.5", "max_mda_iter=20"])
def test_commenter_gets_a_permission_error(user: User, key: str) -> None:
    done = user.types("param", "set", "21", key, SOSTRADES_API_KEY=KEYS["commenter"])
    assert done.code == 4
