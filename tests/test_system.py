"""Test the commands shown for the shell of each system, and waits that Ctrl-C interrupts."""

from __future__ import annotations

import itertools
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sostrades_cli.system import LONGEST_WAIT_S, in_slices, make_folder_command, shell_quoted, words_of


@pytest.mark.parametrize("timeout_s", [0.0, 0.05, LONGEST_WAIT_S, 0.5, 3.0])
def test_slices_add_up_and_are_short(timeout_s: float) -> None:
    slices = list(in_slices(timeout_s))
    assert sum(slices) == pytest.approx(timeout_s)
    assert slices
    assert max(slices) <= LONGEST_WAIT_S


def test_wait_without_a_limit_never_ends() -> None:
    assert list(itertools.islice(in_slices(None), 1000)) == [LONGEST_WAIT_S] * 1000


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("plain", "plain"),
        (r"C:\data\cases.csv", r"C:\data\cases.csv"),
        (r"C:\My files\cases.csv", r'"C:\My files\cases.csv"'),
        ("O'Brien", '"O\'Brien"'),
        ("", '""'),
    ],
)
def test_windows_words_have_only_double_quotes(word: str, typed: str) -> None:
    assert shell_quoted(word, windows=True) == typed
    assert words_of(shell_quoted(word, windows=True), windows=True) == [word]


@given(st.text(st.characters(exclude_characters='"\n\r\0', codec="ascii", exclude_categories=["Cc"])))
def test_quoted_word_is_one_word_on_each_system(word: str) -> None:
    assert words_of(shell_quoted(word, windows=True), windows=True) == [word]
    assert words_of(shell_quoted(word, windows=False), windows=False) == [word]


@given(st.lists(st.text(max_size=8), max_size=4))
def test_posix_words_follow_the_shell(words: list[str]) -> None:
    line = shlex.join(words)
    assert words_of(line, windows=False) == words


def test_folder_is_created_by_the_command_for_the_system() -> None:
    assert make_folder_command("a b", windows=False) == "mkdir -p 'a b'"
    assert make_folder_command(r"a\b", windows=True) == r"mkdir a\b"
