"""Test studies in which a setting creates or removes other parameters: a design of experiments."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import User

SAMPLES = "43"
OPTIONS = "SampleGenerator.algo_options"


@pytest.fixture
def sampling(user_of: Callable[..., User]) -> User:
    """Return a user of realistic studies. Study 43 is a finished design of experiments."""
    user = user_of("documented", "realistic")
    assert user.types("calc", "run", SAMPLES).code == 0
    return user


def inputs(user: User, study: str) -> dict[str, object]:
    """Return the values of a study by name, without the study name."""
    load = user.prints("study", "load", study)
    return {name.partition(".")[2]: entry["value"] for name, entry in load.items()}


def untouched_copy(user: User, name: str) -> str:
    """Copy study 43 on the server, so that the copy has default values."""
    world = user.world
    return str(world.copy(world.caller(f"Bearer {world.key}"), world.studies[int(SAMPLES)], name))


def test_copy_is_equal_and_can_be_run(sampling: User) -> None:
    number = sampling.types("study", "copy", SAMPLES, "second").out.strip()
    assert sampling.types("study", "diff", SAMPLES, number, "--exit-code").code == 0
    assert inputs(sampling, number).keys() == inputs(sampling, SAMPLES).keys()
    assert sampling.types("calc", "run", number).code == 0


def test_export_is_applied_to_an_untouched_copy_at_once(sampling: User) -> None:
    folder = str(sampling.folder / "exported")
    assert sampling.types("study", "export", SAMPLES, folder).code == 0
    number = untouched_copy(sampling, "second")
    assert sampling.types("study", "apply", folder, number, "--yes").code == 0
    assert sampling.types("study", "diff", folder, number, "--exit-code").code == 0


def test_hint_of_an_apply_in_rounds_counts_its_entries(sampling: User) -> None:
    folder = str(sampling.folder / "exported")
    assert sampling.types("study", "export", SAMPLES, folder).code == 0
    number = untouched_copy(sampling, "second")
    done = sampling.types("study", "apply", folder, number, "--yes", tty=True, NO_COLOR="1")
    entries = len(sampling.prints("param", "history", number))
    assert entries > 1
    assert done.out.rstrip().endswith(f"undo: sostrades param undo {number} ({entries} times)")


def test_completed_value_is_verified(sampling: User) -> None:
    done = sampling.types("param", "set", SAMPLES, f'{OPTIONS}={{"n_samples": 5}}')
    assert done.code == 0
    options = inputs(sampling, SAMPLES)[OPTIONS]
    assert isinstance(options, dict)
    assert options["n_samples"] == 5
    assert "iterations" in options
    assert "iterations" in done.err


def test_removed_parameter_is_reported_and_restored_by_undo(sampling: User) -> None:
    assert sampling.types("param", "set", SAMPLES, f'{OPTIONS}={{"n_samples": 7}}').code == 0
    before, space = inputs(sampling, SAMPLES), sampling.types("param", "get", SAMPLES, "design_space").out
    done = sampling.types("param", "set", SAMPLES, "sampling_method=simple")
    assert done.code == 0
    assert OPTIONS in done.err
    assert OPTIONS not in inputs(sampling, SAMPLES)
    assert sampling.types("param", "undo", SAMPLES).code == 0
    assert inputs(sampling, SAMPLES) == before
    assert sampling.types("param", "get", SAMPLES, "design_space").out == space


def test_parameter_that_undo_cannot_restore_is_exit_8(sampling: User) -> None:
    sampling.types("param", "set", SAMPLES, "sampling_method=simple")
    tables = next(path for path in (sampling.folder / "state" / "journal").rglob("*.d"))
    for table in tables.iterdir():
        table.unlink()
    done = sampling.types("param", "undo", SAMPLES)
    assert done.code == 8
    assert "design_space" in done.err
    assert inputs(sampling, SAMPLES)["SampleGenerator.sampling_method"] == "doe_algo"


class SomebodyElse(httpx.BaseTransport):
    """A stub on which somebody else changes the study right before our change."""

    def __init__(self, user: User, change: dict[str, object]) -> None:
        self._stub = StubTransport(user.world)
        self._changes = [change]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on; before our first change make the other one."""
        if request.url.path.endswith("/parameters") and self._changes:
            content = json.dumps(self._changes.pop()).encode()
            headers = {**request.headers, "content-length": str(len(content))}
            theirs = httpx.Request("POST", request.url, headers=headers, content=content, extensions=request.extensions)
            assert self._stub.handle_request(theirs).status_code == 200
        return self._stub.handle_request(request)


def test_study_reset_by_the_server_is_detected_and_restored(sampling: User) -> None:
    sampling.types("param", "set", SAMPLES, f'{OPTIONS}={{"n_samples": 7}}')
    before = inputs(sampling, SAMPLES)
    mode = "samples.SampleGenerator.sampling_generation_mode"
    theirs = {"variableId": mode, "newValue": "at_configuration_time", "unit": ""}
    sampling.transport = SomebodyElse(sampling, theirs)
    done = sampling.types("param", "set", SAMPLES, "Eval.SellarCoupling.max_mda_iter=31")
    assert inputs(sampling, SAMPLES)["Eval.with_sample_generator"] is False
    assert "Eval.with_sample_generator" in done.err
    assert sampling.types("param", "undo", SAMPLES).code == 0
    assert inputs(sampling, SAMPLES) == before


def test_journal_of_a_structural_change_is_json(sampling: User) -> None:
    sampling.types("param", "set", SAMPLES, "sampling_method=simple")
    entry = json.loads(sampling.types("param", "history", SAMPLES, "-F", "json").out)[-1]
    effects = {change["key"].partition(".")[2]: change["old"] for change in entry["effects"]}
    assert effects["SampleGenerator.sampling_algo"] == "PYDOE_LHS"


class FailsLater(StubTransport):
    """A network that refuses all changes after one upload and one change of values."""

    passed = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or refuse."""
        is_change = request.url.path.endswith("/parameters")
        if is_change and self.passed >= 2:
            return httpx.Response(400, json={"statusCode": 400, "name": "Bad Request", "description": "no"})
        response = super().handle_request(request)
        self.passed += is_change and response.is_success
        return response


def test_error_of_a_later_round_lists_earlier_changes(sampling: User) -> None:
    folder = str(sampling.folder / "exported")
    assert sampling.types("study", "export", SAMPLES, folder).code == 0
    number = untouched_copy(sampling, "second")
    sampling.transport = FailsLater(sampling.world)
    done = sampling.types("study", "apply", folder, number, "--yes", "-F", "json")
    assert done.code == 8
    assert "second.Eval.SellarCoupling.x" in json.loads(done.err)["detail"]
    history = json.loads(sampling.types("param", "history", number, "-F", "json").out)
    assert [entry["outcome"] for entry in history] == ["done", "not made"]


def test_table_emptied_by_a_setting_is_reported_and_restored(sampling: User) -> None:
    space = sampling.types("param", "get", SAMPLES, "design_space").out
    inputs_of_samples = sampling.folder / "eval_inputs.csv"
    inputs_of_samples.write_text("selected_input,full_name\nTrue,SellarCoupling.z\nFalse,SellarCoupling.x\n")
    done = sampling.types("param", "set", SAMPLES, f"eval_inputs=@{inputs_of_samples}")
    assert done.code == 0
    assert "design_space" in done.err
    assert sampling.types("param", "undo", SAMPLES).code == 0
    assert sampling.types("param", "get", SAMPLES, "design_space").out == space
