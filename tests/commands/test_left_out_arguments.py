"""Test arguments that were left out: at a terminal they are picked, in a script they are an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow, slow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import User


@dataclass
class Hand:
    """Picks the first row that contains a word, once for each word. Without words, it leaves the list."""

    words: list[str]
    lists: list[list[str]] = field(default_factory=list)
    abouts: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def __call__(self, question: str, rows: Mapping[str, str], *, several: bool) -> list[str]:
        """Return picked rows."""
        self.questions.append(question + ("..." if several else ""))
        self.lists.append(list(rows))
        if not self.words:
            return []
        picked = [next(row for row in rows if word in row) for word in self.words.pop(0).split()]
        self.abouts += [rows[row] for row in picked]
        return picked


@pytest.fixture
def hand(user: User) -> Hand:
    """Return what picks for a user who has used studies 11 and 21."""
    for study in ("11", "21"):
        assert user.types("param", "list", study).code == 0
    assert user.types("alias", "set", "mine", "11").code == 0
    user.pick = hand = Hand([])
    return hand


def test_study_and_key_are_picked_one_after_the_other(user: User, hand: Hand) -> None:
    hand.words = ["dice", "Macro.gamma"]
    shown = user.types("param", "get", tty=True)
    assert (shown.code, shown.out) == (0, "0.3\n")
    assert hand.questions == ["STUDY", "KEY..."]
    assert hand.abouts[0].endswith("90 parameters")
    assert hand.abouts[1] == "float  -"
    # The command line is shown once, complete.
    assert shown.err.count("sostrades param get") == 1
    assert "sostrades param get 21 Macro.gamma" in shown.err


def test_studies_are_rows_with_number_name_and_alias(user: User, hand: Hand) -> None:
    user.types("study", "url", tty=True)
    assert hand.lists == [["21  dice", "11  ishigami  (mine)"]]


def test_solver_settings_follow_all_other_parameters(user: User, hand: Hand) -> None:
    user.types("param", "show", "21", tty=True)
    (rows,) = hand.lists
    assert "Macro.gamma" in rows
    assert "linearization_mode" in rows[-1] or rows.index("Macro.gamma") < rows.index("Macro.linearization_mode")


def test_several_keys_can_be_picked_for_a_list_of_keys(user: User, hand: Hand) -> None:
    hand.words = ["Macro.gamma Carbon.intensity"]
    reset = user.types("param", "reset", "21", "--dry-run", tty=True)
    assert hand.questions == ["KEY..."]
    assert "sostrades param reset 21 --dry-run Macro.gamma Carbon.intensity" in reset.err


def test_chart_is_picked(user: User, hand: Hand) -> None:
    assert user.types("postproc", "list", "21").code == 0
    hand.words = ["dice", "JSON"]
    assert user.types("postproc", "show", tty=True).code == 0
    assert hand.questions == ["STUDY", "CHART"]


def test_only_parameters_that_can_be_set_are_picked_for_a_reset(user: User, hand: Hand) -> None:
    user.types("param", "reset", "21", tty=True)
    user.types("param", "show", "21", tty=True)
    for_reset, for_show = map(set, hand.lists)
    assert "Macro.gamma" in for_reset
    assert "Damage.total_damage" in for_show - for_reset


def test_both_sides_of_a_comparison_are_picked(user: User, hand: Hand) -> None:
    hand.words = ["dice", "dice"]
    assert user.types("study", "diff", tty=True).code == 0
    assert hand.questions == ["A", "B"]


def test_setting_is_picked(user: User, hand: Hand) -> None:
    hand.words = ["host"]
    assert user.types("config", "get", tty=True).code == 0


def test_options_after_the_command_still_count(user: User, hand: Hand) -> None:
    hand.words = ["dice"]
    shown = user.types("--host", user.environ["SOSTRADES_HOST"], "param", "list", "--outputs", tty=True)
    assert shown.code == 0
    assert "Macro.gamma" not in shown.out


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (("-F", "json"), {}),
        slow(("-F", "ndjson"), {}),
        slow(("--query", "a"), {}),
        (("-q",), {}),
        ((), {"CI": "true"}),
        ((), {"TERM": "dumb"}),
        ((), {"SOSTRADES_FORMAT": "json"}),
    ],
)
def test_nothing_is_picked_for_scripts(
    user: User, hand: Hand, arguments: tuple[str, ...], environ: dict[str, str]
) -> None:
    shown = user.types("study", "logs", *arguments, tty=True, **environ)
    assert (shown.code, shown.kind, hand.lists) == (2, "usage", [])


def test_nothing_is_picked_without_a_terminal(user: User, hand: Hand) -> None:
    shown = user.types("study", "load")
    assert (shown.code, shown.kind, hand.lists) == (2, "usage", [])


@pytest.mark.parametrize(
    "line", mostly_slow(["study copy", "param set", "param download", "postproc export", "config set"], 2)
)
def test_nothing_is_picked_if_another_argument_is_missing(user: User, hand: Hand, line: str) -> None:
    shown = user.types(*line.split(), tty=True)
    assert (shown.code, shown.kind, hand.lists) == (2, "usage", [])


@pytest.mark.parametrize(
    ("line", "picked", "question"),
    mostly_slow(
        [
            ("param set --from changes.toml", "dice", "STUDY"),
            ("param download --all -d tables", "dice", "STUDY"),
            ("postproc export -d charts --as json", "dice", "STUDY"),
            ("config set --unset", "host", "KEY"),
        ],
        2,
    ),
)
def test_argument_is_picked_beside_an_option_that_replaces_others(
    user: User, hand: Hand, monkeypatch: pytest.MonkeyPatch, line: str, picked: str, question: str
) -> None:
    monkeypatch.chdir(user.folder)
    (user.folder / "changes.toml").write_text("[Macro]\ngamma = 0.31\n", encoding="utf-8")
    hand.words = [picked]
    user.types(*line.split(), tty=True)
    assert hand.questions == [question]


def test_leaving_the_list_is_exit_130(user: User, hand: Hand) -> None:
    shown = user.types("study", "load", tty=True)
    assert (shown.code, shown.kind, len(hand.lists)) == (130, "interrupted", 1)


@pytest.mark.parametrize(
    ("line", "word", "question"),
    [
        ("param get 21", "Macro.gamma", "KEY..."),
        ("param show 21", "total_damage", "KEY"),
        ("postproc show 21", "Damages", "CHART"),
    ],
)
def test_names_of_a_study_that_was_never_used_are_read(user: User, line: str, word: str, question: str) -> None:
    user.pick = hand = Hand([word])
    assert user.types(*line.split(), tty=True).code == 0
    assert hand.questions == [question]


def test_names_that_cannot_be_read_are_an_error(user: User, hand: Hand) -> None:
    unknown, unread = user.types("param", "get", "999", tty=True), user.types("param", "get", "25", tty=True)
    assert (unknown.code, unknown.kind, unread.code, unread.kind) == (5, "no_study", 4, "permission_denied")
    assert hand.lists == []


def test_names_are_not_read_for_scripts(user: User, hand: Hand) -> None:
    user.world.requests.clear()
    shown = user.types("param", "get", "22")
    assert (shown.code, shown.kind, user.requests, hand.lists) == (2, "usage", [], [])


def test_first_use_of_the_program_is_a_usage_error(user: User) -> None:
    user.pick = Hand(["dice"])
    shown = user.types("study", "load", tty=True)
    assert (shown.code, shown.kind) == (2, "usage")


def test_interrupted_pick_is_an_interrupt(user: User, hand: Hand) -> None:
    def interrupt(question: str, rows: Mapping[str, str], *, several: bool) -> list[str]:
        raise KeyboardInterrupt

    user.pick = interrupt
    assert user.types("study", "load", tty=True).code == 130


def test_chart_is_picked_by_its_title(user: User, hand: Hand) -> None:
    assert user.types("postproc", "list", "21").code == 0
    hand.words = ["year"]
    shown = user.types("postproc", "show", "21", tty=True)
    assert (shown.code, "Output per year" in shown.out) == (0, True)
    assert hand.questions == ["CHART"]
    assert "sostrades postproc show 21 'Output per year'" in shown.err
