"""Words for values that the server does not show: the sizes of tables, and inf, nan and no value for null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sostrades_cli.api.models import ARRAY, TABLE, has_tables
from sostrades_cli.errors import NoLayout, NoValue, SostradesError
from sostrades_cli.operations.param.outputs import is_output
from sostrades_cli.operations.param.read import NO_VALUE, finite, may_hide_a_number
from sostrades_cli.operations.study.own_name import own_name
from sostrades_cli.output.text import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sostrades_cli.api.models import Json, Parameter
    from sostrades_cli.operations.context import Context
    from sostrades_cli.operations.param.selection import ParameterSelection

# More tables, or more nulls, are not read for a list.
MOST_READ: Final = 20
JOBS: Final = 4
# Rows and columns.
Size: TypeAlias = "tuple[int, int]"
UNKNOWN: Final = "unknown"
NULL: Final = "null"


class ListedValues(NamedTuple):
    """The study's own name, and what people see of values that an answer has only as placeholders or with null."""

    own_name: str
    words: Mapping[str, Json]


def read_list(
    context: Context, study: int, selection: ParameterSelection, *, for_people: bool, unread: Collection[str] = ()
) -> ListedValues:
    """Read the own name of a study, and, for people, words for the values of the shown parameters."""
    # In every format: from now on, the study can be given by its name.
    name = own_name(context, study, selection.parameters)
    shown = [selection.parameters[name] for name in selection.shown] if for_people else []
    return ListedValues(name, value_words(context, study, shown, unread))


def value_words(
    context: Context, study: int, parameters: Sequence[Parameter], unread: Collection[str] = ()
) -> dict[str, Json]:
    """Return a word for each value that an answer has only as a placeholder or as null, by full name.

    A table has its size if it was read before, or if there are few, and a list or dict with null its own value.
    ``unread`` are parameters whose present value is unknown. A few inputs among them are read, but no outputs: their
    values would be those of an earlier run.
    """
    words: dict[str, Json] = {}
    tables, nulls, unknown = [], [], []
    for parameter in parameters:
        value = parameter.value
        if parameter.name in unread:
            words[parameter.name] = UNKNOWN
            unknown += [] if is_output(parameter) else [parameter]
        elif has_tables(value):
            words[parameter.name] = placeholder_word(value)
            tables += [parameter] if isinstance(value, str) else []
        elif may_hide_a_number(parameter):
            words |= {parameter.name: NULL} if value is None else {}
            nulls.append(parameter)
        elif value is None:
            words[parameter.name] = NO_VALUE
    if len(tables) > MOST_READ:
        sizes = context.cache.sizes(study)
        words |= {table.name: size_word(*sizes[table.name]) for table in tables if table.name in sizes}
    few = [parameter for group in (tables, nulls, unknown) if len(group) <= MOST_READ for parameter in group]
    return words | _read(context, study, few) if few else words


def placeholder_word(value: Json) -> str:
    """Return ``table``, ``array`` or the number of tables in a dict."""
    if isinstance(value, dict):
        plain = all(inner in (TABLE, ARRAY) for inner in value.values())
        return counted(len(value), "table") if plain else "tables"
    return "array" if value == ARRAY else "table"


def size_word(rows: int, columns: int) -> str:
    """Return the size of a table, such as 11 rows and 2 columns, with a multiplication sign."""
    return f"{rows} \N{MULTIPLICATION SIGN} {columns}"


def _read(context: Context, study: int, parameters: Sequence[Parameter]) -> dict[str, Json]:
    """Download small values, a few at a time. A download that fails leaves its value without a word, and a note."""
    from sostrades_cli.operations.thread_pool import in_parallel

    answers: dict[str, Json] = {}
    failure: SostradesError | None = None
    # After a change, parallel requests can hang for ever: a first one alone makes the server read the study. If it
    # fails, the others would only make the user wait.
    for group in (parameters[:1], parameters[1:] if len(parameters) > 1 else ()):
        for parameter, answer in in_parallel(lambda item: _read_one(context, study, item), group, JOBS):
            if isinstance(answer, SostradesError):
                failure = failure or answer
            else:
                answers[parameter.name] = answer
        if not answers:
            break
    if failure is not None:
        missing = counted(len(parameters) - len(answers), "parameter")
        context.notify(f"the list shows no size or content of {missing}: {failure.message}")
    store_sizes(context, study, {name: answer for name, answer in answers.items() if isinstance(answer, tuple)})
    return {name: size_word(*answer) if isinstance(answer, tuple) else answer for name, answer in answers.items()}


def _read_one(context: Context, study: int, parameter: Parameter) -> Json | SostradesError:
    """Return the size of a table, a word, or a value with inf and nan as texts; or the error of the download."""
    from sostrades_cli.operations.tables import downloads
    from sostrades_cli.operations.tables.nulls import filled

    value = parameter.value
    try:
        content = context.api.parameters.content(study, parameter.name)
        # An unread value has to be taken from the download; null in a load is only completed by it.
        if value is None:
            value = downloads.value_of(content, parameter.type)
        if has_tables(value):
            return table_size(downloads.each_row(content))
        value = filled(value, content, parameter.type)
        return NO_VALUE if value is None else finite(value)
    except NoValue:
        return NO_VALUE
    except NoLayout:
        return placeholder_word(ARRAY if parameter.type == "array" else value)
    except SostradesError as error:
        return error


def store_sizes(context: Context, study: int, sizes: Mapping[str, Size]) -> None:
    """Cache the sizes of tables for later lists, but of inputs only: a run replaces outputs and start values."""
    if not sizes:  # the cache of thousands of parameters is not read for nothing
        return
    known = context.cache.parameters_of(study)
    kept = {name for name in sizes if name in known and not (known[name].is_computed or known[name].optional)}
    context.cache.store_sizes(study, {name: sizes[name] for name in kept})


def table_size(rows: Iterable[Sequence[str]]) -> Size:
    """Return the number of rows below the header, and of columns."""
    lines = iter(rows)
    columns = next(lines, ())
    return sum(1 for _ in lines), len(columns)
