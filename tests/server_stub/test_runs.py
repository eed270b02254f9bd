"""Runs: their statuses, disciplines and logs over time, and what destroys them."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build


def start(api: "Api", study: int) -> Any:
    """Execute a study."""
    return api.post(f"/calculation/execute/{study}")


def shown(api: "Api", study: int) -> Any:
    """Give the whole status object."""
    return api.get(f"/calculation/status/{study}").get_json()


def test_an_execute_answers_pending_with_nothing_else_known(api: "Api") -> None:
    """No disciplines, no cpu, no memory."""
    assert start(api, 22).get_json() == {
        "study_case_id": 22,
        "disciplines_status": {},
        "study_case_execution_status": "PENDING",
        "study_case_execution_error_message": "",
        "study_case_execution_cpu": "----",
        "study_case_execution_memory": "----",
    }


def test_a_run_is_running_before_it_names_its_disciplines(api: "Api") -> None:
    """First `{}` and dashes, then all of them, pending or beyond."""
    start(api, 21)
    api.clock.advance(3.1)
    assert shown(api, 21)["study_case_execution_status"] == "RUNNING"
    assert shown(api, 21)["disciplines_status"] == {}
    assert shown(api, 21)["study_case_execution_cpu"] == "----"
    api.clock.advance(0.5)
    assert len(shown(api, 21)["disciplines_status"]) == 5


def test_disciplines_move_during_a_run(api: "Api") -> None:
    """They go from PENDING over RUNNING to DONE, at most every two seconds."""
    start(api, 21)
    api.clock.advance(3.4)
    first = shown(api, 21)["disciplines_status"]
    api.clock.advance(1.8)
    assert shown(api, 21)["disciplines_status"] == first
    api.clock.advance(0.5)
    second = shown(api, 21)["disciplines_status"]
    api.clock.advance(10.0)
    last = shown(api, 21)["disciplines_status"]
    assert "PENDING" in first.values()
    assert "DONE" in second.values()
    assert "RUNNING" in second.values()
    assert set(last.values()) == {"DONE"}


def test_a_finished_run_leaves_a_read_only_file_and_residuals(api: "Api") -> None:
    """It is there at the end and not before; its ETag is new."""
    before = api.get("/study-case/21/read-only-mode").headers["ETag"]
    start(api, 21)
    assert api.get("/study-case/21/read-only-mode").status_code == 400
    api.clock.advance(9.0)
    assert api.status(21) == "FINISHED"
    assert api.get("/study-case/21/read-only-mode").headers["ETag"] != before
    assert api.load(21)["dice.residuals_history"]["value"] == "://dataframe"


def test_a_finished_run_is_a_change_that_nobody_has_read_yet(api: "Api") -> None:
    """Parallel downloads can hang until one request has gone through."""
    assert not api.world.studies[21].unread_change
    start(api, 21)
    api.clock.advance(9.0)
    api.status(21)
    assert api.world.studies[21].unread_change
    api.download(21, "dice.Macro.gamma")
    assert not api.world.studies[21].unread_change


def test_a_changed_input_changes_outputs_and_charts(api: "Api") -> None:
    """The stub computes: a higher gamma gives another damage and another chart."""
    damage = api.download(21, "dice.Damage.total_damage")
    charts = api.get("/post-processing/21").data
    api.set(21, dice__Macro__gamma=0.5)
    api.clock.advance(2.0)
    assert api.download(21, "dice.Damage.total_damage") == damage
    assert api.get("/post-processing/21").data == charts
    start(api, 21)
    api.clock.advance(10.0)
    assert api.download(21, "dice.Damage.total_damage") != damage
    assert api.get("/post-processing/21").data != charts


def test_the_failing_study_ends_with_a_traceback_followed_by_lines(api: "Api") -> None:
    """The last line of its log is an ordinary one; the discipline that raised is FAILED."""
    start(api, 22)
    api.clock.advance(9.0)
    status = shown(api, 22)
    assert status["study_case_execution_status"] == "FAILED"
    assert status["disciplines_status"]["crash.Damage"] == "FAILED"
    assert status["study_case_execution_error_message"] == ""
    lines = api.get("/study-case/22/logs").text.splitlines()
    begin = lines.index("Traceback (most recent call last):")
    assert lines[begin + 3] == "ValueError: deliberate failure: temperature is out of bounds"
    assert lines[-1].startswith("[2026-")
    assert api.get("/study-case/22/read-only-mode").status_code == 400


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({"dice__Macro__gamma": 1}, "FINISHED"),
        ({"dice__Macro__targets": [1, 2]}, "FINISHED"),
        ({"dice__Macro__shares": {"coal": 1.0}}, "FINISHED"),
        ({"dice__Macro__gamma": "0.3"}, "FAILED"),
        ({"dice__Macro__periods": 2.5}, "FAILED"),
        ({"dice__Macro__savings_rate": 1.5}, "FAILED"),
        ({"dice__Macro__scenario": "foggy"}, "FAILED"),
        ({"dice__Macro__population": [{"years": 2020, "population": 1.0}]}, "FAILED"),
        ({"dice__Macro__weights": [1.0, 2.0]}, "FAILED"),
    ],
)
def test_wrong_values_are_found_by_the_run_only(api: "Api", values: dict[str, Any], end: str) -> None:
    """Everything is accepted; the run decides."""
    assert api.set(21, **values).status_code == 200
    api.clock.advance(2.0)
    start(api, 21)
    api.clock.advance(10.0)
    assert api.status(21) == end


def test_a_wrong_type_is_named_in_the_log(api: "Api") -> None:
    """The log says what is wrong with which variable."""
    api.set(21, dice__Macro__gamma="0.3")
    api.clock.advance(2.0)
    start(api, 21)
    api.clock.advance(10.0)
    log = api.get("/study-case/21/logs").text
    assert "Variable: dice.Macro.gamma" in log
    assert "has not the type specified in datamanager" in log


def test_an_execute_while_pending_fails_a_run_that_comes_back(api: "Api") -> None:
    """FAILED at once, then RUNNING as the process starts after all."""
    start(api, 21)
    refused = start(api, 21)
    assert refused.status_code == 400
    assert "Study already submitted." in refused.get_json()["description"]
    assert api.status(21) == "FAILED"
    api.clock.advance(4.0)
    assert api.status(21) == "RUNNING"


def test_an_execute_while_running_loses_the_results(api: "Api") -> None:
    """FAILED for good, no read-only file, though the process goes on."""
    start(api, 21)
    api.clock.advance(4.0)
    start(api, 21)
    api.clock.advance(20.0)
    assert api.status(21) == "FAILED"
    assert api.get("/study-case/21/read-only-mode").status_code == 400


def test_an_edit_while_running_loses_the_results(api: "Api") -> None:
    """NOT EXECUTED stays, the cpu text goes on changing, outputs are the old ones."""
    damage = api.download(21, "dice.Damage.total_damage")
    start(api, 21)
    api.clock.advance(4.0)
    api.set(21, dice__Macro__gamma=0.9)
    before = shown(api, 21)
    assert before["study_case_execution_status"] == "NOT EXECUTED"
    api.clock.advance(20.0)
    after = shown(api, 21)
    assert after["study_case_execution_status"] == "NOT EXECUTED"
    assert after["study_case_execution_cpu"] != before["study_case_execution_cpu"]
    assert api.download(21, "dice.Damage.total_damage") == damage


def test_a_run_does_not_wait_for_an_update_that_is_late(api: "Api") -> None:
    """Study 23 loads longer than its run takes to read: the results are those of the old value."""
    name = "witness.Energy.float 1 %&"
    old = api.download(23, name)
    api.post("/study-case/23/parameters", [{"variableId": name, "newValue": 77.0, "unit": "-"}])
    start(api, 23)
    api.clock.advance(5.0)
    assert api.download(23, name) == old
    api.clock.advance(60.0)
    data = api.get("/study-case/23/read-only-mode").get_json()["treenode"]["children"][0]["data"]
    assert api.download(23, name) == "value\n77.0\n"
    assert f"value\n{data[name]['value']}\n" == old


def test_speed_shortens_runs(build: "Build") -> None:
    """At speed 100 the run of study 23 takes 0.6 s."""
    api = build(speed=100.0)
    start(api, 23)
    api.clock.advance(0.61)
    assert api.status(23) == "FINISHED"


def test_logs_are_missing_before_the_first_run(api: "Api") -> None:
    """500 with a file name that says `None`."""
    answer = api.get("/study-case/22/logs")
    assert answer.status_code == 500
    assert "sc22-sceNone-execution.log" in answer.get_json()["description"]


def test_a_log_only_grows(api: "Api") -> None:
    """Every reading begins with the one before; a Range gives what is new; at the end it is 416."""
    start(api, 22)
    kept = b""
    for _ in range(12):
        answer = api.get("/study-case/22/logs", Range=f"bytes={len(kept)}-")
        assert answer.status_code == (206 if answer.data and answer.status_code != 416 else 416)
        if answer.status_code == 206:
            kept += answer.data
        api.clock.advance(1.0)
    assert kept == api.get("/study-case/22/logs").data
    assert len(kept) > 500


def test_a_new_run_is_a_new_log(api: "Api") -> None:
    """File name and ETag change, the size starts again."""
    start(api, 22)
    api.clock.advance(9.0)
    first = api.get("/study-case/22/logs")
    start(api, 22)
    second = api.get("/study-case/22/logs")
    assert first.headers["Content-Disposition"] != second.headers["Content-Disposition"]
    assert first.headers["ETag"] != second.headers["ETag"]
    assert len(second.data) < len(first.data)


def test_an_unchanged_log_is_304(api: "Api") -> None:
    """If-None-Match works while nothing is written."""
    tag = api.get("/study-case/21/logs").headers["ETag"]
    assert api.get("/study-case/21/logs", If_None_Match=tag).status_code == 304
