"""Test that --quiet leaves only errors and the data that a command was asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from conftest import make_user, mostly_slow

if TYPE_CHECKING:
    from conftest import User

CONFIRMING = [
    "param set 21 Macro.gamma=0.4",
    "param reset 21 Macro.gamma",
    "param undo 21",
    "param download 21 --all -d {folder}/tables",
    "study export 21 {folder}/other",
    "study apply {folder}/dice 21 --ours --yes",
    "postproc export 21 -d {folder}/charts --as csv",
    "alias set gas 21",
    "alias remove dice",
    "config set format csv",
    "auth login --with-key --host http://127.0.0.1:5004",
    "auth logout",
    "study open 21",
    "calc run 21",
    "calc run 21 --detach",
]
ASKED = [
    "param set 21 Macro.gamma=0.4 --dry-run",
    "param list 21",
    "param get 21 Macro.gamma",
    "param show 21 Macro.gamma",
    "param history 21",
    "param download 21 Macro.population",
    "study load 21",
    "study list",
    "study url 21",
    "study diff 21 {folder}/dice",
    "calc status 21",
    "postproc list 21",
    "postproc show 21 1",
    "alias list",
    "config list",
    "config get host",
    "config path",
    "auth status",
    "completion bash",
    "api GET /api/v0/calculation/status/21",
    "help exit-codes",
]


@pytest.fixture
def busy(user: User, line: str) -> User:
    """Return a user with an alias and a change, and with an export if a line needs it."""
    export = ["study export 21 {folder}/dice"] if "/dice" in line else []
    for words in (*export, "alias set dice 21", "param set 21 Macro.gamma=0.5"):
        assert types(user, words).code == 0
    return user


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> User:
    """Return a user with an export, a change and an alias, for commands that change nothing."""
    user = make_user(tmp_path_factory.mktemp("reader"))
    for words in ("study export 21 {folder}/dice", "alias set dice 21", "param set 21 Macro.gamma=0.5"):
        assert types(user, words).code == 0
    return user


def types(user: User, line: str, *more: str, tty: bool = False):  # noqa: ANN201 - the outcome of the user
    """Run a command line in the folder of a user."""
    key = user.environ["SOSTRADES_API_KEY"].encode()
    return user.types(*line.format(folder=user.folder).split(), *more, tty=tty, stdin=key if "login" in line else b"")


@pytest.mark.parametrize("tty", mostly_slow([True, False], 2))
@pytest.mark.parametrize("line", mostly_slow(CONFIRMING, 2))
def test_quiet_command_without_requested_data_is_silent(busy: User, line: str, tty: bool) -> None:
    done = types(busy, line, "-q", tty=tty)
    assert (done.code, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize(
    "line", mostly_slow([line for line in CONFIRMING if line != "calc run 21" and "--as" not in line], 3)
)
def test_quiet_command_prints_requested_json(busy: User, line: str) -> None:
    done = types(busy, line, "-q", "-F", "json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)


@pytest.mark.parametrize("tty", mostly_slow([True, False], 2))
@pytest.mark.parametrize("line", mostly_slow(ASKED, 2))
def test_quiet_command_prints_requested_data(reader: User, line: str, tty: bool) -> None:
    done = types(reader, line, "-q", tty=tty)
    assert (done.code, done.err) == (0, "")
    assert done.out == types(reader, line, tty=tty).out != ""


def test_quiet_command_still_reports_errors(user: User) -> None:
    done = types(user, "param set 21 nothing=1", "-q")
    assert done.code != 0
    assert done.out == ""
    assert done.err.startswith("error: ")
