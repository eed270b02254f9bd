"""Test corrupted files of the tool: a cache counts as empty, and others are read or rejected."""

from __future__ import annotations

import contextlib
import json
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from fuzz.effort import effort
from fuzz.hostile import spoilt, values
from fuzz.workspace import STUDY, Workspace
from hypothesis import example, given
from hypothesis import strategies as st

from sostrades_cli.errors import UsageError
from sostrades_cli.local.cache import CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders
from sostrades_cli.local.journal import Journal, RecordedValue
from sostrades_cli.local.run_records import RunRecords
from sostrades_cli.operations.calc.sweep.progress_log import FILE, STARTED, CaseResult, ProgressLog, SweepSpec

HOST = "http://127.0.0.1:5004"
SEEN = {
    "dice.Macro.gamma": CachedParameter("float", "-", "in", coupling=False, range=(0.0, 1.0), possible_values=(1, "a"))
}
CHANGES = [
    RecordedValue("dice.Macro.gamma", "float", "-", 0.3, 0.5),
    RecordedValue("dice.Macro.population", "dataframe", None),
]
SWEEP = SweepSpec(HOST, STUDY, "a" * 64, ("x",), None, None, {"21": 1})
CONFIG = """version = 1
[profiles.default]
host = "http://127.0.0.1:5004"
format = "tsv"
allow_http = false
aliases = { dice = 21 }
"""
NUMBER = str(STUDY)


def lines(draw: st.DrawFn, text: str) -> bytes:
    """Draw a file of JSON lines. Some lines are corrupted, missing or truncated."""
    result = b"".join(draw(spoilt(json.loads(line))) + b"\n" for line in text.splitlines())
    return result if draw(st.booleans()) else result[: draw(st.integers(0, len(result)))]


spoilt_lines = st.composite(lines)


@effort(60)
@given(data=st.data())
def test_corrupted_cache_counts_as_empty(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        folders = Folders({"SOSTRADES_CACHE_DIR": folder})
        StudyCache(folders, HOST).store(STUDY, SEEN)
        for path in Path(folder).rglob("*.json"):
            path.write_bytes(data.draw(spoilt(json.loads(path.read_bytes())) | st.binary(max_size=30)))
        cache = StudyCache(folders, HOST)
        for name, parameter in cache.parameters_of(STUDY).items():
            assert isinstance(name, str)
            assert isinstance(parameter.type, str)
            assert isinstance(parameter.unit, str | None)
            assert parameter.range is None or len(parameter.range) == 2
        for study in cache.studies():
            assert study.study > 0
            assert study.parameters >= 0
        cache.mark_used(STUDY)
        cache.store(STUDY, SEEN)
        assert StudyCache(folders, HOST).parameters_of(STUDY)["dice.Macro.gamma"] == SEEN["dice.Macro.gamma"]


@effort(60)
@given(data=st.data())
def test_corrupted_records_of_runs_lose_only_corrupted_runs(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        records = RunRecords(Path(folder), HOST, STUDY)
        for _ in range(2):
            records.add(started="2026-11-22T22:40:49Z", outcome="FINISHED", duration_s=8.0)
        [path] = Path(folder).rglob("*.jsonl")
        path.write_bytes(data.draw(spoilt_lines(path.read_text()) | st.binary(max_size=30)))
        for record in records.all():
            assert all(isinstance(text, str | None) for text in (record.started, record.ended, record.outcome))
            assert record.duration_s is None or record.duration_s >= 0
            assert record.run > 0
            json.dumps(record.to_json())
        records.add(started="2026-11-22T22:40:50Z")
        assert records.all()[-1].started == "2026-11-22T22:40:50Z"


@effort(60)
@given(data=st.data())
def test_corrupted_journal_loses_only_corrupted_entries(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder), HOST, STUDY)
        for _ in range(2):
            journal.end(journal.begin("set", CHANGES, (), "2026-11-22T22:40:49Z"), "done")
        [path] = Path(folder).rglob("*.jsonl")
        path.write_bytes(data.draw(spoilt_lines(path.read_text()) | st.binary(max_size=30)))
        with contextlib.suppress(UsageError):
            for entry in journal.entries():
                assert entry.entry > 0
                assert all(isinstance(text, str) for text in (entry.time, entry.command, entry.outcome))
                assert all(isinstance(number, int) for number in entry.undoes)
                assert all(isinstance(change.key, str) for change in entry.changes)
                json.dumps(entry.to_json())
            number = journal.begin("set", CHANGES, (), "2026-11-22T22:40:50Z")
            assert [entry.changes for entry in journal.entries() if entry.entry == number] == [tuple(CHANGES)]


@pytest.fixture(scope="module")
def workspace() -> Any:
    """Return one world for many files."""
    made = Workspace.new("documented")
    made.types("param", "set", NUMBER, "Macro.gamma=0.5", "Macro.periods=3")
    made.types("study", "load", NUMBER)
    made.types("study", "export", NUMBER, str(made.folder / "export"))
    yield made
    made.close()


COMMANDS = [
    ("param", "history", NUMBER),
    ("param", "undo", NUMBER, "--dry-run"),
    ("param", "set", NUMBER, "Macro.gamma=0.7", "--dry-run"),
    ("study", "list"),
    ("study", "diff", NUMBER, "{folder}/export"),
    ("study", "apply", "{folder}/export", NUMBER, "--dry-run"),
    ("config", "list"),
    ("alias", "list"),
    ("auth", "status"),
]
KEPT = ["journal", "studies", "manifest.json", "parameters.toml", "config.toml"]


@pytest.mark.parametrize("kind", KEPT)
@effort(20)
@given(data=st.data())
def test_commands_with_corrupted_files_end_with_a_documented_exit_code(
    workspace: Workspace, kind: str, data: st.DataObject
) -> None:
    config = workspace.folder / "config" / "config.toml"
    config.parent.mkdir(exist_ok=True)
    config.write_text(CONFIG)
    paths = [path for path in sorted(workspace.folder.rglob("*")) if path.is_file() and kind in str(path)]
    whole = {path: path.read_bytes() for path in paths if path.suffix != ".lock"}
    try:
        for path, content in whole.items():
            path.write_bytes(_spoilt_file(data, path, content))
        words = [word.format(folder=workspace.folder) for word in data.draw(st.sampled_from(COMMANDS))]
        workspace.types(*words, "-F", data.draw(st.sampled_from(["json", "tsv"])))
    finally:
        for path, content in whole.items():
            path.write_bytes(content)


def _spoilt_file(data: st.DataObject, path: Path, content: bytes) -> bytes:
    if path.suffix == ".json":
        return data.draw(spoilt(json.loads(content)))
    if path.suffix == ".jsonl":
        return data.draw(spoilt_lines(content.decode()))
    return data.draw(spoilt_text(content))


@st.composite
def spoilt_text(draw: st.DrawFn, content: bytes) -> bytes:
    """Draw a text in which a part is replaced."""
    start, end = sorted(draw(st.integers(0, len(content))) for _ in range(2))
    odd = st.sampled_from(
        [b"", b"\xff", b"\x00", b"=", b"\n", b"[[", b"[a]\n" * 2, b"1979-05-27", b"nan", b"[" * 2000, b"9" * 5000]
    )
    pieces = [content[:start], draw(odd), content[end:] if draw(st.booleans()) else content[start:]]
    return b"".join(pieces)


@effort(60)
@given(
    content=spoilt_text(CONFIG.encode())
    | st.binary(max_size=40)
    | values.map(lambda v: f"version = {json.dumps(v)}".encode())
)
@example(b"a = " + b"[" * 3000)
@example(b"version = 2\n[profiles.default]\nnewer = true\n")
@example(b"profiles = 1\n")
@example(b"[profiles]\ndefault = 1\n")
@example(b"[profiles.default.aliases]\ndice = 9223372036854775808\n")
def test_any_config_is_read_or_rejected(content: bytes) -> None:
    workspace = Workspace.new("documented")
    try:
        path = workspace.folder / "config" / "config.toml"
        path.parent.mkdir()
        path.write_bytes(content)
        listed = workspace.types("config", "list")
        assert listed.code in {0, 2}
        done = workspace.types("alias", "set", "two", "22")
        assert done.code in {0, 2}
        if done.code == 0:
            assert tomllib.loads(path.read_text())["profiles"]["default"]["aliases"]["two"] == 22
        else:
            assert path.read_bytes() == content
    finally:
        workspace.close()


@effort(50)
@given(data=st.data())
def test_corrupted_sweep_progress_is_read_or_rejected(data: st.DataObject) -> None:
    """A case is never wrongly considered done."""
    with tempfile.TemporaryDirectory() as folder:
        record = ProgressLog(Path(folder))
        record.begin(SWEEP)
        record.append(CaseResult("low", STARTED, STUDY))
        record.append(CaseResult("low", "FINISHED", STUDY, None, 1.5, {"x": 1.0}))
        path = Path(folder, FILE)
        path.write_bytes(data.draw(spoilt_lines(path.read_text()) | st.binary(max_size=20)))
        with contextlib.suppress(UsageError):
            result = ProgressLog(Path(folder)).read()
            for name, done in result[1].items() if result else ():
                assert isinstance(name, str)
                assert isinstance(done.state, str)
                assert isinstance(done.outputs, dict)
