"""Test `sostrades study load`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def test_pipe_gets_a_header_and_full_values(user: User) -> None:
    done = user.types("study", "load", "21")
    header, *rows = done.out.splitlines()
    assert done.code == 0
    assert header == "parameter\ttype\tunit\tvalue"
    assert "dice.Macro.gamma\tfloat\t-\t0.3" in rows
    assert not any("max_mda_iter" in row for row in rows)
    assert "…" not in done.out
    assert done.err == ""


def test_json_is_the_answer_of_the_server(user: User) -> None:
    done = user.types("study", "load", "21", "-F", "json")
    answer = user.types("api", "GET", "/api/v0/study-case/21/30")
    assert json.loads(done.out) == json.loads(answer.out)
    assert "1e-06" in done.out
    assert done.err == ""


def test_all_shows_solver_settings(user: User) -> None:
    assert "dice.max_mda_iter" in user.types("study", "load", "21", "--all").out


def test_match_selects_parameters(user: User) -> None:
    table = user.types("study", "load", "21", "--match", "*.Macro.g*").out.splitlines()
    mapping = json.loads(user.types("study", "load", "21", "--match", "*.Macro.g*", "-F", "json").out)
    assert [row.split("\t")[0] for row in table[1:]] == list(mapping) == ["dice.Macro.gamma"]


def test_terminal_shows_the_number_of_hidden_parameters(user: User) -> None:
    done = user.types("study", "load", "21", tty=True)
    assert "solver settings hidden (--all)" in done.err
    assert "Macro.gamma" in done.out


def test_load_that_never_finishes_is_exit_124(user: User) -> None:
    began = user.world.clock.now()
    done = user.types("study", "load", "24")
    assert done.code == 124
    assert "the server cannot load it" in done.err
    assert user.requests[0] == "GET /api/v0/study-case/24/30"
    assert len(user.requests) == 10
    assert 295 <= user.world.clock.now() - began <= 305


def test_short_timeout_is_passed_to_the_server(user: User) -> None:
    done = user.types("study", "load", "24", "--timeout", "3s")
    assert (done.code, user.requests) == (124, ["GET /api/v0/study-case/24/3"])


def test_two_empty_answers_are_a_missing_permission(user: User) -> None:
    """A restricted viewer gets `{}` at once."""
    user.world.faults.arm(Fault("body", count=2, path="study-case/21", body="{}", content_type="application/json"))
    done = user.types("study", "load", "21")
    assert done.code == 4
    assert "restricted viewer" in done.err
    assert len(user.requests) == 2


def test_broken_load_falls_back_to_read_only_mode(user53: User) -> None:
    done = user53.types("study", "load", "21")
    assert done.code == 0
    assert "dice.Macro.gamma\tfloat\t-\t0.3" in done.out
    assert "read-only mode" in done.err
    entry = json.loads(user53.types("study", "load", "21", "-F", "json").out)["dice.Macro.gamma"]
    assert set(entry) == {"type", "unit", "var_name", "value", "optional"}


def test_broken_load_without_a_finished_run_is_exit_7(user53: User) -> None:
    done = user53.types("study", "load", "22")
    assert done.code == 7
    assert "5.0.2 to 5.3.4" in done.err
    assert "sostrades calc run 22" in done.err
    assert "sostrades param get 22" in done.err


def test_missing_permission_is_exit_4_and_missing_study_exit_5(user_of: Callable[..., User]) -> None:
    for server in ("documented", "5.0", "5.3"):
        someone = user_of(server)
        assert someone.types("study", "load", "25").code == 4
        assert someone.types("study", "load", "99999").code == 5
        assert someone.types("study", "load", "99999999999999999999999").code == 5


def test_invalid_study_numbers_are_rejected_without_a_request(user: User) -> None:
    for wrong in ("abc", "-1", "0", "1.5", "https://gui.example/nothing"):
        assert user.types("study", "load", "--", wrong).code == 2
    assert user.requests == []


def test_link_can_be_used_as_study(user: User) -> None:
    assert user.types("study", "load", "http://localhost:4200/study/21").code == 0


def test_study_is_cached_without_values(user: User) -> None:
    user.types("study", "load", "21")
    [file] = (user.folder / "cache").rglob("21.json")
    assert "dice.Macro.gamma" in file.read_text()
    assert "caf" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_ndjson_is_a_line_per_parameter(user: User) -> None:
    lines = [json.loads(line) for line in user.types("study", "load", "21", "--all", "-F", "ndjson").out.splitlines()]
    whole = user.prints("study", "load", "21")
    assert {line["parameter"]: line["value"] for line in lines} == {name: item["value"] for name, item in whole.items()}
    assert {tuple(line) for line in lines} == {("parameter", "type", "unit", "value")}
