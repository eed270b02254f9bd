"""Test that errors extended by a command keep their facts: transient, answer lost, unverified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport  # type: ignore[attr-defined] # the one above this folder

from server_stub.faults import Fault

if TYPE_CHECKING:
    from conftest import User  # type: ignore[attr-defined] # the one above this folder


@pytest.mark.parametrize(
    ("words", "path", "in_doubt"),
    [
        (("param", "set", "21", "Macro.gamma=0.9"), "parameters$", False),
        (("calc", "run", "21"), "execute", False),
        (("study", "copy", "21", "twin"), "copy", True),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_lost_answer_to_a_write_is_still_marked(user: User, words: tuple[str, ...], path: str, in_doubt: bool) -> None:
    """The command also reads the state back."""
    user.world.faults.arm(Fault("drop", when="before", method="POST", path=path))
    done = user.types(*words)
    assert (done.code, done.kind) == (6, "unreachable")
    assert done.error is not None
    assert (done.error.answer_lost, done.error.transient, done.error.in_doubt) == (True, True, in_doubt)


def test_unreadable_state_after_a_lost_start_is_unverified(user: User) -> None:
    def gone_from_the_start_on(request: httpx.Request) -> httpx.Response:
        if "execute" in request.url.path:
            user.world.faults.arm(Fault("drop", count=99))
        return StubTransport(user.world).handle_request(request)

    user.transport = httpx.MockTransport(gone_from_the_start_on)
    done = user.types("calc", "run", "21")
    assert done.error is not None
    assert (done.kind, done.error.transient, done.error.in_doubt) == ("unreachable", True, True)


def test_summary_of_several_studies_has_the_facts_of_the_worst(user: User) -> None:
    user.world.faults.arm(Fault("drop", count=9999))
    done = user.types("calc", "watch", "21", "22", "--max-outage", "5")
    assert done.error is not None
    assert (done.code, done.kind, done.error.transient) == (6, "unreachable", True)


def test_failed_values_of_a_copy_make_it_unverified(user: User) -> None:
    user.world.faults.arm(Fault("status", status=503, method="POST", path="parameters$", count=99))
    done = user.types("study", "copy", "21", "twin")
    assert done.error is not None
    assert (done.kind, done.error.study, done.error.in_doubt) == ("server_fault", max(user.world.studies), True)
