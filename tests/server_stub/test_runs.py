"""Runs: their statuses, disciplines and logs over time, and what destroys them."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build


def start(api: "Api", study: int) -> Any:
    """Execute a study."""
    return api.post(f"/calculation/execute/{study}")


def shown(api: "Api", study: int) -> Any:
    """Return the status object."""
    return api.get(f"/calculation/status/{study}").get_json()


def test_execute_answers_pending_without_details(api: "Api") -> None:
    assert start(api, 22).get_json() == {
        "study_case_id": 22,
        "disciplines_status": {},
        "study_case_execution_status": "PENDING",
        "study_case_execution_error_message": "",
        "study_case_execution_cpu": "----",
        "study_case_execution_memory": "----",
    }


def test_run_is_running_before_it_has_disciplines(api: "Api") -> None:
    start(api, 21)
    api.clock.advance(3.1)
    assert shown(api, 21)["study_case_execution_status"] == "RUNNING"
    assert shown(api, 21)["disciplines_status"] == {}
    assert shown(api, 21)["study_case_execution_cpu"] == "----"
    api.clock.advance(0.5)
    assert len(shown(api, 21)["disciplines_status"]) == 5


def test_disciplines_change_during_a_run(api: "Api") -> None:
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


def test_finished_run_leaves_a_read_only_file_and_residuals(api: "Api") -> None:
    before = api.get("/study-case/21/read-only-mode").headers["ETag"]
    start(api, 21)
    assert api.get("/study-case/21/read-only-mode").status_code == 400
    api.clock.advance(9.0)
    assert api.status(21) == "FINISHED"
    assert api.get("/study-case/21/read-only-mode").headers["ETag"] != before
    assert api.load(21)["dice.residuals_history"]["value"] == "://dataframe"


def test_finished_run_is_an_unread_change(api: "Api") -> None:
    """Parallel downloads can hang until the first request has ended."""
    assert not api.world.studies[21].unread_change
    start(api, 21)
    api.clock.advance(9.0)
    api.status(21)
    assert api.world.studies[21].unread_change
    api.download(21, "dice.Macro.gamma")
    assert not api.world.studies[21].unread_change


def test_changed_input_changes_outputs_and_charts(api: "Api") -> None:
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


def test_failed_run_logs_a_traceback_and_further_lines(api: "Api") -> None:
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
def test_invalid_values_fail_only_in_the_run(api: "Api", values: dict[str, Any], end: str) -> None:
    assert api.set(21, **values).status_code == 200
    api.clock.advance(2.0)
    start(api, 21)
    api.clock.advance(10.0)
    assert api.status(21) == end


def test_log_names_a_wrong_type(api: "Api") -> None:
    api.set(21, dice__Macro__gamma="0.3")
    api.clock.advance(2.0)
    start(api, 21)
    api.clock.advance(10.0)
    log = api.get("/study-case/21/logs").text
    assert "Variable: dice.Macro.gamma" in log
    assert "has not the type specified in datamanager" in log


def test_execute_while_pending_causes_a_spurious_failure(api: "Api") -> None:
    start(api, 21)
    refused = start(api, 21)
    assert refused.status_code == 400
    assert "Study already submitted." in refused.get_json()["description"]
    assert api.status(21) == "FAILED"
    api.clock.advance(4.0)
    assert api.status(21) == "RUNNING"


def test_execute_while_running_loses_the_results(api: "Api") -> None:
    start(api, 21)
    api.clock.advance(4.0)
    start(api, 21)
    api.clock.advance(20.0)
    assert api.status(21) == "FAILED"
    assert api.get("/study-case/21/read-only-mode").status_code == 400


def test_change_while_running_loses_the_results(api: "Api") -> None:
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


def test_run_does_not_wait_for_a_late_change(api: "Api") -> None:
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
    api = build(speed=100.0)
    start(api, 23)
    api.clock.advance(0.61)
    assert api.status(23) == "FINISHED"


def test_log_is_missing_before_the_first_run(api: "Api") -> None:
    answer = api.get("/study-case/22/logs")
    assert answer.status_code == 500
    assert "sc22-sceNone-execution.log" in answer.get_json()["description"]


def test_log_only_grows(api: "Api") -> None:
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


def test_new_run_has_a_new_log(api: "Api") -> None:
    start(api, 22)
    api.clock.advance(9.0)
    first = api.get("/study-case/22/logs")
    start(api, 22)
    second = api.get("/study-case/22/logs")
    assert first.headers["Content-Disposition"] != second.headers["Content-Disposition"]
    assert first.headers["ETag"] != second.headers["ETag"]
    assert len(second.data) < len(first.data)


def test_unchanged_log_is_304(api: "Api") -> None:
    tag = api.get("/study-case/21/logs").headers["ETag"]
    assert api.get("/study-case/21/logs", If_None_Match=tag).status_code == 304


def test_run_that_is_killed_by_a_restart_stays_running(api: "Api") -> None:
    start(api, 21)
    api.clock.advance(4.0)
    api.world.restart()
    killed = shown(api, 21)
    log = api.get("/study-case/21/logs").data
    api.clock.advance(10_000.0)
    assert (killed["study_case_execution_status"], shown(api, 21)) == ("RUNNING", killed)
    assert api.get("/study-case/21/logs").data == log
    assert api.get("/study-case/21/read-only-mode").status_code == 400


def test_run_that_is_killed_before_it_reads_the_values_stays_pending(api: "Api") -> None:
    start(api, 21)
    api.world.restart()
    api.clock.advance(10_000.0)
    assert api.status(21) == "PENDING"


def test_killed_run_is_replaced_after_a_refused_start(api: "Api") -> None:
    start(api, 21)
    api.clock.advance(4.0)
    api.world.restart()
    assert (start(api, 21).status_code, api.status(21)) == (400, "FAILED")
    assert start(api, 21).status_code == 200
    api.clock.advance(60.0)
    assert api.status(21) == "FINISHED"


def test_run_in_a_process_of_its_own_survives_a_restart(api: "Api") -> None:
    start(api, 21)
    api.world.restart(kills_runs=False)
    api.clock.advance(60.0)
    assert api.status(21) == "FINISHED"


def test_ended_run_survives_a_restart(api: "Api") -> None:
    start(api, 21)
    api.clock.advance(60.0)
    api.world.restart()
    assert api.status(21) == "FINISHED"
    assert api.get("/study-case/21/read-only-mode").status_code == 200
