"""`sostrades alias`, and aliases wherever a study is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import User

ROUTE = "GET /api/v0/calculation/status/21"


@pytest.fixture
def named(user: User) -> User:
    """Return a user who calls study 21 dice and study 22 crash."""
    for name, study in (("dice", "21"), ("crash", "22")):
        assert user.types("alias", "set", name, study).code == 0
    assert user.requests == []
    return user


def test_aliases_are_listed(named: User) -> None:
    """Each stands with its study, in the order in which they were made; none is a request."""
    assert named.types("alias", "list").out == "alias\tstudy\ndice\t21\ncrash\t22\n"
    assert (
        named.types("alias", "list", "-F", "json").out
        == '[{"alias": "dice", "study": 21}, {"alias": "crash", "study": 22}]\n'
    )
    assert named.requests == []


def test_an_alias_stands_for_its_study(named: User) -> None:
    """Any command takes it, beside numbers and links, in lists of studies too."""
    assert named.types("calc", "status", "dice").out == named.types("calc", "status", "21").out
    assert named.requests == [ROUTE, ROUTE]
    assert named.types("study", "diff", "dice", "21").code == 0
    both = named.types("calc", "status", "dice", "22", "-F", "tsv").out
    assert [line.split("\t")[0] for line in both.splitlines()[1:]] == ["21", "22"]


def test_an_alias_can_be_given_anew_and_forgotten(named: User) -> None:
    """A name stands for the study that it was given last; one that is forgotten is none."""
    assert named.types("alias", "set", "dice", "23").code == 0
    assert named.types("alias", "set", "copy", "dice").out == "alias\tstudy\ncopy\t23\n"
    assert named.types("alias", "remove", "dice").code == 0
    assert named.types("alias", "list").out == "alias\tstudy\ncrash\t22\ncopy\t23\n"
    assert named.types("calc", "status", "dice").code == 2
    assert named.types("alias", "remove", "dice").code == 2


def test_an_unknown_alias_is_told_with_the_closest(named: User) -> None:
    """It is exit 2 without a request, and names what may have been meant, else how to make one."""
    close, far = named.types("calc", "status", "dcie"), named.types("calc", "status", "zzz")
    assert (close.code, far.code, named.requests) == (2, 2, [])
    assert "Did you mean 'dice'?" in close.err
    assert "sostrades alias set zzz 21" in far.err


def test_aliases_are_those_of_the_profile(named: User) -> None:
    """Each profile has its own, wherever --profile stands on the line, and SOSTRADES_PROFILE counts too."""
    assert named.types("config", "set", "host", "http://127.0.0.1:5004", "--profile", "ci").code == 0
    assert named.types("alias", "set", "dice", "26", "--profile", "ci").code == 0
    named.types("calc", "status", "dice", "--profile", "ci")
    named.types("--profile", "ci", "calc", "status", "dice")
    named.types("calc", "status", "dice", SOSTRADES_PROFILE="ci")
    assert named.requests == ["GET /api/v0/calculation/status/26"] * 3


def test_a_folder_of_that_name_needs_its_dots(named: User) -> None:
    """In `study diff` an alias is the study; `./dice` is the folder, and another name is one as before."""
    assert named.types("study", "export", "21", str(named.folder / "dice")).code == 0
    assert named.types("study", "diff", "dice", str(named.folder / "dice"), "--exit-code").code == 0
    assert named.types("study", "diff", "nothing", "dice").code == 2


@pytest.mark.parametrize("name", ["21", "2x", "-x", "a b", "a/b", "", "./a", "x" * 65])
def test_what_could_be_a_number_or_a_path_is_no_alias(user: User, name: str) -> None:
    """A name begins with a letter and has no blanks and slashes: exit 2, and nothing is written."""
    assert user.types("alias", "set", "--", name, "21").code == 2
    assert not (user.folder / "config").exists()


BAD = ["aliases = 5\n", 'aliases.dice = "21"\n', "aliases.dice = -1\n", "aliases.dice = true\n"]


def write_config(user: User, text: str) -> None:
    """Write a config.toml by hand."""
    (user.folder / "config").mkdir(exist_ok=True)
    (user.folder / "config" / "config.toml").write_text(f"[profiles.default]\n{text}")


@pytest.mark.parametrize("text", BAD)
def test_alias_of_no_number_is_not_used(user: User, text: str) -> None:
    write_config(user, text)
    done = user.types("calc", "status", "dice")
    assert (done.code, "sostrades alias set dice 21" in done.err, user.requests) == (2, True, [])


@pytest.mark.parametrize("text", BAD)
def test_bad_alias_is_reported_by_list_and_doctor(user: User, text: str) -> None:
    write_config(user, text)
    assert "in config.toml" in user.types("alias", "list").err
    states = {check["check"]: check["state"] for check in user.prints("doctor")}
    assert (states["settings"], states["aliases"]) == ("ok", "warning")


def test_bad_alias_leaves_the_others_in_use(user: User) -> None:
    write_config(user, 'aliases.bad = "x"\naliases.dice = 21\n')
    assert user.types("calc", "status", "dice").code == 0
    assert user.types("alias", "list").out == "alias\tstudy\ndice\t21\n"


def test_bad_alias_can_be_replaced_and_removed(user: User) -> None:
    write_config(user, 'aliases.bad = "x"\naliases.worse = []\n')
    assert user.types("alias", "set", "bad", "22").code == 0
    assert user.types("alias", "remove", "worse").code == 0
    listed = user.types("alias", "list")
    assert (listed.out, listed.err) == ("alias\tstudy\nbad\t22\n", "")
