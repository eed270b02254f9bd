"""Tables, arrays, dicts and lists through the commands: what is claimed of them is what the server holds."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from typing import TYPE_CHECKING, Any

import pytest
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


def put(user: User, name: str, value: Any, study: str = TABLES) -> None:
    """Let a study hold a value that nobody sent from here."""
    user.world.studies[int(study)].values[name] = value


def held(user: User, name: str, study: str = TABLES) -> Any:
    """Return what a study holds of a parameter once everything has arrived."""
    found = user.world.studies[int(study)]
    found.settle()
    return found.values[name]


def uploads(user: User) -> int:
    """Return how many changes the server took."""
    return sum(r.path.endswith("/parameters") and r.status == 200 for r in user.world.requests)


def file_of(user: User, content: str, name: str = "table.csv") -> Path:
    """Write a file of the user's."""
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


def test_full_precision_arrives_and_is_unchanged_the_next_time(owner: User) -> None:
    """A third of all such numbers would change in their last digits: they are encoded, verified, and sent once."""
    file = file_of(owner, FULL)
    done = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file}")
    assert done.code == 0, done.err
    assert held(owner, "Mixed.df_plain").rows == FULL_ROWS
    again = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file}")
    assert (again.code, uploads(owner)) == (0, 1)
    assert "1 of 1" in again.err
    assert owner.types("param", "set", TABLES, f"Mixed.df_plain=@{download(owner, 'tables.Mixed.df_plain')}").code == 0
    assert uploads(owner) == 1


def test_full_precision_comes_back_by_undo_apply_and_library(owner: User) -> None:
    """The same holds of an array, of an exported folder, of an undo and of a DataFrame."""
    import pandas as pd  # noqa: PLC0415 - half a second

    study = owner.client().study(int(TABLES))
    study.set({"Mixed.df_plain": pd.DataFrame({"years": [2020], "emissions": [1 / 3]}), "Mixed.vec": [0.1 + 0.2, 1e22]})
    assert held(owner, "Mixed.df_plain").rows == ((2020, 1 / 3),)
    assert held(owner, "Mixed.vec") == Array([0.1 + 0.2, 1e22])
    folder = str(owner.folder / "export")
    assert owner.types("study", "export", TABLES, folder).code == 0
    study.set({"Mixed.df_plain": pd.DataFrame({"years": [2020], "emissions": [0.0]})})
    assert owner.types("study", "apply", folder, TABLES, "--yes", "--ours").code == 0
    assert held(owner, "Mixed.df_plain").rows == ((2020, 1 / 3),)
    assert owner.types("param", "undo", TABLES, "--yes").code == 0
    assert held(owner, "Mixed.df_plain").rows == ((2020, 0.0),)


def test_a_dry_run_shows_what_is_sent(owner: User) -> None:
    """With -v it shows the encoded rows; nothing is sent."""
    done = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file_of(owner, FULL)}", "--dry-run", "-v")
    assert "2020,(9.746500000000001)" in done.err
    assert uploads(owner) == 0


# Texts --------------------------------------------------------------------------------------------------

CODES = "name,ok,x,code\na,True,1.0,01\nb,False,2.0,2\nc,True,3.5,x3\n"


def test_texts_that_look_like_numbers_stay_texts(owner: User) -> None:
    """Through set, undo, a DataFrame and an export: the server would make the number 2 of the bare cell."""
    import pandas as pd  # noqa: PLC0415 - half a second

    default = held(owner, "Mixed.df_mixed")
    assert owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{file_of(owner, CODES)}").code == 0
    assert held(owner, "Mixed.df_mixed").column("code") == ["01", "2", "x3"]
    assert owner.types("param", "undo", TABLES).code == 0
    assert same(held(owner, "Mixed.df_mixed"), default)
    frame = pd.DataFrame({"name": ["a"], "ok": [True], "x": [0.5], "code": ["7"]})
    owner.client().study(int(TABLES)).set({"Mixed.df_mixed": frame})
    assert held(owner, "Mixed.df_mixed").rows == (("a", True, 0.5, "7"),)
    assert owner.types("param", "undo", TABLES).code == 0
    assert owner.types("param", "undo", TABLES).code == 2
    assert same(held(owner, "Mixed.df_mixed"), default)


def test_numbers_in_place_of_declared_texts_are_replaced(owner: User) -> None:
    """Both look alike in a download: what is declared as text, and may be held as a number, is sent."""
    assert owner.types("calc", "run", TABLES).code == 0
    file = file_of(owner, "name,ok,x,code\na,True,1.0,2\n")
    put(owner, "Mixed.df_mixed", Table(("name", "ok", "x", "code"), (("a", True, 1.0, 2),)))
    assert owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{file}").code == 0
    assert held(owner, "Mixed.df_mixed").rows == (("a", True, 1.0, "2"),)
    assert owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{file}").code == 0
    assert uploads(owner) == 1


def test_a_table_that_was_sent_from_here_is_put_back_with_its_types(owner: User) -> None:
    """The journal keeps the file that was sent: texts, numbers and arrays come back although a download hides them."""
    first = file_of(owner, "a,b\n'1','2'\n'3','4'\n", "first.csv")
    wanted = Table(("a", "b"), (("1", "2"), ("3", "4")))
    arrays = file_of(owner, "c,d\nx,[0.12345678901234 2.0]\n", "arrays.csv")
    assert owner.types("param", "set", TABLES, f"Mixed.df_free=@{first}", "--force").code == 0
    assert held(owner, "Mixed.df_free") == wanted
    assert owner.types("param", "set", TABLES, f"Mixed.df_free=@{arrays}", "--force").code == 0
    assert owner.types("param", "reset", TABLES, "Mixed.df_free").code == 0
    assert owner.types("param", "undo", TABLES).code == 0
    assert held(owner, "Mixed.df_free").rows == (("x", Array([0.12345678901234, 2.0])),)
    assert owner.types("param", "undo", TABLES).code == 0
    assert held(owner, "Mixed.df_free") == wanted


# Blank cells --------------------------------------------------------------------------------------------


def test_an_edited_download_with_blank_cells_is_taken(owner: User) -> None:
    """A blank cell where the study has a missing value is one: in set, apply and undo alike."""
    path = download(owner, "tables.Mixed.df_mixed")
    path.write_text(path.read_text().replace("3.5", "4.5"))
    done = owner.types("param", "set", TABLES, f"Mixed.df_mixed=@{path}")
    assert done.code == 0, done.err
    x = held(owner, "Mixed.df_mixed").column("x")
    assert (x[0], math.isnan(x[1]), x[2]) == (1.0, True, 4.5)
    assert owner.types("param", "undo", TABLES).code == 0
    x = held(owner, "Mixed.df_mixed").column("x")
    assert (x[0], math.isnan(x[1]), x[2]) == (1.0, True, 3.5)


def test_a_unicode_blank_beside_a_number_is_refused(owner: User) -> None:
    """The server would make texts of the column: exit 2 with line and column."""
    file = file_of(owner, "years,emissions\n2020,\xa01.5\n")
    done = owner.types("param", "set", TABLES, f"Mixed.df_plain=@{file}")
    assert (done.code, uploads(owner)) == (2, 0)
    assert "line 2, column emissions" in done.err


# Dicts and lists ----------------------------------------------------------------------------------------


def test_a_dict_of_arrays_takes_json_and_files(owner: User) -> None:
    """Lists of numbers become the arrays that the study has; what the server would keep as lists is refused."""
    done = owner.types("param", "set", TABLES, 'Mixed.dict_arr={"u": [1.0, 0.30000000000000004], "v": [3.0, 4.0]}')
    assert done.code == 0, done.err
    assert held(owner, "Mixed.dict_arr") == {"u": Array([1.0, 0.30000000000000004]), "v": Array([3.0, 4.0])}
    file = file_of(owner, "variable,value\nu,[1.25 2.]\nv,[3. 4.]\n")
    assert owner.types("param", "set", TABLES, f"Mixed.dict_arr=@{file}").code == 0
    assert held(owner, "Mixed.dict_arr") == {"u": Array([1.25, 2.0]), "v": Array([3.0, 4.0])}
    assert owner.types("param", "undo", TABLES).code == 0
    assert held(owner, "Mixed.dict_arr")["u"] == Array([1.0, 0.30000000000000004])
    lists = file_of(owner, 'variable,value\nu,"[1.25, 2.0]"\nv,[3. 4.]\n')
    for words in (f"Mixed.dict_arr=@{lists}", 'Mixed.dict_arr={"u": [1.0]}', 'Mixed.dict_arr={"u": "[1. 2.]"}'):
        before = uploads(owner)
        assert (owner.types("param", "set", TABLES, words).code, uploads(owner)) == (2, before)


def test_a_dict_of_arrays_is_not_replaced_by_texts_where_no_file_is_taken(owner53: User) -> None:
    """On 5.3 nothing can set arrays: exit 7, and nothing is sent."""
    default = held(owner53, "Mixed.dict_arr", TABLES_53)
    name = "tables.Mixed.dict_arr"
    done = owner53.types("param", "set", TABLES_53, f'{name}={{"u": [1.0, 2.0], "v": [3.0, 5.0]}}')
    assert (done.code, uploads(owner53)) == (7, 0)
    assert held(owner53, "Mixed.dict_arr", TABLES_53) == default


def test_whole_numbers_stay_the_keys_of_a_dict(owner: User) -> None:
    """A file, and a dict in a program, keep them; JSON makes texts of them, which is said."""
    file = file_of(owner, "variable,value\n2020,0.30000000000000004\n")
    assert owner.types("param", "set", TABLES, f"Mixed.by_year=@{file}").code == 0
    assert held(owner, "Mixed.by_year") == {2020: 0.30000000000000004}
    owner.client().study(int(TABLES)).set({"Mixed.by_year": {2025: 1.5, 2030: 2.5}})
    assert held(owner, "Mixed.by_year") == {2025: 1.5, 2030: 2.5}
    done = owner.types("param", "set", TABLES, 'Mixed.by_year={"2020": 9.5}')
    assert held(owner, "Mixed.by_year") == {"2020": 9.5}
    assert "2020 are sent as texts" in done.err


def test_a_list_of_texts_from_a_file_stays_one(owner: User) -> None:
    """Items that look like numbers are texts where the study holds texts."""
    file = file_of(owner, "v\n01\n2\n")
    assert owner.types("param", "set", TABLES, f"Mixed.site_names=@{file}").code == 0
    assert held(owner, "Mixed.site_names") == ["01", "2"]
    assert owner.types("param", "set", TABLES, f"Mixed.site_ids=@{file}").code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("list_of_dict", [{"a": "p", "b": "q"}]),
        ("matrix_list", [[9.0], [8.0]]),
        ("site_names", ["01", "2"]),
        ("coeffs", {"coal": 1, "wind": 0.5}),
        ("nested", {"FR": {"2020": 0.1}}),
    ],
)
def test_a_value_comes_back_where_only_downloads_show_it(owner53: User, name: str, value: Any) -> None:
    """What a download hides is known from the journal: unchanged is told, and undo puts it back, types included."""
    full, default = f"tables.Mixed.{name}", held(owner53, f"Mixed.{name}", TABLES_53)
    for wanted in (value, json.loads(json.dumps(value))):
        assert owner53.types("param", "set", TABLES_53, f"{full}:={json.dumps(wanted)}").code == 0
    assert uploads(owner53) == 1
    other = json.dumps([["x"]] if isinstance(value, list) else {"x": 1.5})
    if name != "list_of_dict":
        assert owner53.types("param", "set", TABLES_53, f"{full}:={other}").code == 0
        assert owner53.types("param", "undo", TABLES_53).code == 0
        assert same(held(owner53, f"Mixed.{name}", TABLES_53), value)
    if name != "matrix_list":
        assert owner53.types("param", "undo", TABLES_53).code == 0
        assert same(held(owner53, f"Mixed.{name}", TABLES_53), default)


def test_an_int_that_holds_a_float_can_be_set_where_only_downloads_show_it(owner53: User) -> None:
    """To an int 5.0 is not 5."""
    put(owner53, "Mixed.n_sites", 5.0, TABLES_53)
    assert owner53.types("param", "set", TABLES_53, "tables.Mixed.n_sites:=5").code == 0
    assert same(held(owner53, "Mixed.n_sites", TABLES_53), 5)


# What the server adds, and what it does not hold ------------------------------------------------------


def test_options_that_the_server_completes_are_verified(owner: User) -> None:
    """It adds its defaults: exit 0, which says so; the same again is unchanged, and undo is no conflict."""
    name = "SampleGenerator.algo_options"
    default = held(owner, name, SAMPLES)
    done = owner.types("param", "set", SAMPLES, f'{name}={{"n_samples": 7}}')
    assert done.code == 0, done.err
    assert "the server added: " in done.err
    assert held(owner, name, SAMPLES)["n_samples"] == 7
    again = owner.types("param", "set", SAMPLES, f'{name}={{"n_samples": 7}}')
    assert (again.code, uploads(owner)) == (0, 1)
    assert owner.types("param", "undo", SAMPLES).code == 0
    assert held(owner, name, SAMPLES)["n_samples"] == default["n_samples"]


def test_columns_that_the_server_adds_are_verified(owner: User) -> None:
    """The same of a table."""
    file = file_of(owner, "variable,lower_bnd,upper_bnd\nSellarCoupling.x,1.0,6.000000000000001\n")
    done = owner.types("param", "set", SAMPLES, f"SampleGenerator.design_space=@{file}")
    assert done.code == 0, done.err
    assert "the server added: columns activated_elem" in done.err
    assert owner.types("param", "set", SAMPLES, f"SampleGenerator.design_space=@{file}").code == 0
    assert uploads(owner) == 1


def test_an_option_that_the_server_drops_is_named(owner: User) -> None:
    """It is exit 8 with the first difference, and nobody is accused of a change."""
    done = owner.types("param", "set", SAMPLES, 'SampleGenerator.algo_options={"n_samples": 7, "nonsense": 1}')
    assert done.code == 8
    assert "nonsense sent 1" in done.err
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
    """Draw a file of a user, each column of a kind, and what it means."""
    length, width = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    columns = [draw(st.lists(draw(st.sampled_from(CELLS)), min_size=length, max_size=length)) for _ in range(width)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([f"{name}{number}" for number in range(width)])
    writer.writerows(zip(*([cell for cell, _ in column] for column in columns), strict=True))
    return text.getvalue(), {f"{name}{n}": _holdable([one for _, one in column]) for n, column in enumerate(columns)}


def _holdable(column: list[Any]) -> list[Any]:
    """Return what the server can hold of a column: a missing value among floats is nan."""
    floats = any(isinstance(one, float) for one in column)
    return [math.nan if one is None and floats else one for one in column]


def columns_of(user: User) -> dict[str, list[Any]]:
    """Return what study 37 holds of `df_free`, by column."""
    table = held(user, "Mixed.df_free")
    return {name: table.column(name) for name in table.columns}


@effort(40)
@given(first=files("a"), second=files("b"))
def test_any_table_is_set_and_undone_as_claimed(
    user_of: Callable[..., User], first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]]
) -> None:
    """What is meant is what the server holds, types included: after `set`, after the same again, and after `undo`."""
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
