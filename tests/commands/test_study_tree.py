"""Test `sostrades study tree`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import WITH_READ_ONLY_MODE, slow

from server_stub.model import Model, Parameter
from server_stub.world import Right
from server_stub.worlds.people import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User


@pytest.mark.parametrize("server", WITH_READ_ONLY_MODE)
def test_tree_has_kinds_models_and_counts(user_of: Callable[..., User], server: str) -> None:
    document = user_of(server).prints("study", "tree", "28")
    assert (document["study"], document["name"], document["finished"]) == (28, "sellar", True)
    root = document["tree"]
    assert (root["kind"], root["path"], root["status"], root["inputs"]) == ("folder", "sellar", None, 0)
    [coupling] = root["children"]
    assert (coupling["kind"], coupling["name"]) == ("coupling", "SellarCoupling")
    assert [(item["name"], item["kind"], item["inputs"], item["outputs"]) for item in coupling["children"]] == [
        ("Sellar_Problem", "discipline", 5, 3),
        ("Sellar_2", "discipline", 3, 1),
        ("Sellar_1", "discipline", 3, 1),
    ]
    assert {item["status"] for item in coupling["children"]} == {"DONE"}


def test_pipe_gets_indented_lines_and_a_format_gets_rows(user: User) -> None:
    lines = user.types("study", "tree", "28").out.splitlines()
    assert [len(line) - len(line.lstrip()) for line in lines] == [0, 2, 4, 4, 4]
    assert [line.split()[0] for line in lines[2:]] == ["Sellar_Problem", "Sellar_2", "Sellar_1"]
    header, *rows = user.types("study", "tree", "28", "-F", "tsv").out.splitlines()
    assert header.split("\t") == ["node", "kind", "model", "status", "inputs", "outputs"]
    assert rows[2].split("\t") == ["SellarCoupling.Sellar_Problem", "discipline", "SellarProblem", "DONE", "5", "3"]


def test_terminal_gets_guides_within_its_width(user: User) -> None:
    done = user.types("study", "tree", "13", tty=True, COLUMNS="60", NO_COLOR="1")
    assert done.code == 0
    assert "└── " in done.out
    assert max(map(len, done.out.splitlines())) <= 60
    assert done.err.startswith("sectors · study 13 · 38 nodes")


def test_depth_counts_the_nodes_left_out(user: User) -> None:
    document = user.prints("study", "tree", "28", "--depth", "1")
    [coupling] = document["tree"]["children"]
    assert (coupling["children"], coupling["hidden"]) == ([], 3)
    assert user.prints("study", "tree", "28", "--depth", "0")["tree"]["hidden"] == 4


@pytest.mark.parametrize("name", ["SellarCoupling.Sellar_1", "Sellar_1", "sellar_1", "sellar.SellarCoupling.Sellar_1"])
def test_node_selects_the_nodes_below_it(user: User, name: str) -> None:
    document = user.prints("study", "tree", "28", name, "--params")
    assert document["tree"]["path"] == "sellar.SellarCoupling.Sellar_1"
    kinds = {parameter["key"].rpartition(".")[2]: parameter["kind"] for parameter in document["tree"]["parameters"]}
    assert kinds == {"x": "input", "y_2": "input", "z": "input", "y_1": "output"}


def test_unknown_node_is_not_found_and_suggests_others(user: User) -> None:
    done = user.types("study", "tree", "28", "SellarCoupling.Seller_1")
    assert (done.code, done.kind) == (5, "not_found")
    assert "Sellar_1" in done.err


def test_tree_before_a_run_follows_from_names_with_a_note(user: User) -> None:
    document = user.prints("study", "tree", "22")
    assert document["finished"] is False
    assert [item["name"] for item in document["tree"]["children"]] == ["Macro", "Carbon", "Damage", "Energy mix"]
    assert {item["kind"] for item in document["tree"]["children"]} == {None}
    assert "sostrades calc run 22" in user.types("study", "tree", "22").err


def test_name_with_thousands_of_parts_is_unusable(user: User) -> None:
    name = ".".join(["a"] * 3000)
    model = Model("deep", ("",), (Parameter(f"{name}.p", "float", 1.0),))
    user.world.add_study(60, "deep", model, {user.world.users["owner@email.com"]: Right.OWNER})
    assert user.types("study", "tree", "60").kind == "unusable_answer"


def test_tree_during_a_run_has_its_status(user: User) -> None:
    user.types("calc", "run", "26", "--detach")
    done = user.types("study", "tree", "26")
    assert done.code == 0
    assert "sostrades calc watch 26" in done.err


def test_changed_study_without_a_known_structure_has_no_couplings_but_a_tree(user: User) -> None:
    user.types("param", "set", "21", "Macro.gamma=0.9")
    tree = user.prints("study", "tree", "21")
    assert tree["finished"] is False
    assert {item["status"] for item in tree["tree"]["children"]} == {None}
    done = user.types("study", "graph", "21")
    assert (done.code, done.kind) == (8, "refused")
    assert "sostrades calc run 21" in done.err


@pytest.mark.parametrize(
    "command",
    [("study", "graph"), slow(("study", "order")), slow(("study", "tree")), slow(("param", "trace", "gamma"))],
)
def test_structure_before_a_change_is_used_with_a_note(user: User, command: tuple[str, ...]) -> None:
    line = (*command[:2], "21", *command[2:])
    before = user.types(*line)
    user.types("param", "set", "21", "Macro.gamma=0.9")
    after = user.types(*line)
    assert after.code == 0
    assert after.out == before.out or command[1] == "tree"
    assert "last finished run" in after.err
    user.types("calc", "run", "21")
    assert user.types(*line).err == before.err


def test_structure_before_a_change_is_used_where_the_server_cannot_load(user_of: Callable[..., User]) -> None:
    user = user_of("5.3")
    before = user.types("study", "graph", "21").out
    assert user.types("param", "set", "21", "dice.Macro.gamma=0.9", "--yes").code == 0
    assert user.types("study", "load", "21").code != 0
    assert user.types("study", "graph", "21").out == before


def test_tree_during_a_run_has_kinds_of_the_run_before_and_the_present_status(user: User) -> None:
    user.types("study", "graph", "21")
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.types("calc", "run", "21", "--detach")
    present = user.prints("calc", "status", "21")["disciplines_status"]
    tree = user.prints("study", "tree", "21")
    macro = tree["tree"]["children"][0]
    assert (tree["finished"], macro["kind"]) == (False, "discipline")
    assert macro["status"] == present.get("dice.Macro")


def test_tree_after_a_change_has_kinds_and_no_status_of_the_old_run(user: User) -> None:
    before = user.prints("study", "tree", "21")["tree"]["children"]
    user.types("param", "set", "21", "Macro.gamma=0.9")
    after = user.prints("study", "tree", "21")["tree"]["children"]
    assert [(item["kind"], item["inputs"]) for item in after] == [(item["kind"], item["inputs"]) for item in before]
    assert {item["status"] for item in after} == {None}


def test_structure_that_a_change_rebuilt_is_not_used(user: User) -> None:
    user.types("study", "graph", "29")
    assert user.types("param", "set", "29", "with_sample_generator=false").code == 0
    assert user.types("study", "graph", "29").kind == "refused"
    tree = user.types("study", "tree", "29")
    assert (tree.code, "SampleGenerator" in tree.out) == (0, False)


def test_structure_before_a_change_is_not_shown_to_another_key(user: User) -> None:
    user.types("study", "graph", "21")
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    assert user.types("study", "graph", "21").kind == "refused"


@pytest.mark.parametrize(
    "command", ["study tree 21 --params", slow("study graph 21"), "param trace 21 gamma", slow("param list 21")]
)
@pytest.mark.parametrize("person", [slow("viewer"), "stranger"])
def test_names_that_another_key_has_read_are_not_shown_where_loading_is_broken(
    user_of: Callable[..., User], command: str, person: str
) -> None:
    user = user_of("5.3")
    user.types("study", "graph", "21")
    user.types("param", "set", "21", "dice.Macro.gamma=0.9")
    assert "gamma" in user.types(*command.split()).out + user.types("param", "list", "21").out
    user.environ["SOSTRADES_API_KEY"] = KEYS[person]
    done = user.types(*command.split())
    assert (done.code > 0, done.out) == (True, "")
    assert "gamma" not in done.err.replace("trace 21 gamma", "")


def test_restricted_viewer_keeps_the_structure_that_this_key_has_read(user: User) -> None:
    owner = user.environ["SOSTRADES_API_KEY"]
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    before = user.types("study", "graph", "21").out
    user.environ["SOSTRADES_API_KEY"] = owner
    user.types("param", "set", "21", "Macro.gamma=0.9")
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    assert user.types("study", "graph", "21").out == before


@pytest.mark.parametrize("command", ["graph", "tree", "order"])
def test_structure_of_a_study_that_cannot_be_loaded_is_a_load_fault(user: User, command: str) -> None:
    assert user.types("study", command, "31").kind == "study_load_fault"


def test_restricted_viewer_gets_nodes_without_counts(user: User) -> None:
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    document = user.prints("study", "tree", "28")
    [coupling] = document["tree"]["children"]
    assert [item["name"] for item in coupling["children"]] == ["Sellar_Problem", "Sellar_2", "Sellar_1"]
    assert {item["inputs"] for item in coupling["children"]} == {None}


@pytest.mark.parametrize(("study", "code"), [("25", 4), ("99999", 5)])
def test_missing_permission_is_exit_4_and_missing_study_exit_5(anyone: User, study: str, code: int) -> None:
    done = anyone.types("study", "tree", study)
    assert (done.code, done.out) == (code, "")


def test_unchanged_file_is_downloaded_once(user: User) -> None:
    """The second answer is 304, without a body."""
    first = user.types("study", "tree", "28", "-v")
    again = user.types("study", "order", "28", "-v")
    assert ("-> 200" in first.err, "-> 304" in again.err, again.code) == (True, True, 0)
    user.types("calc", "run", "28")
    assert "-> 200" in user.types("study", "tree", "28", "-v").err


def test_cached_structure_of_another_key_is_not_shown(user: User) -> None:
    """A restricted viewer has a file with another ETag, and a stranger none."""
    owner = user.prints("study", "tree", "28")
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    assert user.prints("study", "tree", "28") != owner
    user.environ["SOSTRADES_API_KEY"] = KEYS["stranger"]
    assert user.types("study", "tree", "28").code == 4


def test_cache_has_no_values_and_damage_is_ignored(user: User) -> None:
    user.types("study", "tree", "21")
    [file] = (user.folder / "cache" / "structures").rglob("21.json")
    text = file.read_text()
    assert "dice.Macro.gamma" in text
    assert '"value"' not in text
    for damaged in ("{", "{}", text.replace('"nodes": [[', '"nodes": [["x"], [')):
        file.write_text(damaged)
        assert user.prints("study", "tree", "21")["tree"]["name"] == "dice"


def test_listed_parameters_are_names_that_other_commands_accept(user: User) -> None:
    listed = [line.split()[0] for line in user.types("study", "tree", "28", "Sellar_1", "--params").out.splitlines()]
    assert listed[1:] == [f"SellarCoupling.{name}" for name in ("x", "y_2", "z", "y_1")]
    for name in listed[1:]:
        assert user.types("param", "trace", "28", name).code == 0


@pytest.mark.parametrize("study", ["22", "21"])
def test_status_is_asked_once_without_a_read_only_file(user: User, study: str) -> None:
    user.types("param", "set", study, "Macro.gamma=0.9")
    before = len(user.requests)
    assert user.types("study", "tree", study).code == 0
    assert user.requests[before:].count(f"GET /api/v0/calculation/status/{study}") == 1
