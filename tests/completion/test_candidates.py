"""Test the candidates for each position of a command line. They come from local files only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from completion.shells import lines, offered
from structures import structure

from sostrades_cli.local.cache import CachedChart, CachedParameter, StudyCache
from sostrades_cli.local.config_file import Folders

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User

HOST = "https://corp.example"
PARAMETERS = {
    "dice.Macro.gamma": CachedParameter("float", "-", "in", coupling=False),
    "dice.Macro.use_damage": CachedParameter("bool", None, "in", coupling=False),
    "dice.Macro.scenario": CachedParameter("string", None, "in", possible_values=("sunny", "rainy")),
    "dice.Macro.max_mda_iter": CachedParameter("int", "-", "in"),
    "dice.Macro.price": CachedParameter("float", "$/t", "in"),
    "dice.Macro.output": CachedParameter("dataframe", None, "out"),
    "dice.Energy mix.cost [$:MWh]": CachedParameter("float"),
    "dice.Energy mix.bad\nname": CachedParameter("float"),
}
CHARTS = [
    CachedChart("Macro", "Output per year", "line"),
    CachedChart("Macro", "Output table", "table"),
    CachedChart("Carbon", "Emissions", "area"),
    CachedChart("Damage", "Emissions", "bar"),
    CachedChart("Damage", "", "line"),
    CachedChart("Damage", "2", "line"),
    *[CachedChart("Twice", "Same", "pie")] * 2,
]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment with studies 21 and 23 in the cache, 21 with parameters and an alias."""
    folders = {f"SOSTRADES_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "CACHE", "STATE")}
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(
        f'[profiles.default]\nhost = "{HOST}"\n[profiles.default.aliases]\ndice = 21\n'
        '[profiles.test]\nhost = "https://test.example"\n'
    )
    cache = StudyCache(Folders(folders), HOST)
    cache.store(21, PARAMETERS)
    cache.store_charts(21, CHARTS)
    cache.mark_used(23)
    StudyCache(Folders(folders), "https://test.example").mark_used(77)
    return folders


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sostrades st", ["study", "stub"]),
        ("sostrades study lo", ["load", "logs"]),
        ("sostrades -q study lo", ["load", "logs"]),
        ("sostrades --profile test study load ", ["77"]),
        ("sostrades study load --profile=test ", ["77"]),
        ("sostrades study load --host https://test.example ", ["77"]),
        ("sostrades study load ", ["dice", "23", "21"]),
        ("sostrades study load 2", ["23", "21"]),
        ("sostrades calc watch 21 d", ["dice"]),
        ("sostrades calc sweep 21 cases.csv --studies 23,d", ["23,dice"]),
        ("sostrades study load --f", ["--format"]),
        ("sostrades study load -F js", ["json"]),
        ("sostrades study load -Fjson d", ["dice"]),
        ("sostrades study load --format=ta", ["--format=table"]),
        ("sostrades study load --profile ", ["default", "test"]),
        ("sostrades alias remove ", ["dice"]),
        ("sostrades alias remove --host https://test.example ", ["dice"]),
        ("sostrades config get al", ["allow_http"]),
        ("sostrades config get re", ["read_timeout"]),
        ("sostrades config set re", []),
        ("sostrades config set format js", ["json"]),
        ("sostrades config set allow_http ", ["yes", "no"]),
        ("sostrades config set host ", []),
        ("sostrades completion ", ["bash", "fish", "powershell", "zsh"]),
        (
            "sostrades param get dice Ma",
            ["Macro.gamma", "Macro.output", "Macro.price", "Macro.scenario", "Macro.use_damage"],
        ),
        ("sostrades param get 21 dice.Macro.g", ["dice.Macro.gamma"]),
        ("sostrades param get https://gui.example/study/21 Macro.g", ["Macro.gamma"]),
        ("sostrades param get 21 gam", ["gamma"]),
        ("sostrades param get 21 MACRO.G", ["Macro.gamma"]),
        ("sostrades param get 21 DICE.macro.G", ["dice.Macro.gamma"]),
        ("sostrades param get 21 GAM", ["gamma"]),
        ("sostrades param set 21 SCENARIO=r", ["SCENARIO=rainy"]),
        ("sostrades param set 21 macro.USE_DAMAGE=t", ["macro.USE_DAMAGE=true"]),
        ("sostrades param get 21 Macro.max", ["Macro.max_mda_iter"]),
        ("sostrades param get 21 Energy", ["Energy mix.cost [$:MWh]"]),
        ("sostrades param download 21 Macro.gamma Macro.o", ["Macro.output"]),
        ("sostrades param reset dice Macro.s", ["Macro.scenario"]),
        ("sostrades param set 21 Macro.o", []),
        ("sostrades param set 21 Macro.ga", ["Macro.gamma="]),
        ("sostrades param set 21 Macro.gamma=1 Macro.use", ["Macro.use_damage="]),
        ("sostrades param set 21 Macro.use_damage=", ["Macro.use_damage=true", "Macro.use_damage=false"]),
        ("sostrades param set 21 scenario=r", ["scenario=rainy"]),
        ("sostrades param set 21 Macro.gamma=", []),
        ("sostrades calc run 21 --set Macro.ga", ["Macro.gamma="]),
        ("sostrades calc sweep 21 c.csv --collect Macro.o", ["Macro.output"]),
        ("sostrades postproc show 21 Out", ["Output per year", "Output table"]),
        ("sostrades postproc open dice out", ["Output per year", "Output table"]),
        ("sostrades postproc show 21 Macro/O", ["Macro/Output per year", "Macro/Output table"]),
        ("sostrades postproc show 21 Carb", ["Carbon/Emissions"]),
        ("sostrades postproc show 21 Emis", []),
        ("sostrades postproc show 21 2", ["2"]),
        (
            "sostrades postproc show 21 ",
            ["Output per year", "Output table", "Carbon/Emissions", "Damage/Emissions", "5", "6", "7", "8"],
        ),
        ("sostrades postproc show 23 ", []),
        ("sostrades param get 23 Ma", []),
        ("sostrades study tree 21 ", ["Energy mix", "Macro"]),
        ("sostrades study tree 21 macro", ["Macro"]),
        ("sostrades param list 21 --node En", ["Energy mix"]),
        ("sostrades study tree 23 ", []),
        ("sostrades param list 21 --type ", ["bool", "dataframe", "float", "int", "string"]),
        ("sostrades param list 21 --type i", ["int"]),
        ("sostrades param list 23 --type d", ["dataframe", "dict"]),
        ("sostrades study load --type=b", ["--type=bool"]),
        ("sostrades param list 21 --unit ", ["$/t", "-"]),
        ("sostrades param set 21 price=2 --unit ", ["$/t", "-"]),
        ("sostrades param list 21 --sort k", ["kind"]),
        ("sostrades study docs 21 -F ", ["json", "md"]),
        ("sostrades study load --host ", ["https://corp.example", "https://test.example"]),
        ("sostrades postproc list 21 --match O", ["Output per year", "Output table"]),
        ("sostrades postproc list 21 --match ", ["Output per year", "Output table", "Emissions", "2", "Same"]),
        ("sostrades calc sweep 21 cases.csv --collect-charts Em", ["Emissions"]),
        ("sostrades param history 21 --match Macro.g", ["Macro.gamma"]),
        ("sostrades study diff 21 23 --match Macro.g", ["Macro.gamma"]),
        ("sostrades param list 21 --match Energy", ["Energy mix.cost [$:MWh]"]),
        ("sostrades calc optimize 21 space.toml --constraint Macro.g", ["Macro.gamma<=", "Macro.gamma>="]),
        ("sostrades calc optimize 21 space.toml --constraint Macro.gamma<=", []),
        ("sostrades calc design 21 space.toml --method s", ["sobol", "saltelli"]),
        ("sostrades stub --server 5", ["5.0", "5.3"]),
        ("sostrades param get nosuch Ma", []),
        ("sostrades study nosuch lo", ["load", "logs"]),
        ("sostrades --version st", ["study", "stub"]),
        ("sostrades study url 21 ", []),
        ("sostrades study load -- --f", []),
        ("/opt/bin/sostrades study lo", ["load", "logs"]),
    ],
)
def test_each_position_is_completed(environ: dict[str, str], line: str, expected: list[str]) -> None:
    assert offered(environ, line) == expected


def test_nodes_of_a_known_tree_are_offered(environ: dict[str, str]) -> None:
    """They include nodes without parameters."""
    cache = StudyCache(Folders(environ), HOST)
    cache.structures.store(23, '"1"', structure([("A", "B.C", "x")]).to_json())
    assert offered(environ, "sostrades study tree 23 ") == ["A", "B.C"]
    assert offered(environ, "sostrades study graph 23 --node b") == ["B.C"]
    cache.structures.store(23, '"1"', {"nodes": 1})
    assert offered(environ, "sostrades study tree 23 ") == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Macro.shares.", ["Macro.shares.coal=", "Macro.shares.wind="]),
        ("shares.w", ["shares.wind="]),
        ("Macro.rate.", []),
    ],
)
def test_entries_of_the_default_of_a_dict_are_offered(environ: dict[str, str], typed: str, expected: list[str]) -> None:
    shares = CachedParameter("dict", "-", "in", coupling=False, default=[{"coal": 0.4, "wind": 0.6}])
    known = {"dice.Macro.shares": shares, "dice.Macro.rate": CachedParameter("float", default=[0.1])}
    StudyCache(Folders(environ), HOST).store(21, known)
    assert offered(environ, f"sostrades param set 21 {typed}") == expected


def test_possible_values_of_a_list_are_not_offered(environ: dict[str, str]) -> None:
    """They apply to its elements."""
    choices = ("sunny", "rainy")
    cache = StudyCache(Folders(environ), HOST)
    cache.store(
        21,
        {f"dice.A.{kind}": CachedParameter(kind, None, "in", possible_values=choices) for kind in ("list", "string")},
    )
    assert offered(environ, "sostrades param set 21 A.list=") == []
    assert offered(environ, "sostrades param set 21 A.string=") == ["A.string=sunny", "A.string=rainy"]


def test_paths_are_left_to_the_shell(environ: dict[str, str]) -> None:
    assert lines(environ, "fish", ["sostrades", "study", "load", "21", "-o", "ta"]) == ["file,ta"]
    assert lines(environ, "fish", ["sostrades", "study", "apply", "di"]) == ["dir,di"]


def test_paths_within_a_word_are_listed(environ: dict[str, str], tmp_path: Path) -> None:
    """Shells complete only whole words, so paths after KEY=@ and --option= are listed here."""
    (tmp_path / "tables" / "old").mkdir(parents=True)
    for name in ("population.csv", "energy mix.csv", ".hidden.csv"):
        (tmp_path / "tables" / name).write_text("")
    folder = f"{tmp_path}/tables/"
    inside = [f"{folder}{name}" for name in ("energy mix.csv", "old/", "population.csv")]
    key = "Macro.population="
    assert offered(environ, f"sostrades param set 21 {key}@{folder}") == [f"{key}@{path}" for path in inside]
    assert offered(environ, f"sostrades param set 21 {key}@{folder}.h") == [f"{key}@{folder}.hidden.csv"]
    assert offered(environ, f"sostrades study load -o {folder}") == [folder]
    assert offered(environ, f"sostrades study load --output={folder}p") == [f"--output={folder}population.csv"]
    assert offered(environ, f"sostrades postproc export 21 --dir={folder}") == [f"--dir={folder}old/"]
    assert offered(environ, f"sostrades study diff {tmp_path}/ta") == [folder]
    assert offered(environ, f"sostrades config set ca_bundle {folder}p") == [f"{folder}population.csv"]


@pytest.mark.parametrize("path", ["/nosuch/", "a" * 300 + "/", "~nobody-of-this-name/", "\udce9/"])
def test_unreadable_folders_have_no_paths(environ: dict[str, str], path: str) -> None:
    assert offered(environ, f"sostrades param set 21 Macro.population=@{path}") == []


def test_many_names_are_completed_part_by_part(tmp_path: Path) -> None:
    """If there are more than fit a screen, names are cut after the next dot below their common prefix."""
    folders = {"SOSTRADES_CACHE_DIR": str(tmp_path), "SOSTRADES_CONFIG_DIR": str(tmp_path), "SOSTRADES_HOST": HOST}
    names = [f"w.Economy.{node}.p{count}" for node in ("a", "b", "c") for count in range(30)]
    StudyCache(Folders(folders), HOST).store(21, {name: CachedParameter("float") for name in names})
    assert offered(folders, "sostrades param get 21 ") == ["Economy.a.", "Economy.b.", "Economy.c."]
    assert offered(folders, "sostrades param get 21 Economy.b.p2")[0] == "Economy.b.p2"
    assert offered(folders, "sostrades param set 21 Economy.b.p3") == ["Economy.b.p3="]


@pytest.mark.parametrize(
    "config", ["[profiles", "version = 9", '[profiles.default]\nhost = "ftp://x"', "[profiles.default]\naliases = 1"]
)
def test_unreadable_settings_only_disable_candidates(environ: dict[str, str], tmp_path: Path, config: str) -> None:
    (tmp_path / "config" / "config.toml").write_text(config)
    assert offered(environ, "sostrades study lo") == ["load", "logs"]
    assert offered(environ, "sostrades study load ") == []


def test_candidates_send_no_request(user: User) -> None:
    assert user.types("study", "load", "21").code == 0
    before = len(user.requests)
    assert "Macro.gamma" in offered(user.environ, "sostrades param get 21 ")
    assert len(user.requests) == before


def test_candidates_write_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    for line in ("sostrades study load d", "sostrades param get dice ", "sostrades config set format "):
        assert offered(environ, line)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
