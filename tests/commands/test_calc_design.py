"""`sostrades calc design`: a space becomes a table of cases that a sweep takes unchanged."""

from __future__ import annotations

import csv
import itertools
import json
import sys
import tomllib
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from conftest import mostly_slow, slow

from server_stub.model import Parameter
from server_stub.world import Right
from server_stub.worlds.demo import finished
from server_stub.worlds.dice import DICE
from sostrades_cli.operations.calc.design.table import digest_of_cells
from sostrades_cli.operations.tables.table_file import numbered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome, User

    from server_stub.model import Model
    from server_stub.study import Study

GAMMA = '"Macro.gamma" = {range = [0.1, 0.5]}\n'
TWO = GAMMA + '"Macro.periods" = {range = [2, 5]}\n'
THREE = TWO + '"Macro.savings_rate" = {}\n'
RANDOM = ("lhs", "sobol", "halton", "morris", "saltelli")


def design(user: User, space: str, *words: str, into: str = "cases.csv") -> Outcome:
    """Write a space and make a design for study 21."""
    (user.folder / "space.toml").write_text(space, encoding="utf-8")
    return user.types("calc", "design", "21", str(user.folder / "space.toml"), "-o", str(user.folder / into), *words)


def add(user: User, number: int, name: str, model: Model, past: Callable[[Study], None] | None) -> None:
    """Add a study with a run in the past, or none."""
    user.world.add_study(number, name, model, dict.fromkeys(user.world.users.values(), Right.OWNER), past)


def cells(user: User, name: str = "cases.csv") -> list[list[str]]:
    """Return the rows of a table without its header."""
    with (user.folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def column(user: User, index: int, name: str = "cases.csv") -> list[float]:
    """Return a column of numbers; 0 is the name of the case."""
    return [float(row[index]) for row in cells(user, name)]


def origin(user: User, name: str = "cases.design.json") -> Any:
    """Return the side file."""
    return json.loads((user.folder / name).read_text(encoding="utf-8"))


def sweep(user: User, *words: str) -> list[dict[str, str]]:
    """Sweep the cases and return the rows of the results."""
    (user.folder / "results.csv").unlink(missing_ok=True)
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    done = user.types("calc", "sweep", "21", *files, "--collect", "Damage.total_damage", *words)
    assert done.code == 0, done.err
    with (user.folder / "results.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# The methods ----------------------------------------------------------------------------------------


def test_lhs_has_one_case_in_each_stratum(user: User) -> None:
    assert design(user, GAMMA + '"Macro.savings_rate" = {}\n', "-n", "20", "--seed", "1").code == 0
    for index, low, high in ((1, 0.1, 0.5), (2, 0.0, 1.0)):
        strata = [int((value - low) / (high - low) * 20) for value in column(user, index)]
        assert sorted(strata) == list(range(20))


@pytest.mark.parametrize("method", ["sobol", "halton"])
def test_sequence_has_one_case_in_each_half_quarter_and_eighth(user: User, method: str) -> None:
    """The first parameter of both has the base 2."""
    design(user, TWO, "-n", "8", "--seed", "1", "--method", method)
    assert sorted(int((value - 0.1) / 0.4 * 8) for value in column(user, 1)) == list(range(8))


def test_grid_has_every_combination_of_levels(user: User) -> None:
    """The levels of a range include both ends; choices are the levels of a text."""
    design(user, TWO + '"Macro.scenario" = {}\n"Macro.use_damage" = {}\n', "--method", "grid", "-n", "3")
    levels = (["0.1", "0.3", "0.5"], ["2", "4", "5"], ["cloudy", "sunny", "rainy"], ["true", "false"])
    assert [tuple(row[1:]) for row in cells(user)] == list(itertools.product(*levels))
    assert [row[0] for row in cells(user)] == [str(number) for number in range(1, 55)]


def test_grid_of_few_integers_has_each_once(user: User) -> None:
    design(user, '"Macro.periods" = {range = [2, 5]}\n', "--method", "grid", "-n", "10")
    assert column(user, 1) == [2, 3, 4, 5]


def test_grid_of_choices_needs_no_number(user: User) -> None:
    assert design(user, '"Macro.scenario" = {}\n', "--method", "grid").code == 0
    assert len(cells(user)) == 3


def test_oat_changes_one_parameter_at_a_time(user: User) -> None:
    """The other cells are blank, so that they keep the values of the study."""
    design(user, TWO, "--method", "oat", "-n", "3")
    assert cells(user) == [
        ["base", "", ""],
        *([f"Macro.gamma {number}", cell, ""] for number, cell in enumerate(("0.1", "0.3", "0.5"), 1)),
        *([f"Macro.periods {number}", "", cell] for number, cell in enumerate(("2", "4", "5"), 1)),
    ]


def test_morris_changes_one_parameter_per_step_of_a_trajectory(user: User) -> None:
    """A trajectory has a row more than there are parameters."""
    design(user, THREE, "--method", "morris", "-n", "5", "--seed", "1")
    rows = [row[1:] for row in cells(user)]
    assert len(rows) == 5 * (3 + 1)
    for start in range(0, len(rows), 4):
        steps = itertools.pairwise(rows[start : start + 4])
        changed = [[index for index in range(3) if before[index] != after[index]] for before, after in steps]
        assert sorted(changed) == [[0], [1], [2]]


@pytest.mark.parametrize("n", [1, 8])
def test_saltelli_mixes_two_base_samples(user: User, n: int) -> None:
    """There are 2d + 2 rows per base sample, which second-order indices need."""
    design(user, THREE, "--method", "saltelli", "-n", str(n), "--seed", "1")
    rows = [row[1:] for row in cells(user)]
    assert len(rows) == n * (2 * 3 + 2)
    for start in range(0, len(rows), 8):
        first, *mixed, second = rows[start : start + 8]
        for index in range(3):
            assert mixed[index] == [*first[:index], second[index], *first[index + 1 :]]
            assert mixed[3 + index] == [*second[:index], first[index], *second[index + 1 :]]


@pytest.mark.parametrize("method", RANDOM)
def test_seed_repeats_a_design(user: User, method: str) -> None:
    for name, seed in (("a.csv", "7"), ("b.csv", "7"), ("c.csv", "8")):
        design(user, THREE, "--method", method, "-n", "4", "--seed", seed, into=name)
    assert (user.folder / "a.csv").read_bytes() == (user.folder / "b.csv").read_bytes()
    assert {**origin(user, "a.design.json"), "file": "b.csv"} == origin(user, "b.design.json")
    assert cells(user, "a.csv") != cells(user, "c.csv")


def test_random_seed_is_recorded(user: User) -> None:
    """With it, the design can be repeated."""
    design(user, THREE, "-n", "4")
    design(user, THREE, "-n", "4", "--seed", str(origin(user)["seed"]), into="again.csv")
    assert cells(user) == cells(user, "again.csv")


def test_integers_of_a_range_are_equally_frequent(user: User) -> None:
    design(user, '"Macro.periods" = {range = [2, 5]}\n', "-n", "40", "--seed", "1")
    assert Counter(row[1] for row in cells(user)) == dict.fromkeys("2345", 10)


def test_choices_are_equally_frequent(user: User) -> None:
    design(user, '"Macro.scenario" = {}\n', "-n", "30", "--seed", "1")
    assert Counter(row[1] for row in cells(user)) == dict.fromkeys(("cloudy", "sunny", "rainy"), 10)


def test_int_of_a_distribution_is_whole_and_within_the_range_of_the_study(user: User) -> None:
    design(user, '"Macro.start_year" = {distribution = "normal", mean = 2195, std = 10}\n', "-n", "50", "--seed", "1")
    years = [int(row[1]) for row in cells(user)]
    assert (max(years) <= 2200, min(years) > 2150, len(set(years)) > 10) == (True, True, True)


def test_sample_without_balance_is_noted(user: User) -> None:
    assert "-n 8" in design(user, GAMMA, "--method", "sobol", "-n", "6").err
    assert "-n 16" not in design(user, GAMMA, "--method", "sobol", "-n", "8", into="b.csv").err


# Cases of a sweep -----------------------------------------------------------------------------------


def test_sweep_runs_exactly_the_cases_of_a_design(user: User) -> None:
    """Every float of the results is that of the design."""
    design(user, THREE, "-n", "3", "--seed", "1")
    results = sweep(user)
    assert [list(row.values())[:4] for row in results] == cells(user)


def test_sweep_can_be_resumed_on_other_studies(user: User) -> None:
    """The columns have no study name."""
    add(user, 31, "copy", DICE, finished)
    design(user, TWO, "-n", "3", "--seed", "1")
    first = sweep(user)
    assert sweep(user, "--resume", "--studies", "21,31", "--read-timeout", "10m") == first


CHOICES = [
    ("note", ["a, b ☃", '"quoted"', "@handle", " x", "two\nlines"]),
    ("gamma", [0.1, 1, 1e-300]),
    ("periods", [3, 4.0]),
    ("use_damage", [True, False]),
    ("targets", [[1.5, 2.5], []]),
    ("shares", [{"sun": 1.0}, {"wind": 0.1, "sun": 0.9}]),
    ("weights", [[1.0, 0.30000000000000004]]),
]


@pytest.mark.parametrize(("name", "choices"), mostly_slow(CHOICES, 7))
def test_sweep_reads_each_choice_as_it_is(user: User, name: str, choices: list[Any]) -> None:
    lines = [_toml(choice) for choice in choices]
    done = design(user, f'"Macro.{name}" = {{choices = [{", ".join(lines)}]}}\n', "--method", "grid")
    assert done.code == 0, done.err
    shown = [row[f"Macro.{name}"] for row in sweep(user)]
    if name not in {"note", "weights"}:
        assert [json.loads(cell) for cell in shown] == choices
    elif name == "note":
        assert shown == choices
    assert len(shown) == len(choices)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("folder", ["", "tables"])
def test_files_of_the_space_are_found_from_the_cases(user: User, folder: str) -> None:
    """Their paths are relative to the space, and those of cells to the table of cases."""
    position = user.folder / folder
    position.mkdir(exist_ok=True)
    (position / "small.csv").write_text("years,population\n2020,80.0\n")
    space = position / "tables.toml"
    space.write_text('"Macro.population" = {choices = ["@small.csv"]}\n')
    cases = user.folder / "cases.csv"
    assert user.types("calc", "design", "21", str(space), "--method", "grid", "-o", str(cases)).code == 0
    assert cells(user)[0][1].startswith("@")
    assert sweep(user)[0]["status"] == "FINISHED"


def test_reserved_column_has_the_full_name(user: User) -> None:
    """A sweep has its own columns `status` and `cause`."""
    model = replace(DICE, parameters=(*DICE.parameters, Parameter("status", "float", 0.5)))
    add(user, 40, "odd", model, finished)
    (user.folder / "space.toml").write_text('status = {range = [0.1, 0.5]}\n"Macro.gamma" = {range = [0.1, 0.5]}\n')
    files = (str(user.folder / "space.toml"), "-o", str(user.folder / "cases.csv"))
    done = user.types("calc", "design", "40", *files, "-n", "2")
    assert done.code == 0, done.err
    assert list(origin(user)["space"]) == ["odd.status", "Macro.gamma"]
    results = ("-o", str(user.folder / "results.csv"), "--collect", "Damage.total_damage")
    assert user.types("calc", "sweep", "40", str(user.folder / "cases.csv"), *results).code == 0


def test_study_that_never_ran_shows_no_ranges(user: User) -> None:
    add(user, 40, "new", DICE, None)
    (user.folder / "space.toml").write_text('"Macro.savings_rate" = {}\n')
    files = (str(user.folder / "space.toml"), "-o", str(user.folder / "cases.csv"))
    done = user.types("calc", "design", "40", *files, "-n", "2")
    assert (done.code, done.kind) == (2, "invalid_file")


# The side file --------------------------------------------------------------------------------------


def test_side_file_records_the_origin(user: User) -> None:
    space = GAMMA + '"Macro.scenario" = {}\n"Macro.savings_rate" = {distribution = "normal", mean = 0.3, std = 0.1}\n'
    design(user, space, "--method", "saltelli", "-n", "4", "--seed", "9")
    record = origin(user)
    assert record["space"] == {
        "Macro.gamma": {"range": [0.1, 0.5]},
        "Macro.scenario": {"choices": ["cloudy", "sunny", "rainy"]},
        "Macro.savings_rate": {"distribution": "normal", "mean": 0.3, "std": 0.1, "low": 0.0, "high": 1.0},
    }
    assert {name: record[name] for name in ("method", "n", "seed", "study", "salib")} == {
        "method": "saltelli",
        "n": 4,
        "seed": 9,
        "study": 21,
        "salib": {"calc_second_order": True},
    }
    assert set(record["versions"]) == {"sostrades", "numpy", "scipy", "SALib"}
    header = ["case", *record["space"]]
    assert record["cases"] == {"rows": 32, "sha256": digest_of_cells(header, cells(user))}


def test_morris_points_are_recorded(user: User) -> None:
    """The cells of choices do not show them."""
    design(user, GAMMA + '"Macro.scenario" = {}\n', "--method", "morris", "-n", "2")
    points = origin(user)["points"]
    assert [repr(0.1 * (1 - point[0]) + 0.5 * point[0]) for point in points] == [row[1] for row in cells(user)]


def test_grid_has_neither_seed_nor_libraries(user: User) -> None:
    done = design(user, TWO, "--method", "grid", "-n", "2", "--seed", "3")
    assert (done.code, origin(user)["seed"], set(origin(user)["versions"])) == (0, None, {"sostrades"})
    assert "--seed" in done.err


@pytest.mark.parametrize("name", ["cases.csv", "cases.design.json"])
def test_existing_file_is_replaced_only_with_overwrite(user: User, name: str) -> None:
    (user.folder / name).write_text("mine")
    done = design(user, TWO, "-n", "2")
    assert (done.code, done.kind, user.requests) == (2, "file_conflict", [])
    assert (user.folder / name).read_text() == "mine"
    assert design(user, TWO, "-n", "2", "--overwrite").code == 0
    assert (len(cells(user)), origin(user)["n"]) == (2, 2)


@pytest.mark.parametrize("other", ["cases.xlsx", "cases.parquet"])
def test_record_of_another_table_is_named(user: User, other: str) -> None:
    """Both tables would have the same side file."""
    assert design(user, TWO, "-n", "2", into=other).code == 0
    before = origin(user)
    done = design(user, TWO, "-n", "4")
    assert (done.code, done.kind, origin(user)) == (2, "file_conflict", before)
    assert done.error is not None
    assert other in done.error.message
    assert "cases-2.csv" in str(done.error.hint)
    assert not (user.folder / "cases.csv").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"file": 3}', '{"file": "cases.csv"}'])
def test_record_of_no_other_table_is_an_existing_file(user: User, text: str) -> None:
    (user.folder / "cases.design.json").write_text(text)
    done = design(user, TWO, "-n", "2")
    assert (done.code, done.kind, "--overwrite" in done.err) == (2, "file_conflict", True)


# Invalid spaces -------------------------------------------------------------------------------------

INVALID = [
    ('"Macro.gamma" = {range = [0.5, 0.1]}', "invalid_file"),
    ('"Macro.gamma" = {range = [0.5, 0.5]}', "invalid_file"),
    ('"Macro.gamma" = {range = [0.5, inf]}', "invalid_file"),
    ('"Macro.gamma" = {range = [true, false]}', "invalid_file"),
    ('"Macro.gamma" = {range = [0.1, 0.5], choices = [1.0]}', "invalid_file"),
    ('"Macro.gamma" = {ranges = [0.1, 0.5]}', "invalid_file"),
    ('"Macro.gamma" = {choices = []}', "invalid_file"),
    ('"Macro.gamma" = {choices = [0.1, 0.1]}', "invalid_file"),
    ('"Macro.gamma" = {choices = ["high"]}', "invalid_value"),
    ('"Macro.gamma" = {choices = [nan]}', "invalid_value"),
    ('"Macro.gamma" = [0.1, 0.5]', "invalid_file"),
    ('"Macro.gamma" = {range = [0,1; 0,5]}', "invalid_file"),
    ('"Macro.gamma" = {}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "gamma"}', "invalid_file"),
    ('"Macro.gamma" = {distribution = ["normal"]}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "normal", mean = 0.3}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "normal", mean = 0.3, std = 0}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "normal", mean = 0.3, std = "wide"}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "normal", mean = 0.3, std = 0.1, mode = 1}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "uniform"}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "uniform", low = 2, high = 1}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "loguniform", low = 0, high = 1}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "lognormal", mu = 0, sigma = 1, high = -1}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "triangular", low = 0, mode = 2, high = 1}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "lognormal", mu = 1000, sigma = 1}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "normal", mean = 1e308, std = 1.7e308}', "invalid_file"),
    ('"Macro.gamma" = {distribution = "triangular", low = -1.7e308, mode = 0, high = 1.7e308}', "invalid_file"),
    ('"Macro.savings_rate" = {range = [0.5, 1.5]}', "invalid_value"),
    ('"Macro.savings_rate" = {choices = [0.5, 1.5]}', "invalid_value"),
    ('"Macro.savings_rate" = {distribution = "normal", mean = 0.3, std = 1, high = 2}', "invalid_value"),
    ('"Macro.scenario" = {choices = ["foggy"]}', "invalid_value"),
    ('"Macro.note" = {choices = [" "]}', "invalid_value"),
    ('"Macro.note" = {choices = ["a\\u0000b"]}', "invalid_file"),
    ('"Macro.note" = {choices = [2020-01-01]}', "invalid_value"),
    ('"Macro.note" = {range = [1, 2]}', "invalid_value"),
    ('"Macro.periods" = {range = [1.5, 3]}', "invalid_value"),
    ('"Macro.periods" = {distribution = "uniform", low = 1.5, high = 3}', "invalid_value"),
    ('"Macro.population" = {choices = ["@missing.csv"]}', "invalid_file"),
    ('"Macro.population" = {choices = [1.0]}', "invalid_value"),
    ('"Macro.shares.coal" = {range = [0.0, 1.0]}', "usage"),
    ('"Macro.gamma" = {range = [0.1, 0.5]}\n"dice.Macro.gamma" = {range = [0.1, 0.5]}', "invalid_file"),
    ("gamma", "invalid_file"),
    ("# nothing", "invalid_file"),
]


def test_decimal_comma_in_a_space_is_named_with_its_line(user: User) -> None:
    done = design(user, GAMMA + '"Macro.savings_rate" = {distribution = "normal", mean = 0,3, std = 0.1}\n', "-n", "4")
    assert (done.code, done.kind) == (2, "invalid_file")
    assert "line 2, Macro.savings_rate" in done.err
    assert "mean = 0.3, std" in done.err


@pytest.mark.parametrize(("space", "kind"), mostly_slow(INVALID, 3))
def test_invalid_space_is_a_usage_error(user: User, space: str, kind: str) -> None:
    """Nothing is written, and the error says what to type."""
    done = design(user, f"{space}\n", "-n", "4")
    assert (done.code, done.kind) == (2, kind), done.err
    assert done.error is not None
    assert done.error.hint
    assert sorted(path.name for path in user.folder.glob("*.*")) == ["space.toml"]


def test_all_invalid_parameters_are_reported(user: User) -> None:
    space = GAMMA + '"Macro.savings_rate" = {range = [0.5, 1.5]}\n"Macro.scenario" = {choices = ["foggy"]}\n'
    done = design(user, space, "-n", "4")
    assert done.error is not None
    assert (done.code, len(done.error.causes)) == (2, 2)


def test_unknown_parameter_is_not_found(user: User) -> None:
    done = design(user, '"Macro.gama" = {range = [0.1, 0.5]}\n', "-n", "4")
    assert (done.code, done.kind) == (5, "not_found")


def test_missing_space_is_a_usage_error(user: User) -> None:
    done = user.types("calc", "design", "21", str(user.folder / "x.toml"), "-n", "4", "-o", str(user.folder / "c.csv"))
    assert (done.code, done.kind, user.requests) == (2, "invalid_file", [])


@pytest.mark.parametrize("method", ["grid", "oat", "morris"])
def test_distribution_without_limits_has_no_levels(user: User, method: str) -> None:
    space = '"Macro.gamma" = {distribution = "normal", mean = 0.3, std = 0.1}\n'
    done = design(user, space, "-n", "8", "--seed", "1", "--method", method)
    assert (done.code, done.kind) == (2, "usage")
    limited = space.replace("}", ", low = 0.1, high = 0.5}")
    assert design(user, limited, "-n", "8", "--seed", "1", "--method", method).code == 0
    assert {"0.1", "0.5"} <= {row[1] for row in cells(user)}


OPTIONS: list[tuple[str, ...]] = [
    (),
    ("-n", "0"),
    ("-n", "1", "--method", "grid"),
    ("-n", "100001"),
    ("-n", "1000000000000", "--method", "oat"),
    ("-n", "400", "--method", "grid"),
    ("-n", "4", "--seed", "-1"),
    ("-n", "4", "--init"),
    ("-n", "4", "--safe-csv"),
    ("-n", "4", "--method", "random"),
]


@pytest.mark.parametrize("words", OPTIONS)
def test_invalid_options_are_usage_errors(user: User, words: tuple[str, ...]) -> None:
    done = design(user, THREE, *words)
    assert (done.code, done.kind) == (2, "usage"), done.err
    assert not (user.folder / "cases.csv").exists()


@pytest.mark.parametrize("words", [(), ("-o", "-")])
def test_design_needs_a_file(user: User, words: tuple[str, ...]) -> None:
    (user.folder / "space.toml").write_text(GAMMA)
    done = user.types("calc", "design", "21", str(user.folder / "space.toml"), "-n", "4", *words)
    assert (done.code, done.kind) == (2, "usage")


@pytest.mark.parametrize(("method", "module"), [("lhs", "scipy"), ("morris", "SALib")])
def test_missing_library_is_reported_before_the_first_request(
    user: User, monkeypatch: pytest.MonkeyPatch, method: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    done = design(user, GAMMA, "-n", "8", "--seed", "1", "--method", method)
    assert done.error is not None
    assert (done.kind, "[design]" in str(done.error.hint), user.requests) == ("extra_missing", True, [])


def test_grid_needs_no_library(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert design(user, GAMMA, "-n", "4", "--method", "grid").code == 0


# The space of a study -------------------------------------------------------------------------------


def initial(user: User, study: str = "21", *words: str) -> Outcome:
    """Write the space of a study."""
    return user.types("calc", "design", study, str(user.folder / "space.toml"), "--init", *words)


def test_initial_space_has_the_ranges_and_choices_of_the_study(user: User) -> None:
    done = initial(user)
    path: Path = user.folder / "space.toml"
    assert (done.code, done.out) == (0, f"{path}\n")
    assert tomllib.loads(path.read_text(encoding="utf-8")) == {
        "Macro.savings_rate": {"range": [0.0, 1.0]},
        "Macro.scenario": {"choices": ["cloudy", "sunny", "rainy"]},
        "Macro.start_year": {"range": [1950, 2200]},
    }


def test_initial_space_of_a_study_that_never_ran_has_only_comments(user: User) -> None:
    add(user, 40, "new", DICE, None)
    assert "finished run" in initial(user, "40").err
    text = (user.folder / "space.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}
    assert '# "Macro.savings_rate" = {range = [0.25, 0.25]}' in text


def test_first_cases_are_shown_at_a_terminal(user: User) -> None:
    (user.folder / "space.toml").write_text(TWO)
    files = (str(user.folder / "space.toml"), "-o", str(user.folder / "cases.csv"))
    shown = user.types("calc", "design", "21", *files, "--method", "grid", "-n", "4", tty=True).out
    assert len(shown.splitlines()) == 1 + 5 + 1
    assert "5 of 16" in shown.splitlines()[-1]
    assert len(cells(user)) == 16


def test_initial_space_gives_a_design(user: User) -> None:
    initial(user)
    cases = str(user.folder / "cases.csv")
    assert user.types("calc", "design", "21", str(user.folder / "space.toml"), "-n", "4", "-o", cases).code == 0
    assert len(sweep(user)) == 4


def test_comments_of_the_initial_space_have_the_present_values(user: User) -> None:
    """They are valid without their first characters. Parameters without a value have no line."""
    initial(user)
    lines = (user.folder / "space.toml").read_text(encoding="utf-8").splitlines()
    comments = [line.removeprefix("# ") for line in lines if line.startswith('# "')]
    parsed = tomllib.loads("\n".join(comments))
    assert parsed["Macro.gamma"] == {"range": [0.3, 0.3]}
    assert parsed["Macro.use_damage"] == {"choices": [True, False]}
    assert parsed.keys().isdisjoint({"Macro.no_limit", "Macro.remark"})
    assert not {key for key in parsed if key.endswith(("tolerance", "linearization_mode"))}


def test_existing_space_is_kept(user: User) -> None:
    (user.folder / "space.toml").write_text("mine")
    done = initial(user)
    assert (done.code, done.kind, user.requests) == (2, "file_conflict", [])
    assert initial(user, "21", "--overwrite").code == 0


@pytest.mark.parametrize("words", [("-n", "3"), ("--seed", "3"), ("-o", "cases.csv")])
def test_options_of_a_design_are_rejected_with_init(user: User, words: tuple[str, ...]) -> None:
    assert (initial(user, "21", *words).code, (user.folder / "space.toml").exists()) == (2, False)


@pytest.mark.parametrize("server", ["documented", slow("5.0"), "5.3"])
def test_design_works_on_each_server(user_of: Callable[..., User], server: str) -> None:
    user = user_of(server)
    assert initial(user).code == 0
    assert design(user, TWO, "-n", "2").code == 0
    assert sweep(user)[1]["status"] == "FINISHED"


THREE_KINDS = '"Macro.gamma" = {range = [0.0, 1.0]}\n"Macro.periods" = {range = [5, 20]}\n"Macro.use_damage" = {}\n'


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_digest_does_not_depend_on_the_format(user: User, form: str) -> None:
    assert design(user, THREE_KINDS, "--method", "grid", "-n", "2", into=f"cases.{form}").code == 0
    header, *rows = [row for _, row in numbered(user.folder / f"cases.{form}")]
    recorded = json.loads((user.folder / "cases.design.json").read_text())["cases"]
    assert recorded == {"rows": 8, "sha256": digest_of_cells(header, rows)}


def test_workbook_of_a_design_has_numbers(user: User) -> None:
    assert design(user, THREE_KINDS, "-n", "4", "--seed", "1", into="cases.xlsx").code == 0
    frame = pd.read_excel(user.folder / "cases.xlsx", engine="calamine")
    assert [frame[name].dtype.kind for name in ("Macro.gamma", "Macro.periods", "Macro.use_damage")] == ["f", "i", "b"]


def test_blank_cells_of_parquet_cases_leave_columns_of_numbers(user: User) -> None:
    """The blank cells keep the values of the study, in a sweep of the file, too."""
    design(user, TWO, "--method", "oat", "-n", "2", into="cases.parquet")
    types = pd.read_parquet(user.folder / "cases.parquet").dtypes
    assert [str(types[name]) for name in ("Macro.gamma", "Macro.periods")] == ["Float64", "Int64"]
    files = (str(user.folder / "cases.parquet"), "-o", str(user.folder / "results.csv"))
    assert user.types("calc", "sweep", "21", *files, "--collect", "Damage.total_damage").code == 0
