"""Test what `param show` and `param list` tell of the ontology."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport, User, slow
from ontology_answers import OntologyAnswers, usage

from sostrades_cli.api.protocol import NO_READ_ONLY_MODE
from sostrades_cli.operations.study.load import NO_FINISHED_RUN

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def ontology(user: User) -> OntologyAnswers:
    """Return the answers of the ontology for the user, without a service and without saved labels."""
    answers = OntologyAnswers(StubTransport(user.world))
    user.transport = answers
    return answers


def keys_of(user: User, name: str) -> list[str]:
    """Return the ontology's names of a parameter of study 21."""
    tree = json.loads(user.types("api", "GET", "/api/v0/study-case/21/read-only-mode").out)["treenode"]
    result = []
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        result += [part[name]["variable_key"] for part in (node["data"], node["disc_data"]) if name in part]
        nodes += node["children"]
    return result


def known(user: User, name: str, **fields: str) -> dict[str, dict[str, dict[str, str]]]:
    """Return an answer with an entry for each usage of a parameter."""
    return {"disciplines": {}, "parameter_usages": {key: usage(name, **fields) for key in keys_of(user, name)}}


RATE = "dice.Macro.savings_rate"
TEXTS = {
    "label": " Savings rate",
    "definition": "Share of the output that is not consumed.",
    "definition_source": "",
    "unit": "[-]",
}


def test_saved_labels_are_shown(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = known(user, RATE, **TEXTS)
    assert user.prints("param", "show", "21", RATE)["ontology"] == {
        "label": "Savings rate",
        "definition": TEXTS["definition"],
        "definition_source": None,
        "unit": "[-]",
        "source": "saved",
        "differences": [],
    }
    card = user.types("param", "show", "21", RATE, tty=True, NO_COLOR="1").out
    assert "Savings rate\n" in card
    # That of the study, in brackets.
    assert "ontology unit" not in card
    ontology.saved = known(user, RATE, **{**TEXTS, "unit": "[°C]"})
    assert "ontology unit  °C\n" in user.types("param", "show", "21", RATE, tty=True, NO_COLOR="1").out
    # The run has kept all labels, so the service is not asked.
    assert not [route for route in ontology.asked if route.startswith("ontology/")]


def test_labels_come_from_the_service_if_none_are_saved(user: User, ontology: OntologyAnswers) -> None:
    ontology.service = known(user, RATE, **TEXTS)
    assert user.prints("param", "show", "21", RATE)["ontology"]["source"] == "live"


def test_differences_are_named_and_the_study_wins(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = known(user, RATE, **{**TEXTS, "unit": "%", "range": "0.0,\n100.0"})
    shown = user.prints("param", "show", "21", RATE)
    assert (shown["unit"], shown["range"]) == ("-", [0.0, 1.0])
    assert shown["ontology"]["differences"] == [
        {"field": "unit", "study": "-", "ontology": "%"},
        {"field": "range", "study": "0 to 1", "ontology": "0 to 100"},
    ]


def test_other_choices_are_a_difference(user: User, ontology: OntologyAnswers) -> None:
    name = "dice.Macro.scenario"
    ontology.saved = known(user, name, label="Scenario", possible_values="sunny,\nrainy,\ncloudy")
    assert user.prints("param", "show", "21", name)["ontology"]["differences"] == []
    ontology.saved = known(user, name, label="Scenario", possible_values="sunny,\nsnowy")
    [difference] = user.prints("param", "show", "21", name)["ontology"]["differences"]
    assert (difference["field"], difference["ontology"]) == ("choices", "sunny, snowy")


def test_blank_entry_of_the_ontology_is_ignored(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = known(user, RATE, label="dice.Macro.savings_rate")
    assert user.prints("param", "show", "21", RATE)["ontology"] is None


@pytest.mark.parametrize(
    "fault", [httpx.ReadTimeout("slow"), httpx.ConnectError("gone"), httpx.RemoteProtocolError("closed")]
)
def test_failed_service_is_a_note_and_gets_one_request_a_minute(
    user: User, ontology: OntologyAnswers, fault: Exception
) -> None:
    ontology.fault = fault
    for seconds, requests in ((0, 1), (58, 1), (2, 2)):
        user.world.clock.sleep(seconds)
        done = user.types("param", "show", "21", RATE)
        assert (done.code, done.err) == (0, "")
        assert ontology.asked.count("ontology/ontology-usages") == requests


def test_wait_for_the_service_is_limited(user: User, ontology: OntologyAnswers) -> None:
    limits = []

    class Watched(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if "ontology" in request.url.path:
                limits.append(request.extensions["timeout"]["read"])
            return ontology.handle_request(request)

    user.transport = Watched()
    assert user.types("param", "show", "21", RATE, "--read-timeout", "50").code == 0
    assert limits == [3.0, 3.0]


def test_labels_are_columns_of_a_list(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = known(user, RATE, **TEXTS)
    done = user.types("param", "list", "21", "--labels")
    head, *lines = [line.split("\t") for line in done.out.splitlines()]
    assert head[-4:] == ["label", "definition", "definition_source", "ontology_unit"]
    [line] = [line for line in lines if line[0] == RATE]
    assert line[-4:] == ["Savings rate", TEXTS["definition"], "", "[-]"]
    assert done.err.count("ontology") == 0
    table = user.types("param", "list", "21", "--labels", tty=True, NO_COLOR="1").out
    assert "Savings rate" in table
    assert f"\n  {TEXTS['definition']}\n" in table


@pytest.mark.parametrize("columns", [80, slow(200)])
def test_long_names_leave_room_for_labels(user: User, ontology: OntologyAnswers, columns: int) -> None:
    definition = "One of many words. " * 30
    ontology.saved = known(user, RATE, **{**TEXTS, "definition": definition.replace("many", "many\n")})
    out = user.types("param", "list", "21", "--labels", tty=True, NO_COLOR="1", COLUMNS=str(columns)).out
    head, *lines = out.splitlines()
    [(line, below)] = [pair for pair in itertools.pairwise(lines) if "Savings rate" in pair[0]]
    assert head.index("label") == line.index("Savings rate") <= columns - 18
    assert head.index("label") <= 62
    assert (len(below), below[:20], below[-1]) == (columns, "  One of many words.", "…")
    rows = user.prints("param", "list", "21", "--labels", "--match", "savings_rate")
    assert rows[0]["definition"].count("word") == 30


def test_other_unit_is_a_note_of_a_list(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = known(user, RATE, **{**TEXTS, "unit": "%"})
    done = user.types("param", "list", "21", "--labels", "--match", "savings_rate", tty=True, NO_COLOR="1")
    assert RATE in done.err.replace("\n", " ")


@pytest.mark.parametrize("words", [slow("savings"), "RÀTE sav", "consumed share", slow("consumed macro")])
def test_search_finds_names_labels_and_definitions(user: User, ontology: OntologyAnswers, words: str) -> None:
    ontology.saved = known(user, RATE, **TEXTS)
    assert [row["parameter"] for row in user.prints("param", "list", "21", "--search", words)] == [RATE]


def test_search_without_a_match_has_a_note(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = known(user, RATE, **TEXTS)
    done = user.types("param", "list", "21", "--search", "savings elephant")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    assert "savings elephant" in done.err


@pytest.mark.parametrize("words", ["", " "])
def test_search_for_nothing_is_refused(user: User, ontology: OntologyAnswers, words: str) -> None:
    assert user.types("param", "list", "21", "--search", words).code == 2
    assert not ontology.asked


@pytest.mark.parametrize("saved", [None, slow({})])
def test_list_without_an_ontology_is_plain_with_one_note(user: User, ontology: OntologyAnswers, saved: object) -> None:
    ontology.saved = saved
    plain = user.types("param", "list", "21", tty=True, NO_COLOR="1")
    labelled = user.types("param", "list", "21", "--labels", tty=True, NO_COLOR="1")
    assert labelled.out == plain.out
    assert len(labelled.err.split("\n\n")) == len(plain.err.split("\n\n"))
    # `null` and `{}` mean different things.
    assert ("has no finished run" in labelled.err.replace("\n", " ")) == (saved is None)
    assert user.prints("param", "list", "21", "--search", "savings_rate")[0]["label"] is None


def test_labels_stay_after_a_change(user: User, ontology: OntologyAnswers) -> None:
    """A change deletes the read-only file, but not the saved labels."""
    ontology.saved = known(user, RATE, **TEXTS)
    assert user.types("param", "list", "21").code == 0
    assert user.types("param", "set", "21", f"{RATE}=0.2").code == 0
    assert user.prints("param", "show", "21", RATE)["ontology"]["label"] == "Savings rate"


def test_study_without_a_run_has_no_labels(user: User, ontology: OntologyAnswers) -> None:
    done = user.types("param", "list", "22", "--labels")
    assert done.code == 0
    assert NO_FINISHED_RUN in done.err
    card = user.types("param", "show", "22", "gamma", tty=True, NO_COLOR="1").out
    assert f"label       unknown: {NO_FINISHED_RUN}" in card
    # The server knows no names that could be asked for.
    assert ontology.asked == []


def test_server_without_read_only_mode_is_the_reason_for_no_labels(user_of: Callable[..., User]) -> None:
    """A study with a finished run, on a server that another run does not change."""
    user = user_of(server="5.0")
    done = user.types("param", "list", "21", "--labels")
    assert done.code == 0
    assert NO_READ_ONLY_MODE in done.err
    assert NO_FINISHED_RUN not in done.err
    card = user.types("param", "show", "21", "gamma", tty=True, NO_COLOR="1").out
    assert f"label       unknown: {NO_READ_ONLY_MODE}" in card
    assert NO_FINISHED_RUN not in card


def test_hostile_label_is_escaped_on_a_terminal(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = known(user, RATE, label="[red]a\x1b[31mb\x9b", definition="\x1b]0;title\x07[bold]")
    for command in (("show", "21", RATE), ("list", "21", "--labels")):
        out = user.types("param", *command, tty=True, NO_COLOR="1").out
        assert "\x1b]" not in out
        assert "\x9b" not in out
        assert "[red]a\\x1b[31mb" in out
