"""Test what a page of charts tells about its study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_stub.faults import Fault
from sostrades_cli.operations.postproc.gather import gather
from sostrades_cli.operations.postproc.page_facts import changed_inputs, different_inputs, web_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

    from sostrades_cli.operations.context import Context


def test_address_is_that_of_the_server(user: User, server_of: Callable[[User], Context]) -> None:
    assert web_address(server_of(user), 21) == "http://localhost:4200/study/21"


def test_missing_address_is_not_an_error(user: User, server_of: Callable[[User], Context]) -> None:
    user.world.faults.arm(Fault("status", count=99, path="url", status=500))
    assert web_address(server_of(user), 21) is None


@pytest.mark.parametrize("server", ["documented", "5.3"])
def test_table_has_the_inputs_that_differ_from_their_defaults(
    user_of: Callable[..., User], server_of: Callable[[User], Context], server: str
) -> None:
    """Tables and results are not compared."""
    user = user_of(server)
    context = server_of(user)
    before = changed_inputs(context, gather(context, 21))
    assert before is not None
    assert (before.rows, "not compared" in before.title) == ([], True)
    assert user.types("param", "set", "21", "Macro.gamma=0.35").code == 0
    assert user.types("calc", "run", "21").code == 0
    after = changed_inputs(context, gather(context, 21))
    assert after is not None
    assert [row[:3] for row in after.rows] == [("Macro.gamma", "0.35", "0.3")]
    assert after.title.startswith("1 input")


def test_unknown_defaults_mean_no_table(user: User, server_of: Callable[[User], Context]) -> None:
    """Only a finished run has them."""
    context = server_of(user)
    assert user.types("param", "set", "21", "Macro.gamma=0.35").code == 0
    assert changed_inputs(context, gather(context, 21)) is None


def test_table_has_the_inputs_that_differ_between_two_studies(user: User, server_of: Callable[[User], Context]) -> None:
    context = server_of(user)
    before = set(user.world.studies)
    assert user.types("study", "copy", "21", "copy").code == 0
    [copy] = set(user.world.studies) - before
    assert user.types("param", "set", str(copy), "Macro.gamma=0.35").code == 0
    assert user.types("calc", "run", str(copy)).code == 0
    table = different_inputs(context, gather(context, 21), gather(context, copy))
    assert table is not None
    assert [row[:3] for row in table.rows] == [("Macro.gamma", "0.3", "0.35")]
