"""Test old values of the journal as assignments. Missing values are rejected or left out."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from fake_study import HOST, STUDY, FakeStudy

from sostrades_cli.errors import Refused
from sostrades_cli.local.journal import Journal, RecordedValue
from sostrades_cli.operations.history.restore import assignments_to_restore
from sostrades_cli.operations.tables.misfits import Notation

if TYPE_CHECKING:
    from pathlib import Path

    from sostrades_cli.operations.context import Context

TABLE = "://dataframe"


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return FakeStudy({"dice.a": 1.0}).context(tmp_path)


@pytest.fixture
def journal(context: Context) -> Journal:
    return Journal(context.state, HOST, STUDY)


def save_table(journal: Journal, folder: Path, content: bytes) -> str:
    """Save a table in the journal, and return its SHA-256."""
    path, digest = folder / "kept.csv", sha256(content).hexdigest()
    path.write_bytes(content)
    journal.begin("set", [], [(digest, path)], "now")
    return digest


@pytest.mark.parametrize("old", [1.0, 1, "text", True, None, [1.0], {"k": None}, ""])
def test_value_is_restored_exactly(context: Context, journal: Journal, old: Any) -> None:
    [result] = assignments_to_restore(context, journal, [RecordedValue("dice.a", "float", None, old, 9.0)], STUDY)
    assert (result.key, result.value, result.exact, result.file) == ("dice.a", old, True, None)


def test_table_is_restored_from_its_download(context: Context, journal: Journal, tmp_path: Path) -> None:
    digest = save_table(journal, tmp_path, b"a\n1\n")
    change = RecordedValue("dice.t", "dataframe", None, TABLE, TABLE, old_table=digest)
    [result] = assignments_to_restore(context, journal, [change], STUDY)
    assert (result.exact, result.notation, result.last_sent) == (True, Notation.DOWNLOAD, None)
    assert result.file is not None
    assert result.file.read_bytes() == b"a\n1\n"


def test_table_sent_from_this_machine_is_restored_exactly(context: Context, journal: Journal, tmp_path: Path) -> None:
    """A download does not show the types of cells, so the sent file is saved, too."""
    old, sent = save_table(journal, tmp_path, b"a\n1\n"), save_table(journal, tmp_path, b"a\n'1'\n")
    change = RecordedValue("dice.t", "dataframe", None, TABLE, TABLE, old, old_sent=sent, old_types={"a": "string"})
    [result] = assignments_to_restore(context, journal, [change], STUDY)
    assert result.last_sent is not None
    assert (result.last_sent.sha256, result.last_sent.types) == (sent, {"a": "string"})
    assert result.last_sent.sent.read_bytes() == b"a\n'1'\n"


@pytest.mark.parametrize(
    "change",
    [
        RecordedValue("dice.t", "dataframe", None, TABLE, TABLE),
        RecordedValue("dice.t", "dataframe", None, TABLE, TABLE, old_table="0" * 64),
        RecordedValue("dice.t", "dict", None, {"k": "://ndarray"}, {}),
        RecordedValue("dice.a", None, None, "inf", 1.0),
        RecordedValue("dice.a", None, None, "-inf", 1.0),
    ],
)
def test_missing_old_value_is_rejected_or_left_out(context: Context, journal: Journal, change: RecordedValue) -> None:
    other = RecordedValue("dice.b", "float", None, 1.0, 2.0)
    with pytest.raises(Refused):
        assignments_to_restore(context, journal, [other, change], STUDY)
    result = assignments_to_restore(context, journal, [other, change], STUDY, leave_out=True)
    assert [item.key for item in result] == ["dice.b"]


def test_infinity_of_a_known_type_is_restored(context: Context, journal: Journal) -> None:
    [result] = assignments_to_restore(context, journal, [RecordedValue("dice.a", "string", None, "inf", "x")], STUDY)
    assert result.value == "inf"
