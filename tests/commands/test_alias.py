"""Test `sostrades alias`, and aliases in place of study numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import HOST

if TYPE_CHECKING:
    from conftest import User

OTHER = "http://127.0.0.1:5099"
ROUTE = "GET /api/v0/calculation/status/21"


@pytest.fixture
def aliased_user(user: User) -> User:
    """Return a user with the aliases dice (study 21) and crash (study 22)."""
    for name, study in (("dice", "21"), ("crash", "22")):
        assert user.types("alias", "set", name, study).code == 0
    assert user.requests == []
    return user


def test_list_shows_aliases_in_order_of_creation_without_a_request(aliased_user: User) -> None:
    assert aliased_user.types("alias", "list").out == "alias\tstudy\ndice\t21\ncrash\t22\n"
    assert (
        aliased_user.types("alias", "list", "-F", "json").out
        == '[{"alias": "dice", "study": 21}, {"alias": "crash", "study": 22}]\n'
    )
    assert aliased_user.requests == []


def test_alias_can_be_used_as_study(aliased_user: User) -> None:
    assert aliased_user.types("calc", "status", "dice").out == aliased_user.types("calc", "status", "21").out
    assert aliased_user.requests == [ROUTE, ROUTE]
    assert aliased_user.types("study", "diff", "dice", "21").code == 0
    both = aliased_user.types("calc", "status", "dice", "22", "-F", "tsv").out
    assert [line.split("\t")[0] for line in both.splitlines()[1:]] == ["21", "22"]


def test_alias_can_be_reassigned_and_removed(aliased_user: User) -> None:
    assert aliased_user.types("alias", "set", "dice", "23").code == 0
    assert aliased_user.types("alias", "set", "copy", "dice").out == "alias\tstudy\ncopy\t23\n"
    assert aliased_user.types("alias", "remove", "dice").code == 0
    assert aliased_user.types("alias", "list").out == "alias\tstudy\ncrash\t22\ncopy\t23\n"
    assert aliased_user.types("calc", "status", "dice").code == 2
    assert aliased_user.types("alias", "remove", "dice").code == 2


def test_name_of_another_study_is_not_an_alias(user: User) -> None:
    assert user.types("study", "show", "21").code == 0
    name = user.prints("study", "list")[0]["name"]
    assert user.types("alias", "set", name, "22").code == 2
    assert user.types("alias", "list").out == "alias\tstudy\n"
    # The name itself, and a name that two studies share, select a study that has it.
    assert user.types("alias", "set", name, "21").code == 0


def test_replaced_alias_is_reported_with_its_old_study(aliased_user: User) -> None:
    assert "study 21" in aliased_user.types("alias", "set", "dice", "22").err
    assert "replaced" not in aliased_user.types("alias", "set", "dice", "22").err


def test_study_that_is_not_in_the_cache_gets_a_note_without_a_request(user: User) -> None:
    assert "study show 99" in user.types("alias", "set", "far", "99").err
    assert user.requests == []
    assert user.types("study", "show", "21").code == 0
    assert user.types("alias", "set", "near", "21").err == ""


def test_unknown_alias_is_rejected_with_a_suggestion(aliased_user: User) -> None:
    close, far = aliased_user.types("calc", "status", "dcie"), aliased_user.types("calc", "status", "zzz")
    assert (close.code, far.code, aliased_user.requests) == (2, 2, [])
    assert "Did you mean 'dice'?" in close.err
    assert "sostrades alias set zzz NUMBER" in far.err


def test_unknown_study_suggests_no_number_that_is_not_known(user: User) -> None:
    error = user.types("calc", "run", "nope").error
    assert error is not None
    assert "21" not in f"{error.message} {error.hint}"
    assert user.types("study", "load", "22").code == 0
    error = user.types("calc", "run", "nope").error
    assert error is not None
    assert "22" in error.message


def test_aliases_belong_to_a_profile(aliased_user: User) -> None:
    assert aliased_user.types("config", "set", "host", "http://127.0.0.1:5004", "--profile", "ci").code == 0
    assert aliased_user.types("alias", "set", "dice", "26", "--profile", "ci").code == 0
    aliased_user.types("calc", "status", "dice", "--profile", "ci")
    aliased_user.types("--profile", "ci", "calc", "status", "dice")
    aliased_user.types("calc", "status", "dice", SOSTRADES_PROFILE="ci")
    assert aliased_user.requests == ["GET /api/v0/calculation/status/26"] * 3


def test_path_selects_a_folder_with_the_name_of_an_alias(aliased_user: User) -> None:
    assert aliased_user.types("study", "export", "21", str(aliased_user.folder / "dice")).code == 0
    assert aliased_user.types("study", "diff", "dice", str(aliased_user.folder / "dice"), "--exit-code").code == 0
    assert aliased_user.types("study", "diff", "nothing", "dice").code == 2


@pytest.mark.parametrize("name", ["21", "2x", "-x", "a b", "a/b", "", "./a", "x" * 65])
def test_invalid_alias_name_is_rejected(user: User, name: str) -> None:
    assert user.types("alias", "set", "--", name, "21").code == 2
    assert not (user.folder / "config").exists()


BAD = ["aliases = 5\n", 'aliases.dice = "21"\n', "aliases.dice = -1\n", "aliases.dice = true\n"]


def write_config(user: User, text: str) -> None:
    """Write a config.toml by hand."""
    (user.folder / "config").mkdir(exist_ok=True)
    (user.folder / "config" / "config.toml").write_text(f"[profiles.default]\n{text}")


@pytest.mark.parametrize("text", BAD)
def test_alias_without_a_study_number_is_not_used(user: User, text: str) -> None:
    write_config(user, text)
    done = user.types("calc", "status", "dice")
    assert (done.code, "sostrades alias set dice NUMBER" in done.err, user.requests) == (2, True, [])


@pytest.mark.parametrize("text", BAD)
def test_bad_alias_is_reported_by_list_and_doctor(user: User, text: str) -> None:
    write_config(user, text)
    assert "in config.toml" in user.types("alias", "list").err
    states = {check["check"]: check["state"] for check in user.prints("doctor")}
    assert (states["settings"], states["aliases"]) == ("ok", "warning")


def test_bad_alias_does_not_disable_others(user: User) -> None:
    write_config(user, 'aliases.bad = "x"\naliases.dice = 21\n')
    assert user.types("calc", "status", "dice").code == 0
    assert user.types("alias", "list").out == "alias\tstudy\ndice\t21\n"


def test_bad_alias_can_be_replaced_and_removed(user: User) -> None:
    write_config(user, 'aliases.bad = "x"\naliases.worse = []\n')
    assert user.types("alias", "set", "bad", "22").code == 0
    assert user.types("alias", "remove", "worse").code == 0
    listed = user.types("alias", "list")
    assert (listed.out, listed.err) == ("alias\tstudy\nbad\t22\n", "")


def test_error_about_a_missing_study_names_the_alias(user: User) -> None:
    user.types("alias", "set", "climate", "99")
    done = user.types("param", "get", "climate", "gamma")
    assert (done.code, done.kind) == (5, "no_study")
    assert done.error is not None
    assert "climate" in str(done.error.detail)
    assert "sostrades alias set climate" in str(done.error.hint)
    assert "alias" not in user.types("param", "get", "99", "gamma").err


@pytest.mark.parametrize("line", ["config set host http://127.0.0.1:5099", f"auth login --host {HOST}"])
def test_aliases_are_noted_if_their_profile_gets_another_server(user: User, line: str) -> None:
    """Their numbers would be those of other studies."""
    user.types("config", "set", "host", "http://127.0.0.1:5001")
    user.types("alias", "set", "climate", "21", "--host", "http://127.0.0.1:5001")
    done = user.types(*line.split(), secret=user.world.key)
    assert (done.code, "climate (21)" in done.err) == (0, True)
    assert "climate" not in user.types(*line.split(), secret=user.world.key).err


def test_new_server_of_a_profile_without_aliases_needs_no_note(user: User) -> None:
    user.types("config", "set", "host", "http://127.0.0.1:5001")
    assert "alias" not in user.types("config", "set", "host", "http://127.0.0.1:5099").err


@pytest.fixture
def user_of_another_server(aliased_user: User) -> User:
    """Return a user whose profile has aliases and another server than SOSTRADES_HOST."""
    assert aliased_user.types("config", "set", "host", OTHER).code == 0
    return aliased_user


@pytest.mark.parametrize(
    "line", ["param set dice gamma=0.3", "calc status dice", "calc watch 22 dice", "study diff dice 22"]
)
def test_alias_of_another_server_is_rejected_with_its_number(user_of_another_server: User, line: str) -> None:
    """Study 21 of the server in use is another study, and would be changed."""
    done = user_of_another_server.types(*line.split())
    assert (done.code, done.kind, user_of_another_server.requests) == (2, "usage", [])
    assert done.error is not None
    assert OTHER in done.error.message
    assert "21" in str(done.error.hint).split()


def test_alias_can_be_used_on_the_server_of_its_profile(user: User) -> None:
    user.types("config", "set", "host", f"{HOST}/")
    assert user.types("alias", "set", "dice", "21").code == 0
    assert user.types("calc", "status", "dice").code == 0
    del user.environ["SOSTRADES_HOST"]
    assert user.types("calc", "status", "dice").code == 0


def test_alias_of_another_server_is_not_suggested_or_shown(user_of_another_server: User) -> None:
    user = user_of_another_server
    assert "dice" not in str(user.types("calc", "status", "dcie").error)
    user.types("study", "show", "21")
    assert {row["alias"] for row in user.prints("study", "list")} == {None}
    assert user.prints("study", "show", "21")["aliases"] == []


def test_list_says_that_aliases_are_for_another_server(user_of_another_server: User) -> None:
    done = user_of_another_server.types("alias", "list")
    assert (done.out, OTHER in done.err) == ("alias\tstudy\ndice\t21\ncrash\t22\n", True)
    assert user_of_another_server.types("alias", "list", "--host", OTHER).err == ""


def test_alias_for_a_study_of_another_server_is_not_stored(user_of_another_server: User) -> None:
    done = user_of_another_server.types("alias", "set", "witness", "23")
    assert (done.code, done.kind) == (2, "usage")
    assert "witness" not in user_of_another_server.types("alias", "list").out
    assert user_of_another_server.types("alias", "remove", "dice").code == 0


def test_alias_needs_no_server(user: User) -> None:
    assert user.types("alias", "set", "dice", "21", SOSTRADES_HOST="").code == 0
