"""`sostrades study diff`."""

from __future__ import annotations

import json
import math
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from conftest import QUICK_WITH_READ_ONLY_MODE, mostly_slow, slow

from server_stub.faults import Fault
from server_stub.study import Results
from server_stub.values import Table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import User

SERVERS = ("documented", "5.3")
TOML = "parameters.toml"


def exported(user: User, name: str = "dice", *options: str, study: str = "21") -> Path:
    """Export a study and return the folder."""
    folder = user.folder / name
    done = user.types("study", "export", study, str(folder), *options)
    assert done.code == 0, done.err
    return folder


def edited(folder: Path, old: str, new: str, file: str = TOML) -> Path:
    """Return a copy of an export with one text replaced."""
    copy = folder.parent / "edited"
    if folder != copy:
        shutil.copytree(folder, copy)
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy


def differing(user: User, a: object, b: object, *options: str) -> list[dict[str, Any]]:
    """Return the differences from `-F json`, after a check of the exit code."""
    done = user.types("study", "diff", str(a), str(b), "-F", "json", "--exit-code", *options)
    rows: list[dict[str, Any]] = json.loads(done.out)
    assert (done.code, done.err) == (9 if rows else 0, "")
    return rows


@pytest.mark.parametrize("server", [slow("documented"), "5.3"])
@pytest.mark.parametrize("options", [slow(()), ("--outputs",)])
def test_study_equals_its_export(user_of: Callable[..., User], server: str, options: tuple[str, ...]) -> None:
    user = user_of(server)
    folder = exported(user, "dice", *options)
    assert differing(user, 21, folder, *options) == differing(user, folder, 21, *options) == []


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_changed_parameters_differ(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    folder = exported(user)
    words = ("Macro.gamma=0.4", "Macro.note=x", 'Macro.shares={"coal": 0.5, "wind": 0.6}')
    assert user.types("param", "set", "21", *words).code == 0
    gamma, note, shares = differing(user, folder, 21)
    assert gamma == {
        "key": "Macro.gamma",
        "type": "float",
        "unit": "-",
        "change": "changed",
        "a": 0.3,
        "b": 0.4,
        "parts": [],
    }
    assert (note["key"], note["a"], note["b"]) == ("Macro.note", "café ☃ naïve", "x")
    assert shares["parts"] == [{"where": ".coal", "a": "0.4", "b": "0.5"}]


def test_difference_fails_only_with_exit_code(user: User) -> None:
    folder = edited(exported(user), '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    done = user.types("study", "diff", "21", str(folder))
    assert (done.code, done.out.splitlines()[1].split("\t")[:4]) == (0, ["Macro.gamma", "float", "0.3", "0.4"])
    assert len(done.out.splitlines()) == 2
    assert user.types("study", "diff", "21", str(folder), "--exit-code").code == 9


def test_studies_with_different_names_are_compared(user: User) -> None:
    assert differing(user, 21, 22) == []
    user.world.studies[22].values["Macro.gamma"] = 0.5
    assert [row["key"] for row in differing(user, 21, 22)] == ["Macro.gamma"]


def test_word_that_is_an_alias_and_an_exported_folder_is_rejected(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing study 21 with itself instead of the folder would report no differences."""
    folder = exported(user)
    monkeypatch.chdir(user.folder)
    edited(folder, '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.4')
    user.types("alias", "set", "edited", "21")
    before = list(user.requests)
    done = user.types("study", "diff", "21", "edited")
    assert (done.code, done.out, user.requests) == (2, "", before)
    assert "./edited" in done.err
    assert [row["key"] for row in differing(user, 21, "./edited")] == ["Macro.gamma"]


def test_alias_is_a_study_beside_a_folder_that_is_not_an_export(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(user.folder)
    (user.folder / "dice").mkdir()
    user.types("alias", "set", "dice", "21")
    assert differing(user, 21, "dice") == []


@pytest.mark.parametrize(("text", "meant"), [("dcie", True), ("climte", True), ("./dcie", False), ("qqqqqq", False)])
def test_misspelt_study_has_a_suggestion(user: User, text: str, meant: bool) -> None:
    user.types("study", "load", "21")
    user.types("alias", "set", "climate", "22")
    done = user.types("study", "diff", "21", text)
    assert (done.code, "Did you mean" in done.err) == (2, meant)


def test_two_folders_need_no_server_and_no_key(user: User) -> None:
    item = exported(user)
    other = edited(item, "7870.5", "8000", "data/Macro.population.csv")
    user.world.requests.clear()
    unset = {"SOSTRADES_HOST": "", "SOSTRADES_API_KEY": ""}
    done = user.types("study", "diff", str(item), str(other), "--exit-code", **unset)
    assert (done.code, user.requests) == (9, [])
    assert user.types("study", "diff", str(item), str(item), "--exit-code", **unset).code == 0


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    mostly_slow(
        [
            ('"Macro.periods" = 11', '"Macro.periods" = 11.0', True),
            ('"Macro.targets" = [1.0,', '"Macro.targets" = [1,', True),
            ('"coal" = 0.4', '"coal" = 4e-1', False),
            ('"tolerance_gs" = 10.0', '"tolerance_gs" = 10', False),
            ('"Macro.use_damage" = true', '"Macro.use_damage" = 1', True),
            ('"Macro.note" = "café', '"Macro.note" = "cafe', True),
            ('"Macro.no_limit" = inf', '"Macro.no_limit" = -inf', True),
            ('"Macro.not_known" = nan', '"Macro.not_known" = 0.0', True),
            ('"Macro.not_known" = nan', '"Macro.not_known" = +nan', False),
        ],
        4,
    ),
)
def test_types_count_except_for_floats(user: User, old: str, new: str, differs: bool) -> None:
    folder = exported(user)
    result = differing(user, 21, edited(folder, old, new))
    assert [row["key"] for row in result] == [old.split('"')[1].replace("coal", "Macro.shares")] * differs


@pytest.mark.parametrize(
    ("new", "text"),
    [
        ("2021,8000", "1 cell differs: row 2, population  7870.5 → 8000"),
        slow("2021,7870.50", ""),
        ("2021,7870.5\n2020,1", "11 rows before, 12 now"),
    ],
)
def test_tables_are_compared_by_cell(user: User, new: str, text: str) -> None:
    """The first different cell has row and column."""
    folder = edited(exported(user), "2021,7870.5", new, "data/Macro.population.csv")
    done = user.types("study", "diff", "21", str(folder))
    assert text in done.out
    assert len(done.out.splitlines()) == 1 + bool(text)


def test_additional_column_is_a_difference(user: User) -> None:
    folder = edited(exported(user), "years,population", "years,people", "data/Macro.population.csv")
    [row] = differing(user, 21, folder)
    assert (row["table"]["columns_only_a"], row["table"]["columns_only_b"]) == (["population"], ["people"])


def test_dict_of_tables_has_no_order(user: User) -> None:
    folder = exported(user)
    header, *rows = (folder / "data" / "Macro.regions.csv").read_text().splitlines(keepends=True)
    swapped = edited(folder, "".join(rows), "".join(rows[2:] + rows[:2]), "data/Macro.regions.csv")
    assert (swapped / "data" / "Macro.regions.csv").read_text() != header + "".join(rows)
    assert differing(user, 21, swapped) == []
    assert len(differing(user, 21, edited(swapped, "0.25", "0.26", "data/Macro.regions.csv"))) == 1


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ((), ["Macro.gamma", "Macro.milestones", "Macro.periods", "Macro.population"]),
        slow(("--rtol", "1e-3"), ["Macro.periods"]),
        (("--atol", "0.01"), ["Macro.periods", "Macro.population"]),
        slow(("--atol", "2"), []),
        (("--match", "Macro.p*"), ["Macro.periods", "Macro.population"]),
        slow(("--match", "gam"), ["Macro.gamma"]),
        slow(("--match", "nothing"), []),
    ],
)
def test_tolerance_and_match_reduce_the_differences(user: User, options: tuple[str, ...], left: list[str]) -> None:
    folder = edited(exported(user), '"Macro.gamma" = 0.3', '"Macro.gamma" = 0.30001')
    edited(folder, "[0.0, 1.0, 2", "[0.0, 1.0001, 2")
    edited(folder, '"Macro.periods" = 11', '"Macro.periods" = 12')
    edited(folder, "7870.5", "7870.52", "data/Macro.population.csv")
    assert [row["key"] for row in differing(user, 21, folder, *options)] == left


@pytest.mark.parametrize("option", ["--rtol", "--atol"])
@pytest.mark.parametrize("amount", ["-1", "x"])
def test_invalid_tolerance_is_rejected(user: User, option: str, amount: str) -> None:
    assert user.types("study", "diff", "21", "22", option, amount).code == 2
    assert user.requests == []


def test_large_integers_can_be_compared_with_a_tolerance(user: User) -> None:
    folder = edited(exported(user), '"Macro.periods" = 11', f'"Macro.periods" = 1{"0" * 400}')
    assert [row["key"] for row in differing(user, 21, folder, "--rtol", "1e-3")] == ["Macro.periods"]


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_outputs_of_an_earlier_run_are_not_compared(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    assert user.types("param", "list", "21", "--outputs").code == 0
    before = exported(user, "before", "--outputs")
    assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    after = exported(user, "after", "--outputs")
    for side in ("21", str(after)):
        words = ("study", "diff", str(before), side, "--outputs", "-F", "json")
        assert [row["key"] for row in json.loads(user.types(*words).out)] == ["Macro.gamma"]
        done = user.types(*words, "--match", "Damage*", "--exit-code")
        assert (done.code, done.kind, json.loads(done.out)) == (8, "no_value", [])
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_outputs_are_compared_only_on_request(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    folder = exported(user, "dice", "--outputs")
    assert user.types("param", "set", "21", "Macro.gamma=0.4").code == 0
    assert user.types("calc", "run", "21").code == 0
    assert [row["key"] for row in differing(user, folder, 21)] == ["Macro.gamma"]
    keys = {row["key"] for row in differing(user, folder, 21, "--outputs")}
    assert {"Macro.gamma", "Macro.output", "Damage.by_year", "Damage.total_damage"} <= keys
    assert "Damage.message" not in keys


@pytest.mark.slow
def test_outputs_on_one_side_are_neither_different_nor_equal(user: User) -> None:
    words = ("study", "diff", "21", str(exported(user)), "--outputs")
    done = user.types(*words)
    assert done.code == 0
    assert "Carbon.emissions" in done.err
    checked = user.types(*words, "--exit-code", "--quiet", "-F", "json")
    assert (checked.code, checked.kind, json.loads(checked.out)) == (8, "no_value", [])


@pytest.mark.slow
def test_outputs_of_a_copy_that_never_ran_are_not_equal(user: User) -> None:
    assert user.types("calc", "run", "21", "--quiet").code == 0
    assert user.types("study", "copy", "21", "other").code == 0
    words = ("study", "diff", "21", "other", "--exit-code", "--quiet", "-F", "json")
    assert user.types(*words).code == 0
    assert (user.types(*words, "--outputs").code, user.types(*words, "--outputs", "--match", "gamma").code) == (8, 0)
    user.types("param", "set", "other", "Macro.gamma=0.4")
    assert user.types(*words, "--outputs").code == 9


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (TOML, '"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.31 '),
        (TOML, '"Macro.shares" = {"coal" = 0.4', '"Macro.shares" = {"coal" = 0.5'),
        ("data/Macro.population.csv", "7870.5", "7871.5"),
    ],
)
def test_outputs_of_edited_inputs_are_not_compared(user: User, file: str, old: str, new: str) -> None:
    folder = exported(user, "dice", "--outputs")
    copy = edited(folder, old, new, file)
    for sides in ((folder, copy), (copy, "21")):
        words = ("study", "diff", *map(str, sides), "--outputs", "-F", "json")
        assert len(json.loads(user.types(*words).out)) == 1
        done = user.types(*words, "--match", "Damage*", "--exit-code")
        assert (done.code, done.kind, json.loads(done.out)) == (8, "no_value", [])
        assert str(copy) in done.err
    assert user.types("study", "diff", str(copy), str(copy), "--outputs", "--exit-code").code == 8


def test_uncompared_outputs_are_noted_beside_differences(user: User) -> None:
    folder = exported(user, "dice", "--outputs")
    copy = edited(folder, '"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.31 ')
    words = ("study", "diff", str(copy), "21", "--outputs")
    plain, checked = user.types(*words), user.types(*words, "--exit-code")
    assert (plain.code, checked.code) == (0, 9)
    assert (checked.out, checked.err) == (plain.out, plain.err)


def test_outputs_of_applied_inputs_are_not_compared(user: User) -> None:
    """The manifest has the applied values then, but the outputs are those of the export."""
    folder = exported(user, "dice", "--outputs")
    copy = edited(folder, '"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.31 ')
    assert user.types("study", "apply", str(copy), "21").code == 0
    assert user.types("calc", "run", "21").code == 0
    assert user.types("study", "diff", str(copy), "21", "--exit-code").code == 0
    assert user.types("study", "diff", str(copy), "21", "--exit-code", "--outputs").code == 8


@pytest.mark.parametrize("change", ["number", "comment", "removed", "line_ends"])
def test_outputs_are_compared_if_the_inputs_mean_the_same(user: User, change: str) -> None:
    folder = exported(user, "dice", "--outputs")
    toml, table = folder / TOML, folder / "data" / "Macro.population.csv"
    if change == "line_ends":
        table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n"))
    else:
        lines = {"number": '"Macro.gamma" = 3e-1', "comment": '"Macro.gamma" = 0.3  # mine', "removed": ""}
        text = toml.read_text(encoding="utf-8")
        [line] = [line for line in text.splitlines() if line.startswith('"Macro.gamma"')]
        toml.write_text(text.replace(line, lines[change]), encoding="utf-8")
    done = user.types("study", "diff", str(folder), "21", "--outputs", "--exit-code", "--match", "Damage*")
    assert done.code == 0, done.err


def test_export_of_an_earlier_version_detects_edits(user: User) -> None:
    folder = exported(user, "dice", "--outputs")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["inputs_of_outputs"]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert user.types("study", "diff", str(folder), "21", "--outputs", "--exit-code").code == 0
    copy = edited(folder, '"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.31 ')
    words = ("--outputs", "--exit-code", "--match", "Damage*")
    assert user.types("study", "diff", str(copy), "21", *words).code == 8


def test_outputs_of_two_sides_without_values_are_not_equal(user: User) -> None:
    folder = exported(user)
    assert user.types("study", "diff", str(folder), str(folder), "--exit-code").code == 0
    assert user.types("study", "diff", str(folder), str(folder), "--exit-code", "--outputs").code == 8


@pytest.mark.parametrize("server", QUICK_WITH_READ_ONLY_MODE)
def test_removed_line_is_on_one_side_only(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    folder = edited(exported(user), '"Macro.gamma" = 0.3  # float, -\n', "")
    assert [(row["key"], row["change"]) for row in differing(user, 21, folder)] == [("Macro.gamma", "only in A")]
    assert [(row["key"], row["change"]) for row in differing(user, folder, 21)] == [("Macro.gamma", "only in B")]


def test_unreadable_parameter_is_a_note(user: User) -> None:
    done = user.types("study", "diff", "21", str(exported(user)), "--exit-code")
    assert (done.code, "Macro.matrix" in done.err) == (0, True)


def test_failed_download_is_a_server_fault(user: User) -> None:
    folder = edited(exported(user), "7870.5", "8000", "data/Macro.population.csv")
    user.world.faults.arm(Fault("status", method="POST", path="download", status=500, count=99))
    done = user.types("study", "diff", "21", str(folder), "--exit-code")
    assert (done.code, "Macro.population" in done.err) == (7, True)


@pytest.mark.parametrize(
    ("key", "value"),
    mostly_slow(
        [
            ("Macro.region_names", ["nan", "x"]),
            ("Macro.region_names", ["1", "None", "", "True", None]),
            ("Macro.targets", [1.0, math.inf]),
            ("Macro.targets", [-math.inf, math.nan]),
            ("Macro.targets", [1, 2.5, True]),
            ("Macro.targets", []),
            ("Macro.nested", {"A": {"x": math.nan}, "B": {"x": math.inf}}),
            ("Macro.nested", {"A": {"x": -math.inf}}),
            ("Macro.nested", {"A": math.inf, "B": -math.inf}),
            ("Macro.nested", {'a,"b\n': {"c'": "d\r\n", "e": [1, [2.5]]}}),
        ],
        6,
    ),
)
def test_download_equals_read_only_mode(user53: User, key: str, value: object) -> None:
    study = user53.world.studies[21]
    study.values[key] = value
    study.read_only = Results(dict(study.values), study.pace.now(), study.values)
    before = exported(user53, "before")
    assert user53.types("param", "set", "21", "dice.Macro.gamma=0.4").code == 0
    assert [row["key"] for row in differing(user53, before, 21)] == ["Macro.gamma"]
    assert differing(user53, exported(user53, "after"), 21) == []


@pytest.mark.slow
@pytest.mark.parametrize(("key", "value"), [slow("Macro.note", "a\ud800b"), ("Macro.region_names", ["\udfff"])])
def test_lone_surrogate_is_compared(user: User, key: str, value: object) -> None:
    user.world.studies[21].values[key] = value
    assert differing(user, 21, exported(user)) == []


@pytest.mark.slow
def test_empty_tables_are_compared(user: User) -> None:
    before = exported(user, "before")
    user.world.studies[21].values["Macro.population"] = Table(("years", "population"), ())
    assert differing(user, 21, exported(user)) == []
    assert [row["key"] for row in differing(user, before, 21)] == ["Macro.population"]


# Terminal ----------------------------------------------------------------------------------------------


def shown(user: User, a: object, b: object, **environ: str) -> list[str]:
    """Return the lines of the table on a terminal."""
    return user.types("study", "diff", str(a), str(b), tty=True, **environ).out.splitlines()


def test_terminal_shows_old_and_new_values_of_each_part(user: User) -> None:
    folder = exported(user)
    words = ("Macro.gamma=0.4", 'Macro.shares={"coal": 0.5, "wind": 0.7}')
    assert user.types("param", "set", "21", *words).code == 0
    header, *lines = shown(user, folder, 21, NO_COLOR="1", COLUMNS="200")
    assert header.split()[:2] == ["parameter", "type"]
    assert header.endswith(f"{folder} → study 21")
    assert [line.split() for line in lines] == [
        ["Macro.gamma", "float", "0.3", "→", "0.4"],
        ["Macro.shares", "dict", ".coal:", "0.4", "→", "0.5"],
        [".wind:", "0.6", "→", "0.7"],
    ]


def test_terminal_shows_the_first_cells_of_a_table(user: User) -> None:
    folder = exported(user)
    table = folder / "data" / "Macro.population.csv"
    text = table.read_text(encoding="utf-8")
    changed = [line if number == 0 else f"{line}1" for number, line in enumerate(text.splitlines())]
    other = edited(folder, text, "\n".join(changed) + "\n", "data/Macro.population.csv")
    _, first, *others = shown(user, folder, other, NO_COLOR="1", COLUMNS="200")
    assert first.split()[:5] == ["Macro.population", "dataframe", "row", "1,", "population:"]
    assert len(others) == 5
    assert "6 more" in others[-1]


def test_parameter_of_one_side_is_absent_on_the_other(user: User) -> None:
    folder = exported(user)
    other = edited(folder, '"Macro.gamma" = 0.3', "")
    assert "0.3 → absent" in shown(user, folder, other, NO_COLOR="1", COLUMNS="200")[1]


def test_equal_sides_have_no_table(user: User) -> None:
    assert shown(user, 21, 21) == []


def test_input_that_only_one_source_lists_is_not_compared(user_of: Callable[..., User]) -> None:
    """A load, and the names in the cache from one, lack inputs that are not editable. Read-only mode has them."""
    user = user_of()
    folder = str(user.folder / "dice")
    assert user.types("study", "export", "21", folder).code == 0
    assert user.types("param", "list", "22").code == 0
    user53 = user_of("5.3")
    for sides in (("21", "22"), ("22", "21"), ("21", folder)):
        done = user53.types("study", "diff", *sides, "--exit-code")
        assert (done.code, "Macro.locked" in done.err) == (0, True), done.out
