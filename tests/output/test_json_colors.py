"""Colours of JSON, which only a terminal shows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.output.json_colors import colored

if TYPE_CHECKING:
    from conftest import User

CODES = re.compile(r"\x1b\[[0-9;]*m")
STATUS = ("calc", "status", "21", "-F", "json")
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"])), inner),
    max_leaves=10,
)


@settings(deadline=None, max_examples=20)
@given(documents, st.sampled_from([None, 2]))
def test_colours_do_not_change_the_document(document: object, indent: int | None) -> None:
    line = json.dumps(document, indent=indent)
    assert CODES.sub("", colored(line)) == line


def test_names_texts_and_constants_have_different_colours() -> None:
    codes = [
        match[1] for match in re.finditer(r"(\x1b\[[0-9;]*m)[^\x1b]+\x1b", colored('{"a": "b", "c": null, "d": 1}'))
    ]
    name, text, other, constant, last = (code for code in codes if code != "\x1b[39;49;00m")
    assert name == other == last
    assert len({name, text, constant}) == 3


def test_json_is_coloured_at_a_terminal_only(user: User) -> None:
    shown = user.types(*STATUS, tty=True).out
    assert "\x1b[" in shown
    assert CODES.sub("", shown) == user.types(*STATUS, tty=True, NO_COLOR="1").out
    for words, environ in [((), {}), ((), {"FORCE_COLOR": "1"}), (("--no-color",), {})]:
        assert "\x1b" not in user.types(*STATUS, *words, tty=bool(words), **environ).out


@pytest.mark.parametrize(
    "words",
    [("api", "GET", "/api/v0/calculation/status/21"), (*STATUS, "--query", "@"), ("calc", "watch", "21", "-F", "json")],
)
def test_other_json_is_coloured_too(user: User, words: tuple[str, ...]) -> None:
    assert "\x1b[" in user.types(*words, tty=True).out
