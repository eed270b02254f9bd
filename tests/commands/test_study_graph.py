"""Test `sostrades study graph`."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from conftest import slow
from structures import SELLAR_EDGES

from server_stub.faults import Fault
from server_stub.ontology.service import ABSENT, DOWN, ON
from server_stub.worlds.people import KEYS
from sostrades_cli.api.structure import StudyStructure

if TYPE_CHECKING:
    from conftest import User


@pytest.mark.slow
def test_both_sources_agree_on_every_study_of_the_stub(user: User) -> None:
    finished = 0
    for study in user.world.studies:
        answer = user.types("api", "GET", f"/api/v0/study-case/{study}/read-only-mode")
        if answer.code == 0:
            finished += 1
            structure = StudyStructure.from_api(json.loads(answer.out))
            assert structure.from_diagram is not None
            assert set(structure.from_diagram) == structure.from_interfaces()
    assert finished > 8


@pytest.mark.slow
def test_both_sources_agree_on_the_exchanges_of_witness(user: User) -> None:
    answer = user.types("api", "GET", "/api/v0/study-case/13/read-only-mode")
    structure = StudyStructure.from_api(json.loads(answer.out))
    assert set(structure.from_diagram or ()) == structure.from_interfaces()
    assert len(structure.from_diagram or ()) == 211


@pytest.mark.parametrize(("study", "couplings"), [slow("13", 211), ("28", 4), slow("33", 10)])
def test_number_of_couplings_is_that_of_the_recordings(user: User, study: str, couplings: int) -> None:
    document = user.prints("study", "graph", study)
    assert sum(len(pair["parameters"]) for pair in document["couplings"]) == couplings
    assert document["disputed"] == []


def test_couplings_of_sellar_are_exact_and_loops_come_first(user: User) -> None:
    document = user.prints("study", "graph", "28")
    at = "SellarCoupling."
    result = {
        (pair["producer"].removeprefix(at), pair["consumer"].removeprefix(at), name.removeprefix(at))
        for pair in document["couplings"]
        for name in pair["parameters"]
    }
    assert result == SELLAR_EDGES
    assert [pair["loop"] for pair in document["couplings"]] == [1, 1, None, None]
    assert [set(loop) for loop in document["loops"]] == [{f"{at}Sellar_1", f"{at}Sellar_2"}]


def test_terminal_gets_a_line_per_pair(user: User) -> None:
    done = user.types("study", "graph", "28", tty=True, COLUMNS="120", NO_COLOR="1")
    lines = [line.lstrip("│├└─ ") for line in done.out.splitlines()]
    assert lines[0] == "loop 1"
    assert "SellarCoupling.Sellar_1 -> SellarCoupling.Sellar_Problem: SellarCoupling.y_1" in lines
    assert "4 couplings" in done.err


def test_pipe_gets_a_row_per_coupling(user: User) -> None:
    header, *rows = user.types("study", "graph", "28").out.splitlines()
    assert header.split("\t") == ["producer", "consumer", "parameter", "loop"]
    at = "SellarCoupling."
    assert rows[0].split("\t") == [f"{at}Sellar_2", f"{at}Sellar_1", f"{at}y_2", "1"]
    assert len(rows) == 4
    lines = user.types("study", "graph", "28", "-F", "ndjson").out.splitlines()
    assert [list(json.loads(line)) for line in lines] == [header.split("\t")] * 4


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("c.html", "<!DOCTYPE html>"),
        slow("c.htm", "<!DOCTYPE html>"),
        ("c.svg", "<?xml"),
        ("c.dot", 'digraph "sellar"'),
        ("c.mmd", "flowchart LR"),
        ("c.json", '{"study": 28'),
        ("c.csv", "producer,consumer,parameter,loop"),
    ],
)
def test_ending_of_the_file_selects_its_kind(user: User, name: str, beginning: str) -> None:
    file = user.folder / name
    assert user.types("study", "graph", "28", "-o", str(file)).code == 0
    assert file.read_text(encoding="utf-8").startswith(beginning)
    assert user.types("study", "graph", "28", "-o", str(file)).kind == "file_conflict"


def test_page_links_to_the_study(user: User) -> None:
    url = user.types("study", "url", "28").out.strip()
    file = user.folder / "c.html"
    assert user.types("study", "graph", "28", "-o", str(file)).code == 0
    assert f'<a href="{url}" target="_blank"' in file.read_text(encoding="utf-8")


def test_page_without_a_link_is_complete(user: User) -> None:
    user.world.faults.arm(Fault("status", count=9, path="/url", status=500))
    file = user.folder / "c.html"
    assert user.types("study", "graph", "28", "-o", str(file)).code == 0
    assert "· 4 couplings" in file.read_text(encoding="utf-8")


def test_pair_with_several_parameters_has_a_row_for_each(user: User) -> None:
    pairs = user.prints("study", "graph", "13")["couplings"]
    rows = list(csv.reader(io.StringIO(user.types("study", "graph", "13", "-F", "csv").out)))
    assert [tuple(row[:3]) for row in rows[1:]] == [
        (pair["producer"], pair["consumer"], name) for pair in pairs for name in pair["parameters"]
    ]
    assert len(rows) - 1 > len(pairs)


@pytest.mark.parametrize("name", ["c.svg", "c.html", "c.csv"])
def test_ending_that_contradicts_the_format_is_refused(user: User, name: str) -> None:
    done = user.types("study", "graph", "28", "-F", "json", "-o", str(user.folder / name))
    assert (done.code, user.requests) == (2, [])


def test_other_ending_is_refused_before_a_request(user: User) -> None:
    done = user.types("study", "graph", "28", "-o", str(user.folder / "c.pdf"))
    assert (done.code, user.requests) == (2, [])


def test_level_folds_disciplines_into_their_parents(user: User) -> None:
    document = user.prints("study", "graph", "13", "--level", "1")
    assert all("." not in name for name in document["disciplines"])
    assert len(document["disciplines"]) < 31
    assert all(pair["producer"] != pair["consumer"] for pair in document["couplings"])


def test_node_leaves_only_its_couplings(user: User) -> None:
    document = user.prints("study", "graph", "33", "--node", "utility")
    assert {pair["consumer"] for pair in document["couplings"]} == {"Utility"}
    assert user.types("study", "graph", "33", "--node", "nowhere").kind == "not_found"


def test_study_without_couplings_has_a_note(user: User) -> None:
    done = user.types("study", "graph", "27")
    assert done.code == 0
    assert done.err
    rows = list(csv.reader(io.StringIO(user.types("study", "graph", "27", "-F", "csv").out)))
    assert len(rows) == 1
    assert user.types("study", "graph", "27", "-o", str(user.folder / "c.html")).code == 0


def test_restricted_viewer_gets_the_couplings_with_a_note(user: User) -> None:
    everything = user.prints("study", "graph", "28")
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    assert user.prints("study", "graph", "28") == everything
    assert len(user.types("study", "graph", "28").err.splitlines()) == 1


@pytest.mark.parametrize("state", [slow(ON), ABSENT, DOWN])
def test_ontology_service_changes_nothing(user: User, state: str) -> None:
    """With the service, the file has a further diagram with labels."""
    lines = (("study", "graph", "28"), ("study", "order", "28"), ("study", "tree", "28"), ("param", "trace", "28", "x"))
    before = [user.prints(*line) for line in lines]
    user.world.switch_ontology(state)
    user.types("calc", "run", "28")
    assert [user.prints(*line) for line in lines] == before


@pytest.mark.slow
def test_couplings_inside_folded_nodes_are_counted(user: User) -> None:
    whole, folded = (user.prints("study", "graph", "13", *more) for more in ((), ("--level", "1")))
    shown, all_couplings = (sum(len(pair["parameters"]) for pair in item["couplings"]) for item in (folded, whole))
    assert whole["folded"] == 0
    # Several couplings of folded nodes can be one parameter.
    assert 0 < folded["folded"] <= all_couplings - shown
    assert str(folded["folded"]) in user.types("study", "graph", "13", "--level", "1").err


def test_page_has_the_number_of_folded_couplings(user: User) -> None:
    number = user.prints("study", "graph", "13", "--level", "1")["folded"]
    user.types("study", "graph", "13", "--level", "1", "-o", str(user.folder / "folded.html"))
    assert f"{number} couplings" in (user.folder / "folded.html").read_text(encoding="utf-8")
