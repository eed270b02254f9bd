"""The pager: which program, for which results, and what happens if it fails."""

from __future__ import annotations

import itertools
import os
import signal
import stat
from typing import TYPE_CHECKING

import pytest

from sostrades_cli.output.pager import Pager, is_taller, pager_words, run_pager

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from conftest import User

LOAD = ("study", "load", "21")
SMALL = {"LINES": "20", "COLUMNS": "80", "NO_COLOR": "1"}


class RecordedPager:
    """A pager that records what it is given."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.words: list[str] = []
        self.text = ""

    def __call__(self, words: Sequence[str], parts: Iterable[str]) -> bool:
        """Show a text."""
        self.words, self.text = list(words), "".join(parts)
        return self.works


# Which results ---------------------------------------------------------------------------------------------


def test_long_table_is_paged_with_its_title(user: User) -> None:
    pager = RecordedPager()
    done = user.types(*LOAD, tty=True, page=pager, **SMALL)
    title, header, *lines = pager.text.splitlines()
    assert title.startswith("dice · study 21")
    assert header.split() == ["parameter", "type", "unit", "value"]
    assert len(lines) > 20
    assert (done.code, done.out) == (0, "")
    assert title not in done.err


def test_title_above_a_paged_table_is_wrapped_at_words(user: User) -> None:
    pager = RecordedPager()
    user.types("param", "list", "21", tty=True, page=pager, LINES="24", COLUMNS="70", NO_COLOR="1")
    title = pager.text.splitlines()[:2]
    assert max(map(len, title)) <= 70
    assert title[1] == "  (--all)"


def test_short_table_is_not_paged(user: User) -> None:
    pager = RecordedPager()
    done = user.types(*LOAD, tty=True, page=pager, LINES="200", COLUMNS="80", NO_COLOR="1")
    assert pager.text == ""
    assert done.out.startswith("parameter")
    assert done.err.startswith("dice · study 21")


@pytest.mark.parametrize("words", [("-F", "json"), ("-F", "csv"), ("--query", "*.value")], ids=" ".join)
def test_other_formats_are_paged_at_a_terminal(user: User, words: tuple[str, ...]) -> None:
    pager = RecordedPager()
    done = user.types(*LOAD, *words, tty=True, page=pager, **SMALL)
    assert len(pager.text.splitlines()) > 20
    assert done.out == ""
    assert pager.text == user.types(*LOAD, *words, tty=True, **SMALL).out


def test_long_log_is_paged(user: User) -> None:
    assert user.types("calc", "run", "21").code == 0
    pager = RecordedPager()
    assert user.types("study", "logs", "21", tty=True, page=pager, LINES="3").out == ""
    assert pager.text == user.types("study", "logs", "21", tty=True).out


@pytest.mark.parametrize(
    "words",
    [("--no-pager",), ("-o", "-", "--no-pager")],
    ids=" ".join,
)
def test_no_pager_prints_everything(user: User, words: tuple[str, ...]) -> None:
    pager = RecordedPager()
    done = user.types(*LOAD, *words, tty=True, page=pager, **SMALL)
    assert pager.text == ""
    assert len(done.out.splitlines()) > 20


def test_pipe_file_and_dumb_terminal_have_no_pager(user: User) -> None:
    pager = RecordedPager()
    assert user.types(*LOAD, page=pager, **SMALL).out
    assert user.types(*LOAD, "-o", str(user.folder / "load.csv"), tty=True, page=pager, **SMALL).code == 0
    assert user.types(*LOAD, tty=True, page=pager, TERM="dumb", **SMALL).out
    assert pager.text == ""


def test_live_output_is_not_paged(user: User) -> None:
    pager = RecordedPager()
    done = user.types("calc", "run", "21", tty=True, page=pager, **{**SMALL, "LINES": "3"})
    assert (done.code, pager.text) == (0, "")


def test_failed_pager_prints_everything(user: User) -> None:
    pager = RecordedPager(works=False)
    done = user.types(*LOAD, tty=True, page=pager, **SMALL)
    assert done.code == 0
    assert done.err.startswith("dice · study 21")
    assert pager.text.endswith(done.out)
    assert len(done.out.splitlines()) > 20


def test_quiet_pager_has_no_title(user: User) -> None:
    pager = RecordedPager()
    user.types(*LOAD, "-q", tty=True, page=pager, **SMALL)
    assert pager.text.startswith("parameter")


# Parts that are made while the user reads ------------------------------------------------------------------


class Source:
    """The numbered lines of a text, which are counted as they are made."""

    def __init__(self, count: int) -> None:
        self.made = 0
        self.lines = [f"line {number}\n" for number in range(count)]

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.made += 1
            yield line


def test_pager_starts_when_the_window_is_full() -> None:
    source, first = Source(100), []

    def run(_: Sequence[str], parts: Iterable[str]) -> bool:
        first.append(source.made)
        assert list(parts) == ["title\n", *source.lines]
        return True

    assert Pager(["less"], (80, 10), run).show(iter(source), "title\n") is None
    assert first == [9]


def test_no_part_is_made_after_the_user_leaves_the_pager() -> None:
    source = Source(100)

    def run(_: Sequence[str], parts: Iterable[str]) -> bool:
        return [part for part, _ in zip(parts, range(20), strict=False)] != []

    assert Pager(["less"], (80, 10), run).show(iter(source)) is None
    assert source.made < 30


@pytest.mark.parametrize("taken", [0, 5, 50, 200])
def test_failed_pager_leaves_every_part_once(taken: int) -> None:
    source = Source(100)

    def run(_: Sequence[str], parts: Iterable[str]) -> bool:
        return list(itertools.islice(parts, taken)) is None

    rest = Pager(["less"], (80, 10), run).show(iter(source))
    assert rest is not None
    assert list(rest) == source.lines
    assert source.made == 100


def test_parts_that_fit_the_window_need_no_pager() -> None:
    source = Source(9)

    def run(_: Sequence[str], parts: Iterable[str]) -> bool:
        raise AssertionError(parts)

    rest = Pager(["less"], (80, 10), run).show(iter(source))
    assert rest is not None
    assert list(rest) == source.lines


# Which program ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ["less", "-FRX"]),
        ({"PAGER": "most -s"}, ["most", "-s"]),
        ({"PAGER": "most", "SOSTRADES_PAGER": "less -S"}, ["less", "-S"]),
        ({"PAGER": "most", "SOSTRADES_PAGER": "cat"}, []),
        ({"PAGER": "cat"}, []),
        ({"PAGER": "'"}, []),
    ],
)
def test_environment_selects_the_pager(user: User, environ: dict[str, str], words: list[str]) -> None:
    pager = RecordedPager()
    user.types(*LOAD, tty=True, page=pager, **SMALL, **environ)
    assert pager.words == words


def test_profile_selects_the_pager(user: User) -> None:
    assert user.types("config", "set", "pager", "less -S").code == 0
    pager = RecordedPager()
    user.types(*LOAD, tty=True, page=pager, PAGER="most", **SMALL)
    assert pager.words == ["less", "-S"]


def test_windows_without_less_has_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pager_words(None, windows=True) == ["more"]
    assert pager_words("less -S", windows=True) == ["less", "-S"]


@pytest.mark.parametrize(
    ("text", "taller"),
    [
        ("a\n" * 9, False),
        ("a\n" * 10, True),
        ("a" * 80 * 9, False),
        ("a" * 80 * 9 + "b", True),
        (("中" * 40 + "\n") * 9, False),
        (("中" * 41 + "\n") * 5, True),
        ("\x1b[32m" * 200 + "a\n", False),
        ("", False),
    ],
)
def test_wrapped_lines_and_wide_characters_count(text: str, taller: bool) -> None:
    assert is_taller(text, (80, 10)) is taller


# The process -----------------------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a pager that keeps its standard input, its options and LESS."""
    path = tmp_path / "pager"
    path.write_text(f'#!/bin/sh\ncat > "{tmp_path}/text"\necho "$1 $LESS" > "{tmp_path}/call"\nexit ${{CODE:-0}}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.skipif(os.name == "nt", reason="the pager of this test is a shell script")
@pytest.mark.parametrize(("code", "shown"), [("0", True), ("1", False), ("2", True), ("130", True), ("127", False)])
def test_pager_gets_the_text_and_its_code_is_judged(program: Path, code: str, shown: bool) -> None:
    """The program less ends with 2 after Ctrl-C."""
    assert run_pager([str(program), "-x"], ["é\n"], {"PATH": os.environ["PATH"], "CODE": code}) is shown
    assert (program.parent / "text").read_text(encoding="utf-8") == "é\n"
    assert (program.parent / "call").read_text().startswith("-x -FRX ")


@pytest.mark.skipif(os.name == "nt", reason="the pager of this test is a shell script")
def test_options_of_less_in_the_environment_stay(program: Path) -> None:
    assert run_pager([str(program), "-x"], ["a"], {"PATH": os.environ["PATH"], "LESS": "-M"})
    assert (program.parent / "call").read_text() == "-x -M\n"


def test_pager_that_does_not_exist_shows_nothing() -> None:
    assert not run_pager(["no-such-pager-here"], ["a"], {})


@pytest.mark.skipif(os.name == "nt", reason="true and kill are programs of POSIX")
def test_pager_that_ends_early_or_is_killed_is_not_a_failure() -> None:
    environ = {"PATH": os.environ["PATH"]}
    assert run_pager(["true"], ["a\n" * 1_000_000], environ)
    assert run_pager(["sh", "-c", "kill -KILL $$"], ["a\n"], environ)


@pytest.mark.skipif(os.name == "nt", reason="head is a program of POSIX")
def test_no_part_is_made_after_the_pager_has_ended() -> None:
    source = Source(1_000_000)
    assert run_pager(["head", "-n", "1"], source, {"PATH": os.environ["PATH"]})
    assert source.made < 1_000_000


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_is_for_the_pager(program: Path) -> None:
    """Neither the making of parts nor the wait for the user is interrupted."""
    before = signal.getsignal(signal.SIGINT)

    def parts() -> Iterator[str]:
        yield "a\n"
        os.kill(os.getpid(), signal.SIGINT)
        yield "b\n"

    assert run_pager([str(program), "-x"], parts(), {"PATH": os.environ["PATH"]})
    assert (program.parent / "text").read_text() == "a\nb\n"
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(os.name == "nt", reason="cat is a program of POSIX")
def test_failure_to_make_a_part_ends_the_pager() -> None:
    def parts() -> Iterator[str]:
        yield ""
        raise SystemExit(143)

    with pytest.raises(SystemExit):
        run_pager(["cat"], parts(), {"PATH": os.environ["PATH"]})
