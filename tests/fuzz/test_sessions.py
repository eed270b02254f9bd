"""Test long sessions with random faults: all reports of the tool match the server."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import tomlkit
from fuzz.claims import bear_out
from fuzz.effort import effort
from fuzz.faulty import FAULTS
from fuzz.wishes import HOPELESS, HOPELESS_ANYWHERE, ONES, WISHES, Wish, as_csv
from fuzz.workspace import NAME, STUDY, Typed, Workspace, plain
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from server_stub import csv_files
from server_stub.errors import ApiError
from server_stub.faults import Fault  # noqa: TC001 - hypothesis reads annotations
from server_stub.runs import ACTIVE
from server_stub.worlds import dice

DEFAULTS = {name: plain(value) for name, value in dice.DICE.defaults().items()}
# What a start says of itself when its answer was lost.
NOT_BEGUN = "and no run of study 21 has started"
CANNOT_TELL = ("may have started",)
NUMBER = str(STUDY)


class Session(RuleBasedStateMachine):
    """A user who changes, runs, exports and undoes, on a server on which things go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace: Workspace | None = None
        # What each change replaced, the oldest first, as long as it is not taken back.
        self.replaced: list[dict[str, str]] = []
        # What the files of the export hold.
        self.exported: dict[str, str] | None = None

    @initialize(server=st.sampled_from(["documented", "5.0", "5.3"]))
    def begin(self, server: str) -> None:
        """Begin."""
        self.workspace = Workspace.new(server)

    def teardown(self) -> None:
        """Look for the key in what is left."""
        if self.workspace is not None:
            self.workspace.close()

    @property
    def at(self) -> Workspace:
        """The workspace."""
        assert self.workspace is not None
        return self.workspace

    @property
    def blind(self) -> bool:
        """Whether the server may not tell of types, nor of what cannot be edited, nor a list from an array."""
        return self.at.world.behaviour.name == "5.3"

    # Time and other people ---------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.2, 1.0, 3.0, 8.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        """Let time pass."""
        self.at.world.clock.sleep(seconds)

    @rule(name=st.sampled_from(["Macro.gamma", "Macro.note", "Macro.shares"]), data=st.data())
    def someone_changes(self, name: str, data: st.DataObject) -> None:
        """Change a value in the web page."""
        self.at.world.clock.sleep(2.0)
        for item in self._clear([Wish(name, data.draw(WISHES[name]))]):
            self.at.study.update({f"{NAME}.{name}": item.value})

    @rule()
    def someone_runs(self) -> None:
        """Start a run in the web page."""
        if self.at.study.status not in ACTIVE:
            self.at.study.execute()

    def _clear(self, ones: list[Wish]) -> list[Wish]:
        """Leave out what a server that shows values as files only cannot show: in them 1 and "1" are the same."""
        return [item for item in ones if not self.blind or not item.is_ambiguous]

    # Changes -----------------------------------------------------------------------------------------

    def _change(self, words: tuple[str, ...], asked: dict[str, str], files: set[str], faults: list[Fault]) -> Typed:
        """Give a command that changes the study, and check what it claims."""
        before, entries, run = self.at.stored_inputs(), len(self.at.journal()), self.at.study.run
        active, force = self.at.study.status in ACTIVE, "--force" in words
        typed = self.at.types(*words, "-F", "json", faults=faults)
        became = bear_out(typed, asked, files, self.at, before)
        new = self.at.journal()[entries:]
        outcomes = [entry["outcome"] for entry in new]
        # A round that arrived in part only is followed by another.
        assert set(outcomes[:-1]) <= {"in doubt"}, (typed, new)
        if became == "made":
            assert outcomes[-1:] in (["done"], []), (typed, new)
        elif became == "not made":
            assert outcomes in (["not made"], []), (typed, new)
        else:
            assert outcomes[-1:] == ["in doubt"], (typed, new)
        if active and not force and run is not None:
            assert not run.lost, typed
        return typed

    def _words(self, wish: Wish) -> str:
        """Return a wish as a word: as JSON where the server may not tell its type, so that a text stays a text."""
        return replace(wish, as_json=wish.as_json or (self.blind and not wish.is_file)).words(self.at.folder)

    def _note(self, before: dict[str, str], entries: int) -> None:
        """Remember what the changes after so many entries of the journal replaced, if they can be undone."""
        for entry in self.at.journal()[entries:]:
            if entry["outcome"] in {"done", "in doubt"}:
                keys = [change["key"].removeprefix(f"{NAME}.") for change in entry["changes"]]
                self.replaced.append({key: before[key] for key in keys})

    @rule(ones=ONES, faults=FAULTS, force=st.booleans(), file=st.booleans())
    def sets(self, ones: list[Wish], faults: list[Fault], force: bool, file: bool) -> None:
        """Set parameters."""
        before, ones, entries = self.at.stored_inputs(), self._clear(ones), len(self.at.journal())
        if not ones:
            return
        words = [self._words(item) for item in ones]
        if file and not any(item.is_file for item in ones):
            path = self.at.folder / "wishes.json"
            path.write_text(json.dumps({f"{NAME}.{item.name}": item.value for item in ones}))
            words = ["--from", str(path)]
        words += ["--force"] * force
        asked = {item.name: item.plain for item in ones}
        typed = self._change(
            ("param", "set", NUMBER, *words), asked, {item.name for item in ones if item.is_file}, faults
        )
        if not faults and not any(item.is_file for item in ones):
            assert typed.code in {0, 2, 8}, typed
        self._note(before, entries)

    @rule(ones=ONES, hopeless=st.sampled_from(HOPELESS), faults=FAULTS)
    def sets_what_cannot_be(self, ones: list[Wish], hopeless: str, faults: list[Fault]) -> None:
        """Set parameters, one of which cannot be set: nothing is sent."""
        if self.blind and hopeless not in HOPELESS_ANYWHERE:
            return
        words = [self._words(item) for item in ones]
        typed = self._change(
            ("param", "set", NUMBER, *words, hopeless), {item.name: item.plain for item in ones}, set(), faults
        )
        assert typed.code != 0, typed
        assert typed.sent("parameters") == 0, typed

    @rule(ones=ONES, faults=FAULTS)
    def plans(self, ones: list[Wish], faults: list[Fault]) -> None:
        """Plan a change: nothing is sent."""
        words = [self._words(item) for item in ones]
        before = self.at.stored_inputs()
        typed = self.at.types("param", "set", NUMBER, *words, "--dry-run", "-F", "json", faults=faults)
        assert typed.sent("parameters") == 0, typed
        assert self.at.stored_inputs() == before

    @rule(names=st.lists(st.sampled_from(sorted(WISHES)), min_size=1, max_size=3, unique=True), faults=FAULTS)
    def resets(self, names: list[str], faults: list[Fault]) -> None:
        """Reset parameters."""
        # Without read-only mode, no answer shows that an input exists which cannot be edited.
        hidden = set() if self.at.world.behaviour.has_routes_of_5_3_1 else {"Macro.locked"}
        hidden = {"Macro.weights"} if self.blind else hidden
        names = [name for name in names if name not in hidden] or ["Macro.gamma"]
        # A default that no answer tells cannot be told from a change that was dropped twice; a note says so.
        unreported = [fault for fault in faults if fault.kind in {"drop_update", "body"}]
        if sum(fault.count for fault in unreported) > 1:
            faults = [fault for fault in faults if fault not in unreported]
        before, entries = self.at.stored_inputs(), len(self.at.journal())
        typed = self._change(
            ("param", "reset", NUMBER, *(f"{NAME}.{name}" for name in names)),
            {name: DEFAULTS[name] for name in names},
            set(),
            faults,
        )
        if not faults:
            assert typed.code in {0, 8}, typed
        self._note(before, entries)

    @rule(faults=FAULTS, force=st.booleans())
    def undoes(self, faults: list[Fault], force: bool) -> None:
        """Take the last change back."""
        old = self.replaced[-1] if self.replaced else {}
        typed = self._change(("param", "undo", NUMBER, *["--force"] * force), old, _tables(old), faults)
        if not self.replaced:
            assert typed.code != 0, typed
            return
        if typed.code == 0:
            self.replaced.pop()

    # Files -------------------------------------------------------------------------------------------

    @rule(faults=FAULTS)
    def exports(self, faults: list[Fault]) -> None:
        """Export the study; what it wrote is what the study holds."""
        folder = self.at.folder / "export"
        before = self.at.stored_inputs()
        typed = self.at.types("study", "export", NUMBER, str(folder), "--overwrite", "-F", "json", faults=faults)
        assert typed.sent("parameters") == 0, typed
        if typed.code != 0:
            return
        lost = {item["key"] for item in json.loads(typed.outcome.out)["unavailable"]}
        assert faults or lost <= {"Macro.matrix"}, typed
        self.exported = {}
        values = tomlkit.parse((folder / "parameters.toml").read_text()).unwrap()
        for entry in json.loads((folder / "manifest.json").read_text())["parameters"]:
            name, file = entry["key"], entry["file"] or ""
            if name not in before or name in lost:
                continue
            if name in values:
                self.exported[name] = plain(values[name])
            elif file.endswith(".json"):
                self.exported[name] = plain(json.loads((folder / file).read_text()))
            elif file.endswith(".csv"):
                stored = self.at.study.values[name]
                assert (folder / file).read_text() == csv_files.write(stored), (typed, name)
                self.exported[name] = before[name]
            else:
                # No value, or none that JSON has a word for: applied, it is the default, which is the same here.
                assert before[name] in {"null", "NaN", "Infinity"}, (typed, name)
                self.exported[name] = before[name]
            assert _alike(self.exported[name], before[name]), (typed, name)

    @precondition(lambda self: self.exported is not None)
    @rule(ones=ONES)
    def edits(self, ones: list[Wish]) -> None:
        """Edit exported files."""
        self._edit(ones)

    def _edit(self, ones: list[Wish]) -> None:
        folder = self.at.folder / "export"
        path = folder / "parameters.toml"
        files = {e["key"]: e["file"] for e in json.loads((folder / "manifest.json").read_text())["parameters"]}
        document = tomlkit.parse(path.read_text())
        assert self.exported is not None
        for wish in self._clear(ones):
            if wish.name in self.exported and wish.is_file and (files[wish.name] or "").endswith(".csv"):
                (folder / files[wish.name]).write_text(as_csv(wish.value))
            elif wish.name in document and not wish.is_file:
                document[wish.name] = wish.value
            else:
                continue
            self.exported[wish.name] = wish.plain
        path.write_text(tomlkit.dumps(document))

    @precondition(lambda self: self.exported is not None)
    @rule(
        faults=FAULTS,
        more=st.sampled_from([("--ours",), (), ("--ours", "--force")]),
        ones=st.just([]) | ONES,
    )
    def applies(self, faults: list[Fault], more: tuple[str, ...], ones: list[Wish]) -> None:
        """Apply the exported files, edited or not; once more, nothing is sent."""
        self._edit(ones)
        folder = str(self.at.folder / "export")
        before, entries = self.at.stored_inputs(), len(self.at.journal())
        assert self.exported is not None
        asked = {name: value for name, value in self.exported.items() if not _alike(value, before[name])}
        words = ("study", "apply", folder, NUMBER, "--yes")
        typed = self._change((*words, *more), asked, _tables(asked), faults)
        self._note(before, entries)
        if typed.code == 0 and self.at.study.status not in ACTIVE:
            again = self.at.types(*words, "-F", "json")
            assert (again.code, again.sent("parameters")) == (0, 0), again

    # Reading -----------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(sorted(WISHES)), faults=FAULTS)
    def gets(self, name: str, faults: list[Fault]) -> None:
        """Print a value: that which is held."""
        before = self.at.stored_inputs()
        typed = self.at.types("param", "get", NUMBER, f"{NAME}.{name}", "-F", "json", faults=faults)
        stored = self.at.study.values[name]
        # A server that shows values as files only shows a list and a dict of unknown type as tables.
        shown = '"' if self.blind else ("[", "{", '"')
        if typed.code == 0 and before[name].startswith(shown) and not _tables({name: before[name]}):
            assert _alike(plain(json.loads(typed.outcome.out)), before[name]), (typed, stored)

    @rule(faults=FAULTS)
    def asks(self, faults: list[Fault]) -> None:
        """Print the status: that of the study."""
        recorded = {self.at.study.status}
        typed = self.at.types("calc", "status", NUMBER, "-F", "json", faults=faults)
        recorded |= {self.at.study.status, "RUNNING"}
        if typed.code == 0:
            assert json.loads(typed.outcome.out)["study_case_execution_status"] in recorded, typed

    @rule(faults=FAULTS)
    def copies(self, faults: list[Fault]) -> None:
        """Copy the study: the copy is there and holds the same, or it is said what not."""
        before, studies = self.at.stored_inputs(), set(self.at.world.studies)
        typed = self.at.types("study", "copy", NUMBER, "other", "-F", "json", faults=faults)
        new = set(self.at.world.studies) - studies
        assert self.at.stored_inputs() == before
        assert typed.sent("copy") <= 1
        if not typed.outcome.out.strip():
            assert typed.code != 0
            assert not new or "may have been copied" in typed.words, typed
        else:
            reported = json.loads(typed.outcome.out)
            assert new == {reported["study"]}, typed
            different = {name.removeprefix("other.") for name in reported["different"]}
            copy = self.at.stored_inputs(reported["study"])
            wrong = {name for name in before if not _alike(before[name], copy[name]) and name not in different}
            assert not wrong or (typed.code != 0 and "may lack values" in typed.words), (typed, wrong)
        for number in new:
            del self.at.world.studies[number]

    # Runs --------------------------------------------------------------------------------------------

    @rule(
        faults=FAULTS,
        more=st.sampled_from([(), ("--detach",), ("--timeout", "4"), ("--attach",), ("--max-outage", "20")]),
        ones=st.just([]) | ONES,
    )
    def runs(self, faults: list[Fault], more: tuple[str, ...], ones: list[Wish]) -> None:
        """Start a run: once, never over another one, and told truly."""
        ones = self._clear(ones)
        before, run, active = self.at.stored_inputs(), self.at.study.run, self.at.study.status in ACTIVE
        entries = len(self.at.journal())
        words = [word for item in ones for word in ("--set", self._words(item))]
        typed = self.at.types("calc", "run", NUMBER, *more, *words, "-F", "ndjson", faults=faults)
        study, sent = self.at.study, typed.sent(f"execute/{STUDY}")
        began = study.run is not run
        assert sent <= 1, typed
        if run is not None and active:
            assert run.interruption is None, typed
            assert not run.lost, typed
            assert not began or run.closed, typed
        reported = typed.outcome.out.splitlines()
        if not reported:
            self._failed_to_start(typed, began=began)
        elif "--detach" not in more:
            end = json.loads(reported[-1])
            assert (end["event"], end["exit_code"]) == ("finished", typed.code), typed
            assert began or "--attach" in more, typed
            if typed.code in {0, 3} and study.run is not None:
                assert (end["outcome"], typed.code) == (study.status, 0 if study.run.problem is None else 3), typed
        else:
            assert typed.code == 0, typed
            assert began, typed
        self._set_before(typed, ones, before, entries)

    def _failed_to_start(self, typed: Typed, *, began: bool) -> None:
        assert typed.code != 0, typed
        if began:
            assert any(item in typed.words for item in CANNOT_TELL), typed
            assert NOT_BEGUN not in typed.words, typed

    def _set_before(self, typed: Typed, ones: list[Wish], before: dict[str, str], entries: int) -> None:
        """Check what was set before a run."""
        after = self.at.stored_inputs()
        asked = {item.name: item.plain for item in ones}
        outcomes = [entry["outcome"] for entry in self.at.journal()[entries:]]
        for name, value in asked.items():
            assert after[name] in {before[name], value}, (typed, name)
        if outcomes == ["not made"]:
            assert after == before, typed
        if outcomes == ["done"] or typed.code in {0, 3}:
            assert all(after[name] == asked[name] for name in asked), typed
        self._note(before, entries)


def _tables(plains: dict[str, str]) -> set[str]:
    """Return the parameters that contain tables."""
    return {name for name in plains if name in {"Macro.population", "Carbon.price", "Macro.weights", "Macro.regions"}}


def _alike(value: str, other: str) -> bool:
    """Return whether two values are equal, where an export may not distinguish 1 from 1.0, nor nan from no value."""
    return value == other or _loose(value) == _loose(other)


def _loose(text: str) -> Any:
    return json.loads(text, parse_constant=lambda _: None)


def test_exports_of_the_stub_can_be_compared() -> None:
    """A value that the stub cannot export is an error there, too."""
    with pytest.raises(ApiError):
        csv_files.write(None)


TestSession = Session.TestCase
TestSession.settings = effort(30, steps=15)
