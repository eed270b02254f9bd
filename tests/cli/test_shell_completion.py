"""Test click's completion protocol: the words that a shell passes, and the lines that it receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.shell_completion import ShellComplete
from completion.shells import lines

from sostrades_cli.cli.shell_completion import SHELLS, script_of
from sostrades_cli.local.cache import CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from pathlib import Path

HOST = "https://corp.example"
COST = "Energy mix.cost [$:MWh]"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment with study 21, alias dice, in the cache."""
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    cache = StudyCache(Folders(folders), HOST)
    cache.store_name(21, "dice")
    cache.store(
        21,
        {
            f"dice.{COST}": CachedParameter("bool", None, "in"),
            "dice.use_damage": CachedParameter("bool", None, "in"),
            "dice.bad\nname": CachedParameter("float", None, "in"),
            "dice.bad\udce9name": CachedParameter("float", None, "in"),
        },
    )
    return {**folders, "SOSTRADES_HOST": HOST}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["param", "set", "21", "use_damage", "=", "t"], ["plain,true"]),
        (["param", "set", "21", "use_damage", "="], ["plain,true", "plain,false"]),
        (["param", "set", "21", "use_damage", "=", "yes", "use"], ["plain,use_damage="]),
        (
            ["param", "set", "21", "use_damage", "=", ""],
            [r"plain,Energy\\ mix.cost\\ \\[\\$:MWh\\]=", "plain,use_damage="],
        ),
        (["param", "set", "21", "use_damage=t"], ["plain,use_damage=true"]),
        (["param", "get", "21", "Ener"], [r"plain,Energy\\ mix.cost\\ \\[\\$:MWh\\]"]),
        (["param", "get", "21", r"Energy\ mix.cost\ \[\$", ":"], [r"plain,MWh\\]"]),
        (["param", "get", "21", r"Energy\ mix.cost\ \[\$", ":", "M"], [r"plain,MWh\\]"]),
        (["param", "get", "21", "'Ener"], [f"plain,{COST}"]),
        (["param", "get", "21", '"Ener'], [r"plain,Energy mix.cost [\\$:MWh]"]),
        (["param", "get", "21", 'Energy" mix.c'], [r"plain, mix.cost [\\$:MWh]"]),
        (["param", "set", "21", "use_damage", "=", '"t'], ["plain,true"]),
        (["param", "get", "https", ":", "//gui.example/study/21", "use"], ["plain,use_damage"]),
        (["study", "load", "--format", "=", "j"], ["plain,json"]),
        (["study", "load", "--format", "=", "json", "2"], ["plain,21"]),
        (["study", "load", "--format=j"], ["plain,--format=json"]),
        (["param", "get", "21", "Ener\\"], [r"plain,Energy\\ mix.cost\\ \\[\\$:MWh\\]"]),
        (["calc", "sweep", "21", "c.csv", "--studies", "21,d"], [r"plain,21\,dice"]),
        (["study", "load", "21", "-o", ""], ["file,"]),
    ],
)
def test_bash_gets_the_part_that_it_replaces(environ: dict[str, str], words: list[str], expected: list[str]) -> None:
    """Bash hands over words split at = : @, and replaces the part after the last of these, or after an open quote.

    The expected lines have one more layer of backslashes for `read` in the script.
    """
    assert lines(environ, "bash", ["sostrades", *words]) == expected


def test_at_sign_is_part_of_the_word_in_bash(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "energy mix.csv").write_text("")
    for words in (["use_damage", "=@", f"{tmp_path}/en"], ["use_damage", "=@", f'"{tmp_path}/en']):
        [line] = lines(environ, "bash", ["sostrades", "param", "set", "21", *words])
        assert line == (
            f"plain,{tmp_path}/energy mix.csv" if '"' in words[-1] else rf"plain,@{tmp_path}/energy\\ mix.csv"
        )
    assert lines(environ, "bash", ["sostrades", "api", "--data", "@", "x"]) == []


@pytest.mark.parametrize(
    ("shell", "word", "expected"),
    [
        ("zsh", "loa", ["plain", "load", "Show the parameters of a study."]),
        ("fish", "loa", ["plain,load\tShow the parameters of a study."]),
        ("powershell", "loa", ["plain", "load", "Show the parameters of a study."]),
        ("bash", "loa", ["plain,load"]),
    ],
)
def test_candidates_are_described(environ: dict[str, str], shell: str, word: str, expected: list[str]) -> None:
    assert lines(environ, shell, ["sostrades", "study", word]) == expected


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("zsh", ["plain", COST, "_"]),
        ("fish", [f"plain,{COST}"]),
        ("powershell", ["plain", f"'{COST}'", "_"]),
    ],
)
def test_unusual_names_are_offered(environ: dict[str, str], shell: str, expected: list[str]) -> None:
    """Zsh and fish quote names themselves, PowerShell does not."""
    assert lines(environ, shell, ["sostrades", "param", "get", "21", "Ener"]) == expected
    assert lines(environ, shell, ["sostrades", "param", "get", "21", "'Energy mix.c"]) == expected


def test_quotes_are_doubled_in_powershell(environ: dict[str, str]) -> None:
    """PowerShell treats typographic quotes as quotes."""
    StudyCache(Folders(environ), HOST).store(21, {"dice.o'clock \u2019s": CachedParameter("float", None, "in")})
    assert lines(environ, "powershell", ["sostrades", "param", "set", "21", "o"])[1] == "'o''clock \u2019\u2019s='"


@pytest.mark.parametrize("shell", SHELLS)
def test_names_that_cannot_be_typed_are_left_out(environ: dict[str, str], shell: str) -> None:
    """A newline would end the line of a candidate, and a lone surrogate cannot be encoded in UTF-8."""
    assert lines(environ, shell, ["sostrades", "param", "get", "21", "bad"]) == []


def test_backslashes_and_colons_are_escaped_for_zsh(environ: dict[str, str]) -> None:
    """Zsh unescapes the word, and a colon separates it from its description."""
    StudyCache(Folders(environ), HOST).store_name(22, r"odd:\name")
    assert lines(environ, "zsh", ["sostrades", "study", "load", "odd"]) == ["plain", r"odd\:\\name", "study 22"]


def test_option_name_stays_before_its_value(environ: dict[str, str]) -> None:
    """Zsh and fish replace the whole word."""
    assert lines(environ, "zsh", ["sostrades", "study", "load", "--format=nd"]) == ["plain", "--format=ndjson", "_"]
    assert lines(environ, "fish", ["sostrades", "study", "load", "--format=nd"]) == ["plain,--format=ndjson"]


def test_scripts_differ_from_click_in_known_places() -> None:
    """A new version of click could undo a change. The script for bash is our own."""
    changes = {}
    for shell, complete in SHELLS.items() - {("bash", SHELLS["bash"])}:
        base = next(base for base in complete.__mro__ if base.__module__ == "click.shell_completion")
        unchanged = ShellComplete.source(base(click.Command("sostrades"), {}, "sostrades", "_SOSTRADES_COMPLETE"))
        changes[shell] = set(script_of(shell).splitlines()) - set(unchanged.splitlines())
    assert changes == {
        "fish": {'        set -l metadata (string split --max 1 "," $completion);'},
        "powershell": {
            "    $prev_encoding = [Console]::OutputEncoding",
            "    try { [Console]::OutputEncoding = [System.Text.Encoding]::UTF8 } catch { }",
            "        try { [Console]::OutputEncoding = $prev_encoding } catch { }",
        },
        "zsh": {
            "        compadd -U -V unsorted -- ${completions:#*[=/]}",
            "        compadd -U -V unsorted -S '' -- ${(M)completions:#*[=/]}",
        },
    }
