"""Data models of the server's JSON: frozen values with checked fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from sostrades_cli.api.protocol import unusable
from sostrades_cli.solver_settings import SOLVER_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = Any  # a JSON value: mypy has no finite name for it

# The server sends these placeholders instead of the content.
TABLE: Final = "://dataframe"
ARRAY: Final = "://ndarray"
# A value that the server does not show. It is not None, because null is a valid value.
UNKNOWN: Final = object()
# The fields of a parameter after `optional`, as they are in a load.
_ONLY_IN_READ_ONLY_MODE: Final = (None, None, False, None, None, UNKNOWN, False, None)
LIST_TYPES: Final = frozenset({"list", "string_list", "float_list", "int_list", "dict_list", "string_list_list"})
DICT_TYPES: Final = frozenset({"dict", "df_dict"})


class Parameter(NamedTuple):
    """A parameter of a study.

    ``unit`` and ``value`` may be ``None``. For tables and arrays ``value`` is ``"://dataframe"`` or ``"://ndarray"``;
    only a download has their content. The fields after ``optional`` are set in read-only mode only. ``columns`` are
    the types of a table's columns, as the model spells them.
    """

    name: str
    type: str
    unit: str | None
    var_name: str
    value: Json
    optional: bool = False
    io_type: str | None = None
    coupling: bool | None = None
    numerical: bool = False
    range: tuple[float, float] | None = None
    possible_values: tuple[Json, ...] | None = None
    default: Json = UNKNOWN
    structuring: bool = False
    columns: dict[str, str] | None = None

    @property
    def is_solver_setting(self) -> bool:
        """Return whether the parameter configures the solver instead of the model."""
        return self.numerical or self.var_name in SOLVER_SETTINGS

    @property
    def kind(self) -> str:
        """Return ``input``, ``output``, ``coupling`` or ``solver``."""
        if self.is_solver_setting:
            return "solver"
        # A load does not mark couplings, but it marks their start values as optional.
        if self.coupling or (self.coupling is None and self.optional):
            return "coupling"
        return "output" if self.io_type == "out" else "input"

    @property
    def is_start_value(self) -> bool:
        """Return whether it is known to be the start value of a coupling: a run replaces it by its result."""
        return bool(self.coupling and self.optional) and not self.is_solver_setting

    @property
    def is_table(self) -> bool:
        """Return whether the content is a table or an array, available by download only."""
        return self.type in {"dataframe", "array", "df_dict"} or has_tables(self.value)

    @property
    def holds_tables(self) -> bool:
        """Return whether the parameter is a dict of tables."""
        return self.type == "df_dict" or (isinstance(self.value, dict) and has_tables(self.value))

    @classmethod
    def from_api(cls, name: str, fields: object) -> Parameter:
        """Build a parameter from one entry of a load or of read-only mode.

        Raises
        ------
        UnusableAnswer
            The entry is not an object, or has no type.

        """
        if not isinstance(fields, dict) or not isinstance(kind := fields.get("type"), str):
            raise unusable(f"a parameter {name!r:.80} without a type")
        get = fields.get
        unit, value, short = get("unit"), get("value"), get("var_name")
        unit = unit if isinstance(unit, str) else None
        short = short if isinstance(short, str) and short else str(short or name.rpartition(".")[2])
        optional = get("optional") is True
        # Only read-only mode sends the further fields.
        if "io_type" not in fields:
            # A study has thousands of parameters, and a call with defaults is slower.
            return cls._make((name, kind, unit, short, value, optional, *_ONLY_IN_READ_ONLY_MODE))
        io_type, coupling, choices = fields["io_type"], get("coupling"), get("possible_values")
        return cls(
            name,
            kind,
            unit,
            short,
            value,
            optional,
            io_type=io_type if isinstance(io_type, str) else None,
            coupling=coupling if isinstance(coupling, bool) else None,
            numerical=get("numerical") is True,
            range=_range(get("range")),
            possible_values=tuple(choices) if isinstance(choices, list) else None,
            default=get("default", UNKNOWN),
            structuring=get("structuring") is True,
            columns=_columns(get("dataframe_descriptor")),
        )

    def to_api(self) -> dict[str, Json]:
        """Return the entry in the shape of a load."""
        return {
            "type": self.type,
            "unit": self.unit,
            "var_name": self.var_name,
            "value": self.value,
            "optional": self.optional,
        }


def parameters_from_api(payload: Mapping[str, Json]) -> dict[str, Parameter]:
    """Return the parameters of a load by full name, in the server's order.

    Raises
    ------
    UnusableAnswer
        An entry is not an object, or has no type.

    """
    return {name: Parameter.from_api(name, fields) for name, fields in payload.items()}


def _range(value: object) -> tuple[float, float] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(end, int | float) for end in value):  # noqa: PLR2004
        return float(value[0]), float(value[1])
    return None


def _columns(descriptor: Json) -> dict[str, str] | None:
    """Return the column types of a descriptor."""
    if not isinstance(descriptor, dict):
        return None
    # The server writes a column as its type, or as [type, range, editable].
    types = {name: column[0] if isinstance(column, list) and column else column for name, column in descriptor.items()}
    return {name: kind for name, kind in types.items() if isinstance(kind, str)}


def has_tables(value: object) -> bool:
    """Return whether a value is a table or array placeholder, or an object that contains one."""
    if isinstance(value, dict):
        return any(map(has_tables, value.values()))
    return value in (TABLE, ARRAY)
