"""Test sending a batch, for every state of a parameter and every answer of the server."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from conftest import mostly_slow
from fake_study import ENDS, MISSING, OLD, OTHER, SENT, STUDY, FakeStudy, Write

from sostrades_cli.errors import NotVerified, Refused, ServerWords, SostradesError, Unreachable
from sostrades_cli.operations.param.assignments import DEFAULT, Assignment
from sostrades_cli.operations.param.plan import make_plan
from sostrades_cli.operations.param.send import WAITS_S, preview, send_and_verify
from sostrades_cli.operations.study.load import note_change
from sostrades_cli.operations.tables.misfits import Notation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.plan import Plan

A, B, C = "dice.Macro.a", "dice.Macro.b", "dice.Macro.c"
TABLE_A, TABLE_B = "dice.Macro.table_a", "dice.Macro.table_b"
OLD_CSV, NEW_CSV = b"years,people\n2020,1.5\n", b"years,people\n2020,2.5\n"
PAIRS = list(product(ENDS, repeat=2))


@pytest.fixture
def study() -> FakeStudy:
    return FakeStudy({A: 1.0, B: 2.0, C: 3.0}, {TABLE_A: OLD_CSV, TABLE_B: OLD_CSV})


@pytest.fixture
def context(study: FakeStudy, tmp_path: Path) -> Context:
    return study.context(tmp_path)


@pytest.fixture
def plan_of(context: Context, tmp_path: Path) -> Callable[..., Plan]:
    """Plan to set each name: a table to the new CSV, a value to ten times its old one."""

    def plan(*names: str) -> Plan:
        file = tmp_path / "new.csv"
        file.write_bytes(NEW_CSV)
        new = {A: 10.0, B: 20.0, C: 30.0}
        assignments = [Assignment(n, file=file) if "table" in n else Assignment(n, value=new[n]) for n in names]
        return make_plan(context, STUDY, assignments, force=False)

    return plan


@pytest.fixture(params=["values", "tables", "values without a load"])
def batch(request: pytest.FixtureRequest, study: FakeStudy) -> tuple[str, str]:
    """Return two parameters that are sent in one request. The server may be unable to load."""
    study.loads = request.param != "values without a load"
    return (TABLE_A, TABLE_B) if request.param == "tables" else (A, B)


def lost() -> SostradesError:
    return Unreachable("the answer was lost", study=STUDY, answer_lost=True)


def refused() -> SostradesError:
    return Refused("the server refused", study=STUDY, server=ServerWords(400, "no"))


def stored(study: FakeStudy, names: tuple[str, ...]) -> dict[str, object]:
    everything: Mapping[str, object] = {**study.values, **study.tables}
    return {name: everything[name] for name in names if name in everything}


def answered(batch: tuple[str, ...], ends: tuple[str, ...], error: SostradesError | None = None) -> Write:
    return Write(dict(zip(batch, ends, strict=True)), error=error)


# Accepted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", PAIRS)
def test_batch_is_resent_only_if_it_was_dropped_as_a_whole(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], batch: tuple[str, str], ends: tuple[str, str]
) -> None:
    """Only a batch that was dropped as a whole is resent."""
    plan = plan_of(*batch)
    study.answers = [answered(batch, ends)]
    if len(set(ends)) == 1 and ends[0] in {OLD, SENT}:
        send_and_verify(context, plan)
        assert len(study.writes) == (2 if ends[0] == OLD else 1)
        return
    study.answers[0].then = lambda: left.update(stored(study, batch))
    left: dict[str, object] = {}
    with pytest.raises(NotVerified) as raised:
        send_and_verify(context, plan)
    assert (len(study.writes), stored(study, batch), raised.value.in_doubt) == (1, left, True)
    failed = [name for name, end in zip(batch, ends, strict=True) if end != SENT]
    assert [name for name in batch if name in raised.value.message] == failed


@pytest.mark.parametrize("ends", mostly_slow([(pair,) for pair in PAIRS], 3))
def test_batch_is_never_sent_a_third_time(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], batch: tuple[str, str], ends: tuple[str, str]
) -> None:
    """A batch is never sent a third time."""
    plan = plan_of(*batch)
    study.answers = [Write(default=OLD), answered(batch, ends)]
    if set(ends) == {SENT}:
        send_and_verify(context, plan)
    else:
        with pytest.raises(NotVerified):
            send_and_verify(context, plan)
    assert len(study.writes) == 2


@pytest.mark.parametrize("sent", [{"k": 1.0}, {}])
def test_dropped_part_of_a_dict_is_sent_again(tmp_path: Path, sent: dict[str, float]) -> None:
    """The old value contains the sent one, as if the server had completed it."""
    study = FakeStudy({A: {"k": 1.0, "more": 1.5}})
    context = study.context(tmp_path)
    study.answers = [Write(default=OLD)]
    send_and_verify(context, make_plan(context, STUDY, [Assignment(A, value=sent)], force=False))
    assert (study.values[A], len(study.writes)) == (sent, 2)


def test_dict_that_looks_completed_is_no_part_of_a_lost_change(tmp_path: Path) -> None:
    """Its old value contains the sent one, so it does not prove that the change was made."""
    study = FakeStudy({A: {"k": 1.0, "more": 1.5}, B: 2.0})
    context = study.context(tmp_path)
    study.answers = [Write(default=OLD, error=lost())]
    assignments = [Assignment(A, value={"k": 1.0}), Assignment(B, value=20.0)]
    with pytest.raises(Unreachable) as raised:
        send_and_verify(context, make_plan(context, STUDY, assignments, force=False))
    assert raised.value.in_doubt is False


def test_empty_dict_that_was_dropped_twice_is_not_verified(tmp_path: Path) -> None:
    study = FakeStudy({A: {"k": 1.0}})
    context = study.context(tmp_path)
    study.answers = [Write(default=OLD), Write(default=OLD)]
    with pytest.raises(NotVerified):
        send_and_verify(context, make_plan(context, STUDY, [Assignment(A, value={})], force=False))
    assert len(study.writes) == 2


def test_dropped_table_that_had_no_value_is_sent_again(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan]
) -> None:
    study.tables[TABLE_A] = None
    study.answers = [Write(default=OLD)]
    send_and_verify(context, plan_of(TABLE_A))
    assert (study.tables[TABLE_A], len(study.writes)) == (NEW_CSV, 2)


@pytest.mark.parametrize("name", [A, TABLE_A])
@pytest.mark.parametrize("end", [OTHER, MISSING])
@pytest.mark.parametrize("at_s", [0.1, 0.5, 2.0, 4.0])
def test_change_of_another_user_prevents_the_second_send(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], name: str, end: str, at_s: float
) -> None:
    plan = plan_of(name)
    study.answers = [Write(default=OLD)]
    other = b"years,people\n1999,9.0\n" if name == TABLE_A else -9.0
    study.clock.events[at_s] = lambda: study.remove(name) if end == MISSING else study.set_elsewhere(name, other)
    with pytest.raises(NotVerified):
        send_and_verify(context, plan)
    assert len(study.writes) == 1
    assert stored(study, (name,)) == ({} if end == MISSING else {name: other})


@pytest.mark.parametrize("at_s", [0.1, 0.5, 2.0, 4.9])
def test_late_change_is_not_resent(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], at_s: float
) -> None:
    """A server may apply a change up to five seconds after its answer."""
    plan = plan_of(A, B)
    study.answers = [Write(default=OLD)]
    study.clock.events[at_s] = lambda: study.values.update({A: 10.0, B: 20.0})
    send_and_verify(context, plan)
    assert len(study.writes) == 1


def test_waits_end_after_five_seconds(study: FakeStudy, context: Context, plan_of: Callable[..., Plan]) -> None:
    study.answers = [Write({A: OTHER})]
    with pytest.raises(NotVerified):
        send_and_verify(context, plan_of(A))
    assert study.clock.seconds == sum(WAITS_S) == 5.0


def test_only_a_third_value_is_attributed_to_another_user(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan]
) -> None:
    study.answers = [Write({A: OTHER, B: MISSING, C: OLD})]
    with pytest.raises(NotVerified) as raised:
        send_and_verify(context, plan_of(A, B, C))
    [suspicion] = [line for line in str(raised.value.detail).splitlines() if "somebody else" in line]
    assert [name for name in (A, B, C) if name in suspicion] == [A]


# Answers that are errors ----------------------------------------------------------------------------


@pytest.mark.parametrize("ends", mostly_slow([(pair,) for pair in PAIRS], 3))
@pytest.mark.parametrize("error", [lost, refused])
def test_batch_without_an_answer_is_never_resent(
    study: FakeStudy,
    context: Context,
    plan_of: Callable[..., Plan],
    batch: tuple[str, str],
    ends: tuple[str, str],
    error: Callable[[], SostradesError],
) -> None:
    """It is never resent, and is unverified if something changed."""
    plan = plan_of(*batch)
    study.answers = [answered(batch, ends, error())]
    if set(ends) == {SENT}:
        send_and_verify(context, plan)
    else:
        with pytest.raises(type(error())) as raised:
            send_and_verify(context, plan)
        assert raised.value.in_doubt is (set(ends) != {OLD})
        assert raised.value.server == error().server
    assert len(study.writes) == 1


def test_refusal_without_an_effect_is_passed_on(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan]
) -> None:
    """The state is read back once, without waiting."""
    plan, error = plan_of(A), refused()
    study.answers = [Write(default=OLD, error=error)]
    with pytest.raises(Refused) as raised:
        send_and_verify(context, plan)
    assert raised.value is error
    assert study.clock.seconds == 0.0


def test_refusal_is_passed_on_if_the_study_cannot_be_read(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan]
) -> None:
    plan, error = plan_of(A), refused()
    failing = Unreachable("no connection", study=STUDY)
    study.answers = [Write(default=OLD, error=error, then=lambda: study.fail_reads(failing))]
    with pytest.raises(Refused) as raised:
        send_and_verify(context, plan)
    assert raised.value is error


def test_unreachable_server_is_not_read_back(study: FakeStudy, context: Context, plan_of: Callable[..., Plan]) -> None:
    plan, error = plan_of(A), Unreachable("no connection", study=STUDY)
    study.answers = [Write(default=OLD, error=error)]
    study.requests.clear()
    with pytest.raises(Unreachable) as raised:
        send_and_verify(context, plan)
    assert raised.value is error
    assert study.requests == ["update"]


def test_unchanged_values_after_a_lost_second_answer_are_not_in_doubt(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan]
) -> None:
    study.answers = [Write(default=OLD), Write(default=OLD, error=lost())]
    with pytest.raises(Unreachable) as raised:
        send_and_verify(context, plan_of(A, B))
    assert (len(study.writes), raised.value.in_doubt) == (2, False)


def test_failed_verification_is_unverified(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], batch: tuple[str, str]
) -> None:
    """The change was sent."""
    plan = plan_of(*batch)
    study.answers = [Write(then=lambda: study.fail_reads(Unreachable("no connection", study=STUDY)))]
    with pytest.raises(Unreachable) as raised:
        send_and_verify(context, plan)
    assert raised.value.in_doubt


# Files and values -----------------------------------------------------------------------------------


def test_files_are_sent_first(study: FakeStudy, context: Context, plan_of: Callable[..., Plan]) -> None:
    verified = send_and_verify(context, plan_of(A, TABLE_A, B, TABLE_B))
    assert study.writes == [{TABLE_A: NEW_CSV, TABLE_B: NEW_CSV}, {A: 10.0, B: 20.0}]
    assert set(verified.tables) == {TABLE_A, TABLE_B}
    assert verified.shown is not None
    assert verified.shown[A].value == 10.0


@pytest.mark.parametrize("end", [OTHER, MISSING])
def test_values_are_not_sent_after_failed_files(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], end: str
) -> None:
    study.answers = [Write({TABLE_A: end})]
    with pytest.raises(NotVerified):
        send_and_verify(context, plan_of(A, TABLE_A))
    assert study.writes == [{TABLE_A: NEW_CSV}]


@pytest.mark.parametrize("write", [Write(default=OLD, error=refused()), Write(default=OLD, error=lost())])
def test_error_after_files_is_unverified(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], write: Write
) -> None:
    """The study is changed in part, and the error names the files."""
    study.answers = [Write(), write]
    with pytest.raises(SostradesError) as raised:
        send_and_verify(context, plan_of(A, TABLE_A))
    assert raised.value.in_doubt
    assert TABLE_A in str(raised.value.detail)


def test_each_change_is_loaded_before_the_next(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan]
) -> None:
    """The server could lose one of two consecutive changes."""
    plan = plan_of(A, TABLE_A)
    study.requests.clear()
    send_and_verify(context, plan)
    assert study.requests == ["upload", "load", "download", "update", "load"]


def test_value_is_loaded_before_its_download(study: FakeStudy, context: Context, plan_of: Callable[..., Plan]) -> None:
    """A load waits for the change even if it fails, but a download does not."""
    study.loads = False
    plan = plan_of(A)
    study.requests.clear()
    send_and_verify(context, plan)
    assert study.requests == ["update", "load", "download"]


def test_unchanged_looking_table_does_not_prove_a_change(study: FakeStudy, context: Context, tmp_path: Path) -> None:
    """A string and a number can have the same download."""
    study.tables[TABLE_A] = b"name,people\nx,1.5\n1,2.5\n"
    file = tmp_path / "text.csv"
    file.write_bytes(b"name,people\n'x',1.5\n'1',2.5\n")
    plan = make_plan(context, STUDY, [Assignment(TABLE_A, file=file, notation=Notation.TYPED)], force=False)
    assert plan.effective == [TABLE_A]
    study.answers = [Write(default=OLD, error=lost())]
    with pytest.raises(Unreachable):
        send_and_verify(context, plan)


def test_change_is_noted_before_it_is_sent(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan], batch: tuple[str, str]
) -> None:
    """The process may be killed before it gets the answer."""
    plan = plan_of(*batch)
    pending: list[bool] = []
    study.before_write = lambda: pending.append(STUDY in context.unread)
    send_and_verify(context, plan)
    assert pending == [True]


def test_change_of_another_command_is_loaded_first(
    study: FakeStudy, context: Context, plan_of: Callable[..., Plan]
) -> None:
    """A recent change without a load would be lost."""
    plan = plan_of(A)
    note_change(context, STUDY)
    study.requests.clear()
    send_and_verify(context, plan)
    assert study.requests == ["load", "update", "load"]


@pytest.mark.parametrize(("rows", "has_more"), [(10, False), (11, True)])
def test_preview_of_a_new_table_has_its_first_rows(
    study: FakeStudy, context: Context, tmp_path: Path, rows: int, *, has_more: bool
) -> None:
    """Excel writes a byte order mark at the beginning of a file."""
    study.tables[TABLE_A] = None
    file = tmp_path / "new.csv"
    lines = ["years,people", *(f"{year},1.5" for year in range(1, rows + 1))]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    plan = make_plan(context, STUDY, [Assignment(TABLE_A, file=file)], force=False)
    [_, preview_of_file] = preview(context, plan)
    [_, *shown_lines] = preview_of_file.splitlines()
    assert shown_lines[:11] == [f"  {line}" for line in lines[:11]]
    assert len(shown_lines[11:]) == has_more


# Defaults -------------------------------------------------------------------------------------------


def reset(context: Context, *names: str) -> Plan:
    return make_plan(context, STUDY, [Assignment(name, value=DEFAULT) for name in names], force=False)


@pytest.mark.parametrize("name", [A, TABLE_A])
@pytest.mark.parametrize("end", ENDS)
def test_reset_to_an_unknown_default_accepts_any_new_value(
    study: FakeStudy, context: Context, name: str, end: str
) -> None:
    """Any new value may be the default. An old value is sent twice, and a missing one is an error."""
    study.default_tables[TABLE_A] = NEW_CSV
    study.defaults[A] = 0.5
    study.answers = [Write({name: end}), Write({name: end})]
    plan = reset(context, name)
    if end == MISSING:
        with pytest.raises(NotVerified):
            send_and_verify(context, plan)
    else:
        send_and_verify(context, plan)
    assert study.writes == [{name: None}] * (2 if end == OLD else 1)


def test_table_can_be_reset_to_no_value(study: FakeStudy, context: Context) -> None:
    study.default_tables[TABLE_A] = None
    send_and_verify(context, reset(context, TABLE_A))
    assert (study.tables[TABLE_A], len(study.writes)) == (None, 1)


def test_unchanged_default_does_not_prove_a_change(study: FakeStudy, context: Context) -> None:
    study.answers = [Write(default=OLD, error=lost())]
    with pytest.raises(Unreachable) as raised:
        send_and_verify(context, reset(context, A))
    assert (A in str(raised.value.detail), raised.value.in_doubt) == (True, False)
    study.writes.clear()
    study.answers = [Write({A: OLD}, error=lost())]
    study.defaults[B] = 0.5
    send_and_verify(context, reset(context, A, B))
    assert len(study.writes) == 1
