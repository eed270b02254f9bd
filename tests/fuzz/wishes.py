"""Draw changes that a user may want: arguments, and the expected values on the server."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fuzz.workspace import NAME, plain
from hypothesis import strategies as st

from server_stub.values import Array, Table, Value

if TYPE_CHECKING:
    from pathlib import Path

numbers = st.sampled_from([0.3, 0.5, 0.9, 5.0, 1e-300, 1.7976931348623157e308]) | st.floats(0, 1)
names = st.sampled_from(["coal", "wind", "nuclear & co", "a,b", "é", "1", ""])
texts = st.sampled_from(["sunny", "", " ", "a=b", "1", "None", "café ☃", "nan", "a\nb", '"', "-x", "true"])
AMBIGUOUS = {"", " ", "1", "None", "nan", "true"}
years = st.lists(st.integers(1990, 2060), min_size=1, max_size=4, unique=True).map(sorted)


@dataclass(frozen=True)
class Wish:
    """A parameter, its wanted value, and whether it is sent as a file."""

    name: str
    value: Value
    as_json: bool = False

    @property
    def is_file(self) -> bool:
        """Return whether only a file is possible."""
        return not isinstance(self.value, str | bool | int | float | list | dict) or holds_tables(self.value)

    @property
    def is_ambiguous(self) -> bool:
        """Return whether a download shows it like another value: a string like a number, or like no value."""
        texts = self.value if isinstance(self.value, list) else [self.value]
        return any(text in AMBIGUOUS for text in texts if isinstance(text, str))

    @property
    def plain(self) -> str:
        """The plain text of the value on the server afterwards."""
        return plain(self.value)

    def words(self, folder: Path) -> str:
        """Return the argument. A table is written into a folder."""
        if self.is_file:
            path = folder / f"{self.name}.csv"
            path.write_text(as_csv(self.value))
            return f"{NAME}.{self.name}=@{path}"
        if self.as_json or isinstance(self.value, list | dict):
            return f"{NAME}.{self.name}{':' if self.as_json else ''}={json.dumps(self.value)}"
        return f"{NAME}.{self.name}={str(self.value).lower() if isinstance(self.value, bool) else self.value}"


def holds_tables(value: Value) -> bool:
    """Return whether a value is a dict of tables."""
    return isinstance(value, dict) and any(isinstance(item, Table) for item in value.values())


def as_csv(value: Value) -> str:
    """Return a table, an array or a dict of tables as a user would write it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if isinstance(value, Table):
        writer.writerows([value.columns, *value.rows])
    elif isinstance(value, Array):
        writer.writerows([["value"], *([element] for element in value.data)])
    else:
        [columns] = {table.columns for table in value.values()}
        writer.writerow(["variable", *columns])
        writer.writerows([key, *row] for key, table in value.items() for row in table.rows)
    return buffer.getvalue()


@st.composite
def tables(draw: st.DrawFn, *columns: str) -> Table:
    """Draw a table of years and numbers."""
    return Table(columns, tuple((year, draw(st.floats(0, 100))) for year in draw(years)))


WISHES: dict[str, st.SearchStrategy[Any]] = {
    "Macro.gamma": numbers,
    "Macro.savings_rate": st.sampled_from([0.0, 0.25, 1.0, 1.5]),
    "Macro.periods": st.sampled_from([11, 7, 0, -3, 10**20]),
    "Macro.use_damage": st.booleans(),
    "Macro.scenario": st.sampled_from(["sunny", "rainy", "snowy"]),
    "Macro.note": texts,
    "Macro.remark": texts,
    "Macro.targets": st.lists(numbers, max_size=3),
    "Macro.region_names": st.lists(texts, max_size=3),
    "Macro.shares": st.dictionaries(names, numbers, max_size=3),
    "Macro.not_known": numbers,
    # No load shows it: once read-only mode has told it, it can be set.
    "Macro.locked": numbers,
    "Macro.no_limit": numbers,
    "max_mda_iter": st.sampled_from([30, 31]),
    "Energy mix.share of wind [%] & sun": numbers,
    "Macro.population": tables("years", "population"),
    "Carbon.price": tables("years", "price"),
    "Macro.weights": st.lists(st.floats(0, 1), min_size=1, max_size=3).map(Array),
    "Macro.regions": st.dictionaries(st.sampled_from(["Europe", "Asia"]), tables("years", "share"), min_size=1),
}
# Nothing of these can be set, whatever the value.
HOPELESS = tuple(
    f"{NAME}.{words}"
    for words in (
        "Damage.total_damage=1",
        "Macro.gama=1",
        "Macro.gamma=1,5",
        "Macro.gamma",
        "Macro.gamma=",
        "Macro.population=[]",
        "Macro.use_damage=2",
    )
)
HOPELESS_ANYWHERE = (f"{NAME}.Macro.gama=1", f"{NAME}.Macro.gamma")


@st.composite
def wish(draw: st.DrawFn) -> Wish:
    """Draw a wish."""
    name = draw(st.sampled_from(sorted(WISHES)))
    return Wish(name, draw(WISHES[name]), as_json=draw(st.booleans()))


ONES = st.lists(wish(), min_size=1, max_size=3, unique_by=lambda item: item.name)
