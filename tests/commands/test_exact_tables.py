"""Test tables, arrays, dicts and lists through the commands: reported results match the server."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from typing import TYPE_CHECKING, Any

import pytest
from conftest import slow
from fuzz.effort import effort
from hypothesis import given
from hypothesis import strategies as st

from server_stub.values import Array, Table, same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from conftest import User

SENT = "POST /api/v0/study-case/37/parameters"
FULL = "years,emissions\n2020,9.746500000000001\n2025,0.30000000000000004\n2030,0.00010851507476509749\n"
FULL_ROWS = ((2020, 9.746500000000001), (2025, 0.30000000000000004), (2030, 0.00010851507476509749))
TABLES, TABLES_53, SAMPLES = "37", "22", "43"


@pytest.fixture
def owner(user_of: Callable[..., User]) -> User:
    """Return a user of the realistic studies on a server that works as documented."""
    return user_of("documented", "realistic")


@pytest.fixture
def owner53(user_of: Callable[..., User]) -> User:
    """Return a user of the realistic studies on a server with the faults of 5.3."""
    return user_of("5.3", "realistic")


def store_value(user: User, name: str, value: Any, study: str = TABLES) -> None:
    """Store a value on the server directly."""
    user.world.studies[int(study)].values[name] = value


def stored_value(user: User, name: str, study: str = TABLES) -> Any:
    """Return a parameter as stored on the server after all pending updates."""
    result = user.world.studies[int(study)]
    result.settle()
    return result.values[name]


def uploads(user: User) -> int:
    """Return how many changes the server accepted."""
    return sum(r.path.endswith("/parameters") and r.status == 200 for r in user.world.requests)


def file_of(user: User, content: str, name: str = "table.csv") -> Path:
    """Write a file of the user."""
    path = user.folder / name
    path.write_bytes(content.encode())
    return path


def download(user: User, name: str, study: str = TABLES) -> Path:
    """Download a parameter."""
    path = user.folder / "download.csv"
    done = user.types("param", "download", study, name, "-o", str(path), "--overwrite")
    assert done.code == 0, done.err
    return path


# Floats -------------------------------------------------------------------------------------------------


def test_full_precision_is_sent_once_and_then_unchanged(owner: User) -> None:
    """A plain decimal text would change the last digits of a third of such numbers."""
    file = file_of(owner, FULL)
    done = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file}")
    assert done.code == 0, done.err
    assert stored_value(owner, "Mixed.df_plain").rows == FULL_ROWS
    again = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file}")
    assert (again.code, uploads(owner)) == (0, 1)
    assert "1 of 1" in again.err
    assert owner.types("param", "set", TABLES, f"Mixed.df_plain=@{download(owner, 'tables.Mixed.df_plain')}").code == 0
    assert uploads(owner) == 1


def test_full_precision_is_kept_by_undo_apply_and_library(owner: User) -> None:
    import pandas as pd  # noqa: PLC0415 - half a second

    study = owner.client().study(int(TABLES))
    study.set({"Mixed.df_plain": pd.DataFrame({"years": [2020], "emissions": [1 / 3]}), "Mixed.vec": [0.1 + 0.2, 1e22]})
    assert stored_value(owner, "Mixed.df_plain").rows == ((2020, 1 / 3),)
    assert stored_value(owner, "Mixed.vec") == Array([0.1 + 0.2, 1e22])
    folder = str(owner.folder / "export")
    assert owner.types("study", "export", TABLES, folder).code == 0
    study.set({"Mixed.df_plain": pd.DataFrame({"years": [2020], "emissions": [0.0]})})
    assert owner.types("study", "apply", folder, TABLES, "--yes", "--ours").code == 0
    assert stored_value(owner, "Mixed.df_plain").rows == ((2020, 1 / 3),)
    assert owner.types("param", "undo", TABLES, "--yes").code == 0
    assert stored_value(owner, "Mixed.df_plain").rows == ((2020, 0.0),)


def test_dry_run_shows_the_cells_that_differ(owner: User) -> None:
    done = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file_of(owner, FULL)}", "--dry-run", "-v")
    assert "9.746500000000001" in done.err
    assert uploads(owner) == 0


# Texts --------------------------------------------------------------------------------------------------

CODES = "name,ok,x,code\na,True,1.0,01\nb,False,2.0,2\nc,True,3.5,x3\n"


def test_strings_that_look_like_numbers_stay_strings(owner: User) -> None:
    """The server turns a bare cell "2" into a number."""
    import pandas as pd  # noqa: PLC0415 - half a second

    default = stored_value(owner, "Mixed.df_mixed")
    assert owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{file_of(owner, CODES)}").code == 0
    assert stored_value(owner, "Mixed.df_mixed").column("code") == ["01", "2", "x3"]
    assert owner.types("param", "undo", TABLES).code == 0
    assert same(stored_value(owner, "Mixed.df_mixed"), default)
    frame = pd.DataFrame({"name": ["a"], "ok": [True], "x": [0.5], "code": ["7"]})
    owner.client().study(int(TABLES)).set({"Mixed.df_mixed": frame})
    assert stored_value(owner, "Mixed.df_mixed").rows == (("a", True, 0.5, "7"),)
    assert owner.types("param", "undo", TABLES).code == 0
    assert owner.types("param", "undo", TABLES).code == 2
    assert same(stored_value(owner, "Mixed.df_mixed"), default)


def test_numbers_in_a_column_of_strings_are_replaced(owner: User) -> None:
    """Both look alike in a download."""
    assert owner.types("calc", "run", TABLES).code == 0
    file = file_of(owner, "name,ok,x,code\na,True,1.0,2\n")
    store_value(owner, "Mixed.df_mixed", Table(("name", "ok", "x", "code"), (("a", True, 1.0, 2),)))
    assert owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{file}").code == 0
    assert stored_value(owner, "Mixed.df_mixed").rows == (("a", True, 1.0, "2"),)
    assert owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{file}").code == 0
    assert uploads(owner) == 1


def test_undo_restores_the_types_of_a_sent_table(owner: User) -> None:
    """The journal keeps the file, because a download hides the types."""
    first = file_of(owner, "a,b\n'1','2'\n'3','4'\n", "first.csv")
    expected = Table(("a", "b"), (("1", "2"), ("3", "4")))
    arrays = file_of(owner, "c,d\nx,[0.12345678901234 2.0]\n", "arrays.csv")
    assert owner.types("param", "set", TABLES, f"Mixed.df_free=@{first}", "--force").code == 0
    assert stored_value(owner, "Mixed.df_free") == expected
    assert owner.types("param", "set", TABLES, f"Mixed.df_free=@{arrays}", "--force").code == 0
    assert owner.types("param", "reset", TABLES, "Mixed.df_free").code == 0
    assert owner.types("param", "undo", TABLES).code == 0
    assert stored_value(owner, "Mixed.df_free").rows == (("x", Array([0.12345678901234, 2.0])),)
    assert owner.types("param", "undo", TABLES).code == 0
    assert stored_value(owner, "Mixed.df_free") == expected


# Blank cells --------------------------------------------------------------------------------------------


def test_edited_download_with_blank_cells_is_accepted(owner: User) -> None:
    path = download(owner, "tables.Mixed.df_mixed")
    path.write_text(path.read_text().replace("3.5", "4.5"))
    done = owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{path}")
    assert done.code == 0, done.err
    x = stored_value(owner, "Mixed.df_mixed").column("x")
    assert (x[0], math.isnan(x[1]), x[2]) == (1.0, True, 4.5)
    assert owner.types("param", "undo", TABLES).code == 0
    x = stored_value(owner, "Mixed.df_mixed").column("x")
    assert (x[0], math.isnan(x[1]), x[2]) == (1.0, True, 3.5)


def test_unicode_space_beside_a_number_is_rejected(owner: User) -> None:
    """The server would turn the column into strings."""
    file = file_of(owner, "years,emissions\n2020,\xa01.5\n")
    done = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file}")
    assert (done.code, uploads(owner)) == (2, 0)
    assert "line 2, column emissions" in done.err


# Dicts and lists ----------------------------------------------------------------------------------------


def test_dict_of_arrays_accepts_json_and_files(owner: User) -> None:
    done = owner.types("param", "set", TABLES, 'Mixed.dict_arr={"u": [1.0, 0.30000000000000004], "v": [3.0, 4.0]}')
    assert done.code == 0, done.err
    assert stored_value(owner, "Mixed.dict_arr") == {"u": Array([1.0, 0.30000000000000004]), "v": Array([3.0, 4.0])}
    file = file_of(owner, "variable,value\nu,[1.25 2.]\nv,[3. 4.]\n")
    assert owner.types("param", "set", TABLES, f"Mixed.dict_arr=@{file}").code == 0
    assert stored_value(owner, "Mixed.dict_arr") == {"u": Array([1.25, 2.0]), "v": Array([3.0, 4.0])}
    assert owner.types("param", "undo", TABLES).code == 0
    assert stored_value(owner, "Mixed.dict_arr")["u"] == Array([1.0, 0.30000000000000004])
    lists = file_of(owner, 'variable,value\nu,"[1.25, 2.0]"\nv,[3. 4.]\n')
    for words in (f"Mixed.dict_arr=@{lists}", 'Mixed.dict_arr={"u": [1.0]}', 'Mixed.dict_arr={"u": "[1. 2.]"}'):
        before = uploads(owner)
        assert (owner.types("param", "set", TABLES, words).code, uploads(owner)) == (2, before)


def test_dict_of_arrays_is_not_replaced_without_uploads(owner53: User) -> None:
    """Server 5.3 cannot set arrays: exit 7."""
    default = stored_value(owner53, "Mixed.dict_arr", TABLES_53)
    name = "tables.Mixed.dict_arr"
    done = owner53.types("param", "set", TABLES_53, f'{name}={{"u": [1.0, 2.0], "v": [3.0, 5.0]}}')
    assert (done.code, uploads(owner53)) == (7, 0)
    assert stored_value(owner53, "Mixed.dict_arr", TABLES_53) == default


def test_integer_keys_of_a_dict_are_kept(owner: User) -> None:
    """JSON turns them into strings, which is noted."""
    file = file_of(owner, "variable,value\n2020,0.30000000000000004\n")
    assert owner.types("param", "set", TABLES, f"Mixed.by_year=@{file}").code == 0
    assert stored_value(owner, "Mixed.by_year") == {2020: 0.30000000000000004}
    owner.client().study(int(TABLES)).set({"Mixed.by_year": {2025: 1.5, 2030: 2.5}})
    assert stored_value(owner, "Mixed.by_year") == {2025: 1.5, 2030: 2.5}
    done = owner.types("param", "set", TABLES, 'Mixed.by_year={"2020": 9.5}')
    assert stored_value(owner, "Mixed.by_year") == {"2020": 9.5}
    assert "2020 are sent as texts" in done.err


def test_list_of_strings_from_a_file_is_kept(owner: User) -> None:
    file = file_of(owner, "v\n01\n2\n")
    assert owner.types("param", "set", TABLES, f"Mixed.site_names=@{file}").code == 0
    assert stored_value(owner, "Mixed.site_names") == ["01", "2"]
    assert owner.types("param", "set", TABLES, f"Mixed.site_ids=@{file}").code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("list_of_dict", [{"a": "p", "b": "q"}]),
        slow("matrix_list", [[9.0], [8.0]]),
        ("site_names", ["01", "2"]),
        slow("coeffs", {"coal": 1, "wind": 0.5}),
        ("nested", {"FR": {"2020": 0.1}}),
    ],
)
def test_value_visible_only_in_downloads_is_restored_with_its_types(owner53: User, name: str, value: Any) -> None:
    full, default = f"tables.Mixed.{name}", stored_value(owner53, f"Mixed.{name}", TABLES_53)
    for expected in (value, json.loads(json.dumps(value))):
        assert owner53.types("param", "set", TABLES_53, f"{full}:={json.dumps(expected)}").code == 0
    assert uploads(owner53) == 1
    other = json.dumps([["x"]] if isinstance(value, list) else {"x": 1.5})
    if name != "list_of_dict":
        assert owner53.types("param", "set", TABLES_53, f"{full}:={other}", "--force").code == 0
        assert owner53.types("param", "undo", TABLES_53).code == 0
        assert same(stored_value(owner53, f"Mixed.{name}", TABLES_53), value)
    if name != "matrix_list":
        assert owner53.types("param", "undo", TABLES_53).code == 0
        assert same(stored_value(owner53, f"Mixed.{name}", TABLES_53), default)


def test_int_parameter_with_a_float_can_be_set_without_a_load(owner53: User) -> None:
    """5.0 is not equal to 5."""
    store_value(owner53, "Mixed.n_sites", 5.0, TABLES_53)
    assert owner53.types("param", "set", TABLES_53, "tables.Mixed.n_sites:=5").code == 0
    assert same(stored_value(owner53, "Mixed.n_sites", TABLES_53), 5)


# What the server adds, and what it does not hold ------------------------------------------------------


def test_options_completed_by_the_server_are_verified(owner: User) -> None:
    name = "SampleGenerator.algo_options"
    default = stored_value(owner, name, SAMPLES)
    done = owner.types("param", "set", SAMPLES, f'{name}={{"n_samples": 7}}')
    assert done.code == 0, done.err
    assert "the server added: " in done.err
    assert stored_value(owner, name, SAMPLES)["n_samples"] == 7
    again = owner.types("param", "set", SAMPLES, f'{name}={{"n_samples": 7}}')
    assert (again.code, uploads(owner)) == (0, 1)
    assert owner.types("param", "undo", SAMPLES).code == 0
    assert stored_value(owner, name, SAMPLES)["n_samples"] == default["n_samples"]


def test_columns_added_by_the_server_are_verified(owner: User) -> None:
    file = file_of(owner, "variable,lower_bnd,upper_bnd\nSellarCoupling.x,1.0,6.000000000000001\n")
    done = owner.types("param", "set", SAMPLES, f"SampleGenerator.design_space=@{file}")
    assert done.code == 0, done.err
    assert "the server added: columns activated_elem" in done.err
    assert owner.types("param", "set", SAMPLES, f"SampleGenerator.design_space=@{file}").code == 0
    assert uploads(owner) == 1


def test_option_dropped_by_the_server_is_exit_8(owner: User) -> None:
    done = owner.types("param", "set", SAMPLES, 'SampleGenerator.algo_options={"n_samples": 7, "nonsense": 1}')
    assert done.code == 8
    assert "sent 1 in nonsense" in done.err
    assert "somebody" not in done.err


# Any table ----------------------------------------------------------------------------------------------

Pair = tuple[str, Any]
NOTHING: Pair = ("None", None)
numbers = st.floats(allow_nan=False).map(lambda number: (repr(number), number))
integers = st.integers(-(2**70), 2**70).map(lambda number: (str(number), number))
booleans = st.sampled_from([("True", True), ("False", False)])
words = st.sampled_from(["01", "2", "1e5", "x", "None", "2020-01-01", "True", "it's", "a,b", "a\nb", "[x", "'q'", ""])
texts = words.map(lambda word: (repr(word), word))
plain = st.sampled_from(["x", "Île", "a b", "2020-01-01", "say (x)"]).map(lambda word: (word, word))
arrays = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=3).map(
    lambda items: (f"[{' '.join(map(repr, items))}]", Array(items))
)
CELLS: Sequence[st.SearchStrategy[Pair]] = (
    numbers,
    numbers | st.just(NOTHING),
    integers,
    booleans,
    booleans | st.just(NOTHING),
    texts,
    texts | st.just(NOTHING),
    plain,
    arrays,
)


@st.composite
def files(draw: st.DrawFn, name: str) -> tuple[str, dict[str, list[Any]]]:
    """Draw a file with columns of different types, and its expected values."""
    length, width = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    columns = [draw(st.lists(draw(st.sampled_from(CELLS)), min_size=length, max_size=length)) for _ in range(width)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f"{name}{number}" for number in range(width)])
    writer.writerows(zip(*([cell for cell, _ in column] for column in columns), strict=True))
    return text.getvalue(), {
        f"{name}{n}": _stored_type([item for _, item in column]) for n, column in enumerate(columns)
    }


def _stored_type(column: list[Any]) -> list[Any]:
    """Return a column as the server can store it. A missing value among floats is nan."""
    floats = any(isinstance(item, float) for item in column)
    return [math.nan if item is None and floats else item for item in column]


def columns_of(user: User) -> dict[str, list[Any]]:
    """Return the columns of `df_free` of study 37."""
    table = stored_value(user, "Mixed.df_free")
    return {name: table.column(name) for name in table.columns}


@pytest.mark.slow
@effort(40)
@given(first=files("a"), second=files("b"))
def test_any_table_is_set_and_undone_exactly(
    user_of: Callable[..., User], first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]]
) -> None:
    user = user_of("documented", "realistic")
    # The journal of another example is that of another study.
    user.environ["SOSTRADES_STATE_DIR"] = str(user.folder / f"state-{time.monotonic_ns()}")
    for content, meant in (first, second):
        file = file_of(user, content)
        for _ in range(2):
            done = user.types("param", "set", TABLES, f"Mixed.df_free=@{file}", "--force")
            assert done.code == 0, done.err
            assert same(columns_of(user), meant)
    assert uploads(user) == 2
    shown = user.types("param", "get", TABLES, "Mixed.df_free").out
    assert shown.splitlines()[0].split(",")[0] == "b0"
    undone = user.types("param", "undo", TABLES, "--yes")
    assert undone.code == 0, undone.err
    assert same(columns_of(user), first[1])
