"""The journal of changes, as a file."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.errors import UsageError
from sostrades_cli.local.journal import BEGUN, DONE, IN_DOUBT, MOST_ENTRIES, NOT_MADE, Change, Journal, JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "https://corp.example"
TIME = "2026-11-22T22:40:50Z"
GAMMA = Change("dice.Macro.gamma", "float", "-", 0.3, 0.9)
TABLE = b"years,population\n2020,7800.0\n"
SHA = sha256(TABLE).hexdigest()
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def journal(state: Path, study: int = 21, host: str = HOST) -> Journal:
    """Return the journal of a study, as another process would."""
    return Journal(state, host, study)


def begin(state: Path, *changes: Change, tables: Any = (), command: str = "set") -> int:
    """Write an entry of study 21."""
    return journal(state).begin(command, changes or (GAMMA,), tables, TIME)


def file_of(state: Path) -> Path:
    """Return the file of study 21."""
    [found] = state.rglob("21.jsonl")
    return found


def table(folder: Path, content: bytes = TABLE) -> tuple[str, Path]:
    """Write a table that is to be kept, and return its sha-256 and its file."""
    path = folder / f"{len(list(folder.glob('held*')))}.held"
    path.write_bytes(content)
    return sha256(content).hexdigest(), path


def replacing(digest: str) -> Change:
    """Return a change that replaced a table."""
    return Change("dice.Macro.population", "dataframe", "Mpeople", "://dataframe", "://dataframe", old_table=digest)


def line_of(number: int, change: Change = GAMMA) -> str:
    """Return a line of the file as the journal writes it."""
    return json.dumps(JournalEntry(number, TIME, HOST, 21, "set", DONE, (change,)).to_json()) + "\n"


# Entries ------------------------------------------------------------------------------------------


def test_where_nothing_was_changed_there_is_nothing(tmp_path: Path) -> None:
    """A study that was never changed has no entries, and looking makes no file."""
    assert journal(tmp_path / "state").entries() == []
    assert not (tmp_path / "state").exists()


def test_an_entry_is_there_from_its_beginning(tmp_path: Path) -> None:
    """An entry that was begun can be read by any other process, whole, before it has ended."""
    number = journal(tmp_path).begin("undo", [GAMMA], (), TIME, undoes=[4, 5])
    assert journal(tmp_path).entries() == [JournalEntry(number, TIME, HOST, 21, "undo", BEGUN, (GAMMA,), (4, 5))]


@pytest.mark.parametrize("outcome", [DONE, NOT_MADE, IN_DOUBT])
def test_an_entry_ends_with_its_outcome(tmp_path: Path, outcome: str) -> None:
    """The end of one entry notes outcome and message there, and leaves the others as they are."""
    first, second = begin(tmp_path), begin(tmp_path)
    journal(tmp_path).end(first, outcome, "the reason")
    found = {entry.entry: (entry.outcome, entry.detail) for entry in journal(tmp_path).entries()}
    assert found == {first: (outcome, "the reason"), second: (BEGUN, None)}


def test_the_end_tells_the_new_tables(tmp_path: Path) -> None:
    """What a study holds after a change of tables is noted with the parameter, and with no other."""
    number = begin(tmp_path, GAMMA, replacing(SHA))
    journal(tmp_path).end(number, DONE, tables={"dice.Macro.population": "f" * 64})
    [entry] = journal(tmp_path).entries()
    assert [(c.old_table, c.new_table) for c in entry.changes] == [(None, None), (SHA, "f" * 64)]


def test_an_end_without_a_beginning_changes_nothing(tmp_path: Path) -> None:
    """A number that is not in the journal ends no entry."""
    begin(tmp_path)
    before = journal(tmp_path).entries()
    journal(tmp_path).end(7, DONE)
    assert journal(tmp_path).entries() == before


def test_numbers_count_up(tmp_path: Path) -> None:
    """Entries are numbered from 1, the oldest first, whatever became of them."""
    numbers = [begin(tmp_path) for _ in range(3)]
    journal(tmp_path).end(3, NOT_MADE)
    assert [*numbers, begin(tmp_path)] == [1, 2, 3, 4] == [entry.entry for entry in journal(tmp_path).entries()]


def test_studies_and_servers_have_their_own(tmp_path: Path) -> None:
    """Another study, and the same number on another server or under another path, have other journals."""
    begin(tmp_path)
    others = [journal(tmp_path, 2), journal(tmp_path, 21, f"{HOST}/sostrades"), journal(tmp_path, 21, "http://x")]
    assert [other.entries() for other in others] == [[], [], []]
    assert [other.begin("set", [GAMMA], (), TIME) for other in others] == [1, 1, 1]
    assert len(journal(tmp_path).entries()) == 1


def test_an_entry_is_a_line_of_json(tmp_path: Path) -> None:
    """The file has one JSON object in each line, with all that an entry tells."""
    begin(tmp_path, Change("dice.Macro.note", "string", None, "line\nline\u2028line", "☃"))
    begin(tmp_path)
    lines = file_of(tmp_path).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["entry"] for line in lines] == [1, 2]
    assert json.loads(lines[0])["changes"][0]["old"] == "line\nline\u2028line"
    assert {"time", "host", "study", "command", "outcome", "changes", "undoes", "detail"} <= json.loads(lines[0]).keys()


@settings(deadline=None, max_examples=40)
@given(old=JSON_VALUES, new=JSON_VALUES)
def test_every_value_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, old: object, new: object) -> None:
    """Whatever JSON value a study held, the journal gives it back, types included: 5 is not 5.0, nor 1 true."""
    state = tmp_path_factory.mktemp("state")
    begin(state, Change("a.b", None, None, old, new))
    [entry] = journal(state).entries()
    assert [repr(entry.changes[0].old), repr(entry.changes[0].new)] == [repr(old), repr(new)]


# Tables -------------------------------------------------------------------------------------------


def test_a_table_is_kept_to_the_byte(tmp_path: Path) -> None:
    """The file of a table that is replaced is copied beside the journal, under the sha-256 of its content."""
    kept = table(tmp_path)
    begin(tmp_path / "state", replacing(SHA), tables=[kept])
    kept[1].unlink()
    found = journal(tmp_path / "state").table(SHA)
    assert found is not None
    assert found.read_bytes() == TABLE
    assert found.parent == file_of(tmp_path / "state").with_suffix(".d")


def test_a_table_that_is_not_kept_is_none(tmp_path: Path) -> None:
    """A sha-256 that nothing is kept under gives no file."""
    assert journal(tmp_path).table(SHA) is None


def test_the_same_table_is_kept_once(tmp_path: Path) -> None:
    """A table that is replaced twice takes the place of one."""
    for _ in range(2):
        begin(tmp_path / "state", replacing(SHA), tables=[table(tmp_path)])
    assert len(list((tmp_path / "state").rglob("*.csv"))) == 1


def test_the_oldest_go_with_their_tables(tmp_path: Path) -> None:
    """Of many entries the last ones stay; a table goes when no entry that stays has replaced it; numbers go on."""
    old, shared = table(tmp_path), (sha256(b"a\n1\n").hexdigest(), tmp_path / "shared")
    shared[1].write_bytes(b"a\n1\n")
    state = tmp_path / "state"
    begin(state, replacing(old[0]), tables=[old])
    begin(state, replacing(shared[0]), tables=[shared])
    with file_of(state).open("a") as file:
        file.writelines(line_of(number, replacing(shared[0])) for number in range(3, MOST_ENTRIES + 3))
    assert begin(state) == MOST_ENTRIES + 3
    numbers = [entry.entry for entry in journal(state).entries()]
    assert numbers == list(range(4, MOST_ENTRIES + 4))
    assert (journal(state).table(old[0]), journal(state).table(shared[0]) is None) == (None, False)


# What can go wrong ----------------------------------------------------------------------------------


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """All files are their owner's alone, and so is the folder of the server."""
    begin(tmp_path / "state", replacing(SHA), tables=[table(tmp_path)])
    journal(tmp_path / "state").end(1, DONE)
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert len(files) >= 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert file_of(tmp_path / "state").parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        "5",
        "{}",
        line_of(1)[:-20],
        line_of(1).replace('"old"', '"older"'),
        '{"changes": 5}',
        line_of(1).replace('"entry": 1', '"entry": null'),
    ],
    ids=["blank", "cut", "list", "null", "number", "empty", "torn", "foreign", "no-changes", "no-number"],
)
def test_a_damaged_line_is_none(tmp_path: Path, line: str) -> None:
    """A line that is no entry hides no other entry, and the next one can be written."""
    begin(tmp_path)
    file = file_of(tmp_path)
    file.write_text(line.rstrip("\n") + "\n" + line_of(2))
    assert [entry.entry for entry in journal(tmp_path).entries()] == [2]
    assert begin(tmp_path) == 3


def test_damaged_lines_are_reported_and_kept(tmp_path: Path) -> None:
    begin(tmp_path)
    begin(tmp_path)
    assert journal(tmp_path).damage() is None
    first, second = file_of(tmp_path).read_bytes().splitlines()
    file_of(tmp_path).write_bytes(first + b"\n\n\xff\xfe\n" + second[:-20])
    assert "2 lines" in str(journal(tmp_path).damage())
    begin(tmp_path)
    journal(tmp_path).end(1, DONE)
    assert file_of(tmp_path).read_bytes().splitlines()[1:3] == [b"\xff\xfe", second[:-20]]
    assert [entry.entry for entry in journal(tmp_path).entries()] == [1, 2]


def test_bytes_that_are_no_text_are_no_entries(tmp_path: Path) -> None:
    begin(tmp_path)
    file_of(tmp_path).write_bytes(b"\xff\xfe")
    assert journal(tmp_path).entries() == []
    assert begin(tmp_path) == 1


@pytest.mark.parametrize("taken", ["state", "state/journal", "state/journal/HOST", "state/journal/HOST/21.d"])
def test_what_cannot_be_kept_is_not_begun(tmp_path: Path, taken: str) -> None:
    """Where a file is in the place of a folder the entry is refused, and none is there afterwards."""
    begin(tmp_path / "other")
    [folder] = (tmp_path / "other" / "journal").iterdir()
    path = tmp_path / taken.replace("HOST", folder.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a file")
    with pytest.raises(UsageError):
        begin(tmp_path / "state", replacing(SHA), tables=[table(tmp_path)])
    assert list(tmp_path.glob("state/journal/*/21.jsonl")) == []


def test_an_interrupt_leaves_the_journal_whole(tmp_path: Path) -> None:
    """An interrupt while tables are being kept leaves the entries as they were, no lock and no half file."""

    def interrupted() -> Iterator[tuple[str, Path]]:
        yield table(tmp_path)
        raise KeyboardInterrupt

    state = tmp_path / "state"
    begin(state)
    with pytest.raises(KeyboardInterrupt):
        begin(state, replacing(SHA), tables=interrupted())
    assert [entry.entry for entry in journal(state).entries()] == [1]
    assert list(state.rglob("*.part")) == []
    assert begin(state) == 2


def test_several_at_once_lose_nothing(tmp_path: Path) -> None:
    """Entries that are written at the same time all get a number of their own, and each gets its own end."""

    def whole(index: int) -> int:
        number = begin(tmp_path, Change("a.b", None, None, index, index))
        journal(tmp_path).end(number, DONE, str(index))
        return number

    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(whole, range(18)))
    entries = journal(tmp_path).entries()
    assert sorted(numbers) == list(range(1, 19)) == [entry.entry for entry in entries]
    assert all((e.outcome, e.detail) == (DONE, str(e.changes[0].old)) for e in entries)


@pytest.mark.parametrize("spoilt", [{"command": []}, {"outcome": 1}, {"undoes": [[1]]}, {"entry": 0}, {"time": None}])
def test_an_entry_with_fields_of_other_kinds_is_none(tmp_path: Path, spoilt: dict[str, Any]) -> None:
    """A line that is JSON and no entry is passed over; those beside it are read, and the next one is written."""
    journal = Journal(tmp_path, "http://127.0.0.1:5004", 21)
    for _ in range(2):
        journal.begin("set", [Change("a.b", "float", None, 1.0, 2.0)], (), "2026-11-22T22:40:49Z")
    [path] = tmp_path.rglob("*.jsonl")
    first, second = path.read_text().splitlines()
    path.write_text(f"{json.dumps({**json.loads(first), **spoilt})}\n{second}\n")
    assert [entry.entry for entry in journal.entries()] == [2]
    assert journal.begin("set", [], (), "2026-11-22T22:40:50Z") == 3


def test_a_line_that_is_not_utf_8_is_none(tmp_path: Path) -> None:
    """A line whose bytes were spoilt is skipped like one that is no JSON, and the next change is written."""
    begin(tmp_path)
    begin(tmp_path)
    spoilt = line_of(1).encode().replace(b"dice", b"d\xffce") + line_of(2).encode()
    file_of(tmp_path).write_bytes(spoilt)
    assert [entry.entry for entry in journal(tmp_path).entries()] == [2]
    assert begin(tmp_path) == 3
