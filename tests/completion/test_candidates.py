"""What is answered at each place of a command line, from memory alone."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.completion.command_line import CommandWord, split
from sostrades_cli.completion.entry_point import answer
from sostrades_cli.completion.shell_scripts import SCRIPTS
from sostrades_cli.local.cache import CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import User

HOST = "https://corp.example"
PARAMETERS = {
    "dice.Macro.gamma": CachedParameter("float", "-", "in", coupling=False),
    "dice.Macro.use_damage": CachedParameter("bool", None, "in", coupling=False),
    "dice.Macro.scenario": CachedParameter("string", None, "in", possible_values=("sunny", "rainy")),
    "dice.Macro.max_mda_iter": CachedParameter("int", "-", "in"),
    "dice.Macro.output": CachedParameter("dataframe", None, "out"),
    "dice.Energy mix.cost [$:MWh]": CachedParameter("float"),
    "dice.Energy mix.bad\nname": CachedParameter("float"),
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which studies 21 and 23 were seen, 21 with parameters and an alias."""
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(
        f'[profiles.default]\nhost = "{HOST}"\n[profiles.default.aliases]\ndice = 21\n'
        '[profiles.test]\nhost = "https://test.example"\n'
    )
    cache = StudyCache(Folders(folders), HOST)
    cache.remember(21, PARAMETERS)
    cache.saw(23)
    StudyCache(Folders(folders), "https://test.example").saw(77)
    return folders


def lines(environ: Mapping[str, str], line: str, shell: str = "bash") -> list[str]:
    """Return the lines that a shell gets for a line up to the cursor."""
    out = io.StringIO()
    answer({**environ, "COMP_WORDS": line, "COMP_CWORD": "0", "_SOSTRADES_COMPLETE": f"{shell}_complete"}, out)
    return out.getvalue().splitlines()


def words(environ: Mapping[str, str], line: str) -> list[str]:
    """Return the whole words that fish would offer."""
    return [one.partition(",")[2].partition("\t")[0] for one in lines(environ, line, "fish")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sostrades st", ["study", "stub"]),
        ("sostrades study lo", ["load", "logs"]),
        ("sostrades -q study lo", ["load", "logs"]),
        ("sostrades --profile test study load ", ["77"]),
        ("sostrades study load --profile=test ", ["77"]),
        ("sostrades study load --host https://test.example ", ["dice", "77"]),
        ("sostrades study load ", ["dice", "23", "21"]),
        ("sostrades study load 2", ["23", "21"]),
        ("sostrades calc watch 21 d", ["dice"]),
        ("sostrades calc sweep 21 cases.csv --studies 23,d", ["23,dice"]),
        ("sostrades study load --f", ["--format"]),
        ("sostrades study load -F js", ["json"]),
        ("sostrades study load -Fjson d", ["dice"]),
        ("sostrades study load --format=ta", ["--format=table"]),
        ("sostrades study load --profile ", ["default", "test"]),
        ("sostrades alias remove ", ["dice"]),
        ("sostrades config get al", ["allow_http"]),
        ("sostrades config get re", ["read_timeout"]),
        ("sostrades config set re", []),
        ("sostrades config set format js", ["json"]),
        ("sostrades config set allow_http ", ["yes", "no"]),
        ("sostrades config set host ", []),
        ("sostrades completion ", ["bash", "fish", "zsh"]),
        ("sostrades param get dice Ma", ["Macro.gamma", "Macro.output", "Macro.scenario", "Macro.use_damage"]),
        ("sostrades param get 21 dice.Macro.g", ["dice.Macro.gamma"]),
        ("sostrades param get https://gui.example/study/21 Macro.g", ["Macro.gamma"]),
        ("sostrades param get 21 gam", ["gamma"]),
        ("sostrades param get 21 MACRO.G", ["Macro.gamma"]),
        ("sostrades param get 21 DICE.macro.G", ["dice.Macro.gamma"]),
        ("sostrades param get 21 GAM", ["gamma"]),
        ("sostrades param set 21 SCENARIO=r", ["SCENARIO=rainy"]),
        ("sostrades param set 21 macro.USE_DAMAGE=t", ["macro.USE_DAMAGE=true"]),
        ("sostrades param get 21 Macro.max", ["Macro.max_mda_iter"]),
        ("sostrades param get 21 Energy", ["Energy mix.cost [$:MWh]"]),
        ("sostrades param download 21 Macro.gamma Macro.o", ["Macro.output"]),
        ("sostrades param reset dice Macro.s", ["Macro.scenario"]),
        ("sostrades param set 21 Macro.o", []),
        ("sostrades param set 21 Macro.ga", ["Macro.gamma="]),
        ("sostrades param set 21 Macro.gamma=1 Macro.use", ["Macro.use_damage="]),
        ("sostrades param set 21 Macro.use_damage=", ["Macro.use_damage=true", "Macro.use_damage=false"]),
        ("sostrades param set 21 scenario=r", ["scenario=rainy"]),
        ("sostrades param set 21 Macro.gamma=", []),
        ("sostrades calc run 21 --set Macro.ga", ["Macro.gamma="]),
        ("sostrades calc sweep 21 c.csv --collect Macro.o", ["Macro.output"]),
        ("sostrades param get 23 Ma", []),
        ("sostrades param get nosuch Ma", []),
        ("sostrades nosuch ", []),
        ("sostrades study nosuch --f", []),
        ("sostrades study url 21 ", []),
        ("sostrades study load -- --f", []),
        ("FOO=1 /opt/bin/sostrades study lo", ["load", "logs"]),
        ("", []),
    ],
)
def test_what_may_stand_at_the_cursor(environ: dict[str, str], line: str, expected: list[str]) -> None:
    """Commands, options, values, aliases, studies and parameters are completed where they belong."""
    found = words(environ, line)
    assert found[: len(expected)] == expected if line == "" else found == expected


def test_the_choices_of_a_list_are_no_words(environ: dict[str, str]) -> None:
    """The possible values of a list are those of its elements: none of them alone is a value."""
    choices = ("sunny", "rainy")
    cache = StudyCache(Folders(environ), HOST)
    cache.remember(
        21,
        {f"dice.A.{kind}": CachedParameter(kind, None, "in", possible_values=choices) for kind in ("list", "string")},
    )
    assert words(environ, "sostrades param set 21 A.list=") == []
    assert words(environ, "sostrades param set 21 A.string=") == ["A.string=sunny", "A.string=rainy"]


def test_files_are_left_to_the_shell(environ: dict[str, str]) -> None:
    """A file or folder is named by its kind and what is typed of it; a study may stand beside a folder."""
    assert lines(environ, "sostrades study load 21 -o ta", "fish") == ["file,ta"]
    assert lines(environ, "sostrades param set 21 Macro.population=@po", "fish") == ["file,po"]
    assert lines(environ, "sostrades study apply di", "fish") == ["dir,di"]
    assert lines(environ, "sostrades study diff di", "fish") == ["plain,dice\tstudy 21", "dir,di"]


def test_bash_gets_what_it_replaces(environ: dict[str, str]) -> None:
    """Bash replaces what follows the last dividing letter or quote, and reads backslashes unless it is in quotes."""
    assert lines(environ, "sostrades param set 21 Macro.use_damage=t") == ["plain,true"]
    assert lines(environ, "sostrades param get 21 Ener") == [r"plain,Energy\ mix.cost\ \[\$:MWh\]"]
    assert lines(environ, "sostrades param get 21 Energy\\ mix.cost\\ \\[\\$:") == [r"plain,MWh\]"]
    assert lines(environ, "sostrades param get 21 'Ener") == ["plain,Energy mix.cost [$:MWh]"]
    assert lines(environ, "sostrades study load --format=j") == ["plain,json"]
    assert lines(environ, "sostrades param set 21 Macro.population=@po") == ["file,@po"]
    assert lines(environ, "sostrades param set 21 --from po") == ["file,"]
    own = {**environ, "COMP_WORDBREAKS": " \t\n"}
    assert lines(own, "sostrades study load --format=j") == ["plain,--format=json"]


def test_zsh_and_fish_get_what_a_word_means(environ: dict[str, str]) -> None:
    """The help of a command, and the name of a study, stand beside the word."""
    assert lines(environ, "sostrades study loa", "zsh") == ["plain", "load", "Show the parameters of a study."]
    assert lines(environ, "sostrades study load 21", "zsh") == ["plain", "21", "dice"]
    assert lines(environ, "sostrades study load 23", "zsh") == ["plain", "23", "_"]
    assert lines(environ, "sostrades study load 21", "fish") == ["plain,21\tdice"]


def test_many_names_come_by_their_parts(tmp_path: Path) -> None:
    """More names than fit a screen are folded at the next dot, below what all of them share."""
    folders = {"SOSTRADES_CACHE_DIR": str(tmp_path), "SOSTRADES_CONFIG_DIR": str(tmp_path), "SOSTRADES_HOST": HOST}
    names = [f"w.Economy.{node}.p{count}" for node in ("a", "b", "c") for count in range(30)]
    StudyCache(Folders(folders), HOST).remember(21, {name: CachedParameter("float") for name in names})
    assert lines(folders, "sostrades param get 21 ") == ["part,Economy.a.", "part,Economy.b.", "part,Economy.c."]
    assert lines(folders, "sostrades param get 21 Economy.b.p2")[0] == "plain,Economy.b.p2"
    assert lines(folders, "sostrades param set 21 Economy.b.p3") == ["part,Economy.b.p3="]


@pytest.mark.parametrize(
    "config", ["[profiles", "version = 9", '[profiles.default]\nhost = "ftp://x"', "[profiles.default]\naliases = 1"]
)
def test_a_broken_file_costs_answers_and_no_error(environ: dict[str, str], tmp_path: Path, config: str) -> None:
    """Of settings that cannot be used nothing is known; commands are completed all the same."""
    (tmp_path / "config" / "config.toml").write_text(config)
    assert words(environ, "sostrades study lo") == ["load", "logs"]
    assert words(environ, "sostrades study load ") == []


@pytest.mark.parametrize(
    ("line", "done", "current"),
    [
        ("a b", ["a"], CommandWord("b")),
        ("a b ", ["a", "b"], CommandWord("")),
        (r"a b\ c", ["a"], CommandWord("b c")),
        ("a 'b c", ["a"], CommandWord("b c", "'", 0)),
        ('a x="b \\" c', ["a"], CommandWord('x=b " c', '"', 2)),
        ("a '' b", ["a", ""], CommandWord("b")),
        ("a 'b\\' c", ["a", "b\\"], CommandWord("c")),
        ("a b\\", ["a"], CommandWord("b")),
    ],
)
def test_a_line_is_split_as_a_shell_does(line: str, done: list[str], current: CommandWord) -> None:
    """Blanks divide, quotes and backslashes keep together, an open quote is remembered."""
    assert split(line) == (done, current)


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_can_be_asked_for(shell: str) -> None:
    """`_SOSTRADES_COMPLETE=SHELL_source` gives the script, as with any program made with click."""
    out = io.StringIO()
    answer({"_SOSTRADES_COMPLETE": f"{shell}_source"}, out)
    assert out.getvalue() == SCRIPTS[shell]


@pytest.mark.parametrize("asked", ["tcsh_source", "tcsh_complete", "bash", "", "bash_nonsense"])
def test_what_is_not_known_is_not_answered(asked: str) -> None:
    """Another shell, or another question, gets nothing."""
    out = io.StringIO()
    answer({"_SOSTRADES_COMPLETE": asked, "COMP_WORDS": "sostrades ", "COMP_CWORD": "1"}, out)
    assert out.getvalue() == ""


def test_seen_names_are_completed_without_a_request(user: User) -> None:
    """After `study load 21` its names are known; completing them asks the server for nothing."""
    assert user.types("study", "load", "21").code == 0
    before = len(user.asked)
    assert "Macro.gamma" in words(user.environ, "sostrades param get 21 ")
    assert len(user.asked) == before


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (r'"C:\new', r"C:\new"),
        (r'"a\"b', 'a"b'),
        (r'"a\\b', "a\\b"),
        (r'"\$x', "$x"),
        (r"a\ b", "a b"),
        (r"'a\b", "a\\b"),
    ],
)
def test_a_backslash_is_read_as_a_shell_does(line: str, text: str) -> None:
    """Within double quotes it escapes quotes, itself and the dollar only; elsewhere it stays, or escapes anything."""
    assert split(line)[1].text == text
