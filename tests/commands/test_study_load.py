"""`sostrades study load`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from server_stub.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


def test_a_pipe_gets_a_header_and_whole_values(user: User) -> None:
    """Off a terminal the first line is the header, values are never cut, and solver settings are hidden."""
    done = user.types("study", "load", "21")
    header, *rows = done.out.splitlines()
    assert done.code == 0
    assert header == "parameter\ttype\tunit\tvalue"
    assert "dice.Macro.gamma\tfloat\t-\t0.3" in rows
    assert not any("max_mda_iter" in row for row in rows)
    assert "…" not in done.out
    assert done.err == ""


def test_json_is_the_servers_own_mapping(user: User) -> None:
    """`-F json` holds every entry of the answer, numbers untouched, and standard error stays empty."""
    done = user.types("study", "load", "21", "-F", "json")
    answer = user.types("api", "GET", "/api/v0/study-case/21/30")
    assert json.loads(done.out) == json.loads(answer.out)
    assert "1e-06" in done.out
    assert done.err == ""


def test_all_shows_solver_settings(user: User) -> None:
    """`--all` shows what is hidden otherwise."""
    assert "dice.max_mda_iter" in user.types("study", "load", "21", "--all").out


def test_a_glob_chooses(user: User) -> None:
    """`--match` chooses by name, in tables and in JSON."""
    table = user.types("study", "load", "21", "--match", "*.Macro.g*").out.splitlines()
    mapping = json.loads(user.types("study", "load", "21", "--match", "*.Macro.g*", "-F", "json").out)
    assert [row.split("\t")[0] for row in table[1:]] == list(mapping) == ["dice.Macro.gamma"]


def test_a_terminal_gets_a_title_with_the_hidden_count(user: User) -> None:
    """On a terminal standard error says how many solver settings are hidden."""
    done = user.types("study", "load", "21", tty=True)
    assert "solver settings hidden (--all)" in done.err
    assert "dice.Macro.gamma" in done.out


def test_a_study_that_never_loads_is_asked_until_patience_ends(user: User) -> None:
    """The server is asked for at most 30 s at a time; then exit 124 names the reasons that remain."""
    began = user.world.clock.now()
    done = user.types("study", "load", "24")
    assert done.code == 124
    assert "the server cannot load it" in done.err
    assert user.requests[0] == "GET /api/v0/study-case/24/30"
    assert len(user.requests) == 2
    assert 55 <= user.world.clock.now() - began <= 65


def test_a_short_patience_is_kept(user: User) -> None:
    """`--timeout 3` asks the server for 3 s, once."""
    done = user.types("study", "load", "24", "--timeout", "3s")
    assert (done.code, user.requests) == (124, ["GET /api/v0/study-case/24/3"])


def test_an_empty_answer_at_once_twice_is_a_missing_right(user: User) -> None:
    """A restricted viewer gets `{}` at once: after the second one, 1 s later, exit 4."""
    user.world.faults.arm(Fault("body", count=2, path="study-case/21", body="{}", content_type="application/json"))
    done = user.types("study", "load", "21")
    assert done.code == 4
    assert "restricted viewer" in done.err
    assert len(user.requests) == 2


def test_the_broken_load_route_falls_back_to_read_only_mode(user53: User) -> None:
    """On 5.3 a finished study comes from read-only mode, in the shape of a load, and the tool says so."""
    done = user53.types("study", "load", "21")
    assert done.code == 0
    assert "dice.Macro.gamma\tfloat\t-\t0.3" in done.out
    assert "read-only mode" in done.err
    entry = json.loads(user53.types("study", "load", "21", "-F", "json").out)["dice.Macro.gamma"]
    assert set(entry) == {"type", "unit", "var_name", "value", "optional"}


def test_the_broken_load_route_without_a_finished_run_is_diagnosed(user53: User) -> None:
    """On 5.3 a study that never ran cannot be read: exit 7, the fault named, a way out shown."""
    done = user53.types("study", "load", "22")
    assert done.code == 7
    assert "5.0.2 to 5.3.4" in done.err
    assert "sostrades calc run 22" in done.err
    assert "sostrades param get 22" in done.err


def test_no_right_and_no_study_are_told_apart(user_of: Callable[..., User]) -> None:
    """A study without a right is exit 4, one that is not there exit 5, on every version."""
    for server in ("documented", "5.0", "5.3"):
        someone = user_of(server)
        assert someone.types("study", "load", "25").code == 4
        assert someone.types("study", "load", "99999").code == 5
        assert someone.types("study", "load", "99999999999999999999999").code == 5


def test_wrong_numbers_are_refused_without_a_request(user: User) -> None:
    """`abc`, `-1`, `0` and `1.5` are exit 2, and nothing is asked."""
    for wrong in ("abc", "-1", "0", "1.5", "https://gui.example/nothing"):
        assert user.types("study", "load", "--", wrong).code == 2
    assert user.requests == []


def test_a_link_stands_for_its_study(user: User) -> None:
    """A pasted link to a study's page is as good as its number."""
    assert user.types("study", "load", "http://localhost:4200/study/21").code == 0


def test_the_study_is_remembered_without_values(user: User) -> None:
    """The cache holds names and types, readable by the owner only, and no value."""
    user.types("study", "load", "21")
    [file] = (user.folder / "cache").rglob("21.json")
    assert "dice.Macro.gamma" in file.read_text()
    assert "caf" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
