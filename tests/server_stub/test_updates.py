"""Changes of parameters: when they are applied, when they are lost, and their effects."""

from typing import TYPE_CHECKING

import pytest

from server_stub.faults import ConnectionDropped

if TYPE_CHECKING:
    from tests.server_stub.conftest import Api, Build

GAMMA = "dice.Macro.gamma"


def warm(api: "Api") -> None:
    """Load study 21 into memory."""
    api.load(21)


def test_load_waits_for_a_change(api: "Api") -> None:
    warm(api)
    api.set(21, dice__Macro__gamma=0.7)
    before = api.clock.now()
    assert api.load(21)[GAMMA]["value"] == 0.7
    assert api.clock.now() - before == pytest.approx(1.0)


def test_immediate_download_may_show_the_old_value(api: "Api") -> None:
    warm(api)
    api.set(21, dice__Macro__gamma=0.7)
    assert api.download(21, GAMMA) == "value\n0.3\n"
    api.clock.advance(0.1)
    assert api.download(21, GAMMA) == "value\n0.7\n"


def test_two_posts_with_a_load_between_are_both_applied(api: "Api") -> None:
    warm(api)
    api.set(21, dice__Macro__gamma=0.7)
    api.load(21)
    api.set(21, dice__Macro__periods=5)
    loaded = api.load(21)
    assert loaded[GAMMA]["value"] == 0.7
    assert loaded["dice.Macro.periods"]["value"] == 5


def test_two_posts_in_a_row_reset_the_study(api: "Api") -> None:
    """Only the second change is kept. Both are answered 200."""
    warm(api)
    api.set(21, dice__Carbon__intensity=0.5)
    api.load(21)
    answers = [api.set(21, dice__Macro__gamma=0.7), api.set(21, dice__Macro__periods=5)]
    loaded = api.load(21)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert loaded["dice.Macro.periods"]["value"] == 5
    assert loaded[GAMMA]["value"] == 0.3
    assert loaded["dice.Carbon.intensity"]["value"] == 0.35


def test_download_between_two_posts_does_not_help(api: "Api") -> None:
    warm(api)
    api.set(21, dice__Macro__gamma=0.7)
    api.clock.advance(1.0)
    api.download(21, GAMMA)
    api.set(21, dice__Macro__periods=5)
    assert api.load(21)[GAMMA]["value"] == 0.3


def test_posts_far_apart_are_both_applied(api: "Api") -> None:
    warm(api)
    api.set(21, dice__Macro__gamma=0.7)
    api.clock.advance(10.0)
    api.set(21, dice__Macro__periods=5)
    assert api.load(21)[GAMMA]["value"] == 0.7


def test_refused_post_changes_nothing(api: "Api") -> None:
    warm(api)
    api.set(21, dice__Macro__gamma=0.7)
    assert api.set(21, dice__Macro__nope=5).status_code == 400
    assert api.load(21)[GAMMA]["value"] == 0.7


def test_failed_load_on_5_3_counts_as_a_load(build: "Build") -> None:
    api = build(server="5.3")
    api.set(21, dice__Macro__gamma=0.7)
    assert api.get("/study-case/21").status_code == 400
    api.set(21, dice__Macro__periods=5)
    api.clock.advance(1.0)
    assert api.download(21, GAMMA) == "value\n0.7\n"


def test_upload_right_after_a_post_hangs_the_study(api: "Api") -> None:
    """Status, logs and other studies still work."""
    warm(api)
    api.set(21, dice__Macro__gamma=0.7)
    with pytest.raises(ConnectionDropped):
        api.upload(21, dice__Macro__weights=b"value\n1.0\n")
    with pytest.raises(ConnectionDropped):
        api.load(21)
    api.clock.advance(10_000.0)
    for path in ("/study-case/21", "/post-processing/21"):
        with pytest.raises(ConnectionDropped):
            api.get(path)
    with pytest.raises(ConnectionDropped):
        api.download(21, GAMMA)
    assert api.status(21) == "NOT EXECUTED"
    assert api.get("/study-case/21/logs").status_code == 200
    assert api.load(22)


def test_hanging_request_outlasts_any_timeout(api: "Api") -> None:
    api.set(21, dice__Macro__gamma=0.7)
    before = api.clock.now()
    with pytest.raises(ConnectionDropped):
        api.upload(21, dice__Macro__weights=b"value\n1.0\n")
    assert api.clock.now() - before >= 3600.0


def test_change_during_a_load_is_dropped_with_200(api: "Api") -> None:
    usual = api.set(21, dice__Macro__gamma=0.4).get_json()
    api.get("/study-case/22")
    api.world.studies[22].unload()
    api.world.studies[22].begin_load()
    answer = api.set(22, crash__Macro__gamma=0.7)
    assert answer.status_code == 200
    assert answer.get_json().keys() == usual.keys()
    assert api.load(22)["crash.Macro.gamma"]["value"] == 0.3


def test_restart_loses_a_change_that_was_accepted_but_not_applied(api: "Api") -> None:
    assert api.set(21, dice__Macro__gamma=0.7).status_code == 200
    api.world.restart()
    assert api.load(21)["dice.Macro.gamma"]["value"] == 0.3
    assert api.status(21) == "NOT EXECUTED"


def test_restart_keeps_an_applied_change(api: "Api") -> None:
    api.set(21, dice__Macro__gamma=0.7)
    api.load(21)
    api.world.restart()
    assert api.load(21)["dice.Macro.gamma"]["value"] == 0.7


def test_change_makes_a_finished_study_not_executed(api: "Api") -> None:
    api.set(21, dice__Macro__gamma=0.7)
    status = api.get("/calculation/status/21").get_json()
    assert status["study_case_execution_status"] == "NOT EXECUTED"
    assert set(status["disciplines_status"].values()) == {"DONE"}
    assert api.get("/study-case/21/read-only-mode").status_code == 400


def test_same_value_keeps_the_status_and_deletes_the_file(api: "Api") -> None:
    api.set(21, dice__Macro__gamma=0.3)
    assert api.status(21) == "FINISHED"
    assert api.get("/study-case/21/read-only-mode").status_code == 400


def test_change_keeps_the_status_of_a_study_without_a_run(api: "Api") -> None:
    api.set(22, crash__Macro__gamma=0.7)
    assert api.status(22) == ""


def test_null_resets_to_the_default(api: "Api") -> None:
    warm(api)
    name = "dice.Macro.population"
    table = api.download(21, name)
    api.upload(21, dice__Macro__population=b"years,population\n2020,1.0\n")
    api.clock.advance(1.0)
    assert api.download(21, name) == "years,population\n2020,1.0\n"
    api.set(21, dice__Macro__population=None)
    api.clock.advance(1.0)
    assert api.download(21, name) == table


def test_batch_with_an_unknown_name_changes_nothing(api: "Api") -> None:
    warm(api)
    answer = api.set(21, dice__Macro__gamma=0.7, dice__Macro__nope=1)
    text = answer.get_json()["description"]
    assert answer.status_code == 400
    assert text.startswith("StudyCaseError(the following exception occurs 'dice.Macro.nope'.\nTraceback")
    assert api.load(21)[GAMMA]["value"] == 0.3


def test_json_for_a_table_is_stored_unchanged(api: "Api") -> None:
    records = [{"years": 2020, "population": 1.0}]
    api.set(21, dice__Macro__population=records)
    assert api.load(21)["dice.Macro.population"]["value"] == records
    assert api.download(21, "dice.Macro.population") == "variable,years,population\n0,2020,1.0\n"


def test_outputs_and_locked_inputs_are_accepted(api: "Api") -> None:
    damage = api.download(21, "dice.Damage.total_damage")
    answer = api.set(21, dice__Macro__locked=1.0, dice__Damage__total_damage=1.0)
    api.clock.advance(2.0)
    assert answer.status_code == 200
    assert api.download(21, "dice.Macro.locked") == "value\n1.0\n"
    assert api.download(21, "dice.Damage.total_damage") == damage


@pytest.mark.parametrize(("server", "status"), [("documented", 200), ("5.0", 415), ("5.3", 415)])
def test_upload_works_only_on_the_documented_server(build: "Build", server: str, status: int) -> None:
    api = build(server=server)
    assert api.upload(21, dice__Macro__targets=b"value\n7.0\n").status_code == status
    api.clock.advance(2.0)
    assert (api.download(21, "dice.Macro.targets") == "value\n7.0\n") is (status == 200)


@pytest.mark.parametrize(("server", "status"), [("documented", 200), ("5.0", 200), ("5.3", 400)])
def test_load_fails_only_on_5_3(build: "Build", server: str, status: int) -> None:
    api = build(server=server)
    before = api.clock.now()
    assert api.get("/study-case/24/3").status_code == status
    assert api.clock.now() - before == pytest.approx(3.0)
    assert api.get("/study-case/21").status_code == status
    assert api.get("/study-case/21/0").status_code == 400


@pytest.mark.parametrize("change", [["variableId", "newValue", "unit"], "variableId newValue unit"])
def test_change_that_is_not_an_object_is_refused(api: "Api", change: object) -> None:
    refused = api.post("/study-case/21/parameters", [change])
    assert refused.status_code == 400
    assert "indices must be integers" in refused.get_json()["description"]


def test_lone_surrogate_has_no_file(api: "Api") -> None:
    api.set(21, dice__Macro__remark="\ud800")
    api.clock.advance(5.0)
    refused = api.post("/study-case/21/parameter/download", {"parameter_key": "dice.Macro.remark"})
    assert refused.status_code == 400
    assert "'utf-8' codec can't encode character" in refused.get_json()["description"]


def test_load_accepts_any_time(api: "Api") -> None:
    assert GAMMA in api.get(f"/study-case/21/{'9' * 400}").get_json()


def test_long_cell_is_read(api: "Api") -> None:
    warm(api)
    assert api.upload(21, dice__Macro__remark=b"value\n" + b"x" * 200_000 + b"\n").status_code == 200
