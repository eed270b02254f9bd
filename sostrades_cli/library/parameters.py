"""The parameters of a study: read, set, reset, undo and history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, overload

from sostrades_cli.errors import NoLayout
from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.dataframes import frame_from, plain_types
from sostrades_cli.library.python_values import assignments
from sostrades_cli.library.study_base import StudyBase, noted
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.changes import ChangeOptions, reset_parameters, set_parameters
from sostrades_cli.operations.history.entries import choose_changes
from sostrades_cli.operations.history.undo import undo
from sostrades_cli.operations.param.filters import Filters
from sostrades_cli.operations.param.read import failure_of, list_parameters, read_values
from sostrades_cli.operations.param.selection import select_parameters
from sostrades_cli.operations.study.load import LOAD_TIMEOUT_S, load
from sostrades_cli.operations.study.snapshot.apply import ConflictChoice, apply_folder
from sostrades_cli.operations.tables.dataframe import read_table
from sostrades_cli.study_reference import short_key
from sostrades_cli.views.changes import COLUMNS, notes_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.operations.change_report import ChangeReport
    from sostrades_cli.operations.param.read import Value
    from sostrades_cli.operations.param.selection import ParameterSelection

OBJECTS: Final = ("value", "old", "new")
HISTORY_COLUMNS: Final = ("entry", "time", "command", "key", "old", "new", "outcome", "message")


class ParameterMethods(StudyBase):
    """Methods of a study for its parameters.

    A ``key`` is the full name of a parameter, the name without the study in front (``Macro.gamma``), or an ending
    that only one parameter has (``gamma``).
    """

    def parameters(
        self,
        match: str | None = None,
        *,
        all: bool = False,  # noqa: A002 - the word of `study load --all`
        node: str | None = None,
        changed: bool = False,
        timeout_s: float = LOAD_TIMEOUT_S,
        progress: bool = True,
    ) -> pd.DataFrame:
        """Return the parameters, as ``sostrades study load`` shows them.

        ``match`` selects names by a glob (``"Macro.*"``) or by a part of the name, in any case. ``all`` adds solver
        settings. ``node`` selects the parameters of a node and of the nodes below it, ``changed`` the inputs that
        differ from their defaults. ``timeout_s`` limits the load in seconds, and ``progress`` shows it.

        Returns a DataFrame with a row for each parameter, in the server's order. Index ``parameter``: full names.
        Columns: ``type`` (str), ``unit`` (str, missing if there is none), ``value`` (Python objects). The value of a
        table is the server's placeholder ``"://dataframe"`` or ``"://ndarray"``: use ``get`` for its content.

        Raises
        ------
        WaitTimeout
            The study was not loaded in time.
        LoadFault
            Loading is broken on this server (5.0.2 to 5.3.4), and there is no finished run to read from instead.
        NoValue
            With ``changed``, no default is known, because no run has finished.

        Source: ``GET /api/v0/study-case/{study}/{wait}``, or read-only mode with a warning.

        """
        with self._opened() as app, self._scope.progress(enabled=progress) as show:
            show(f"loading study {self._number}", None)
            parameters = load(app.context, self._number, timeout_s).parameters
            filters = Filters(match, node=node, changed=changed, everything=all)
            selection = select_parameters(app.context, self._number, parameters, filters)
            return _selected(app, selection, ("type", "unit", "value"))

    def outputs(self, match: str | None = None) -> pd.DataFrame:
        """Return the outputs, as ``sostrades param list --outputs`` shows them.

        ``match`` selects names as in ``parameters``. After a change, the outputs come
        from the cache and have no values; a note says so. Use ``get`` for the content of tables.

        Returns a DataFrame with a row for each output. Index ``parameter``: full names. Columns: ``kind`` (``output``
        or ``coupling``), ``type`` (str), ``unit`` (str, missing if there is none), ``value`` (Python objects).

        Source: read-only mode, which needs a finished run.
        """
        with self._opened() as app:
            listed = list_parameters(app.context, self._number, inputs=False, outputs=True)
            if listed.note:
                app.notes.inform(listed.note)
            selection = select_parameters(app.context, self._number, listed.parameters, Filters(match))
            return _selected(app, selection, ("kind", "type", "unit", "value"))

    @overload
    def get(self, key: str) -> Any: ...  # noqa: ANN401 - what the parameter holds

    @overload
    def get(self, key: Iterable[str]) -> dict[str, Any]: ...

    def get(self, key: str | Iterable[str]) -> Any:
        """Return the value of one input or output, or for several keys a dict of their values, by the keys as given.

        A value is an int, float, bool, str, list or dict, and ``None`` if there is none. A complex number is a str,
        such as ``"(1.5+0j)"``. A dataframe, an array (one column, ``value``) or a dict of dataframes (its keys in the
        column ``variable``) is a DataFrame with a RangeIndex and columns of int64, float64, bool and str, or of Int64
        and boolean where values are missing. A key can also be one entry of a dict, such as ``Macro.shares.coal``.

        Raises
        ------
        NotFound
            A parameter does not exist. For several keys, the error lists all that do not exist.
        NoValue
            It is an output, and no run has computed it yet.
        ServerFault
            The server cannot write it as a file, such as an array with two dimensions. For several keys, ``result`` of
            this error and of ``NoValue`` has the other values.

        Source: as for ``parameters``, with one load for all keys; tables and outputs from
        ``POST .../parameter/download``.

        """
        keys = [key] if isinstance(key, str) else list(key)
        with self._opened() as app:
            values = [self._with_content(app, value) for value in read_values(app.context, self._number, keys)]
            read = {name: value.content for name, value in zip(keys, values, strict=True) if value.error is None}
            failure = failure_of(values)
            if failure is not None:
                failure.result = read or None
                raise failure
        return read[key] if isinstance(key, str) else read

    def __getitem__(self, key: str | list[str]) -> Any:  # noqa: ANN401 - as `get`
        """Return the value of a parameter, or a dict of several, as ``get`` does."""
        return self.get(key)

    def __setitem__(self, key: str, value: object) -> None:
        """Set a parameter as ``set`` does."""
        self.set({key: value})

    # Without these, Python would call `__getitem__` with 0, 1, 2 for `in` and `for`.
    __iter__: Final = None
    __contains__: Final = None

    def _ipython_key_completions_(self) -> list[str]:
        """Return the cached keys for completion in a notebook."""
        cache = self._scope.app.cache
        return [short_key(cache.name(self._number), name) for name in cache.parameters_of(self._number)]

    def _with_content(self, app: App, value: Value) -> Value:
        if not value.is_table:
            return value
        # Loads have only placeholders for tables, so download the content.
        try:
            return value._replace(content=plain_types(read_table(app.api.parameters.content(self._number, value.key))))
        except NoLayout as error:
            return value._replace(error=error)

    def set(
        self,
        values: Mapping[str, Any],
        *,
        unit: str | None = None,
        message: str | None = None,
        dry_run: bool = False,
        force: bool = False,
    ) -> pd.DataFrame:
        """Set parameters in one request, then read them back and verify them.

        ``values`` maps keys to values: a number, bool, string, list or dict (also of numpy), a DataFrame, a dict of
        DataFrames, a one-dimensional array, a Series, or a ``Path`` to a CSV file. A ``Decimal`` becomes the float with
        the same digits. A key can also be one entry of a dict, such as ``Macro.shares.coal``. Values are coerced to the
        type in the metadata. A named index of a DataFrame becomes a column. Unchanged values are skipped. ``unit`` is
        the unit of the values; the change is rejected if the parameter has another unit. ``message`` is kept in the
        history. ``dry_run`` validates without sending; ``result`` of a validation error is the plan. ``force`` allows a
        change during a run (whose result is lost), any unit, elements of other kinds than the present ones in a list or
        a dict, and a table that is empty, does not have all columns of the current one, or has other values in a column
        of booleans.

        Returns a DataFrame with a row for each parameter. Columns: ``key`` (full name), ``type``, ``old``, ``new``
        (Python objects), ``unit``, ``sent`` (bool, false for an unchanged value). The ``new`` of a table is a text.
        With ``dry_run``, the DataFrame has only the parameters that differ.

        Raises
        ------
        UsageError
            A value does not fit its parameter, or the parameter is an output; nothing was sent.
        NotVerified
            The study has other values than the sent ones afterwards.
        UploadFault
            The server cannot accept tables (4.2.0 to 5.3.4); no table was changed.

        Source: ``POST /api/v0/study-case/{study}/parameters``.

        """
        with self._opened() as app:
            # The files of tables are removed at the end of the call.
            requested = assignments(values, app.context.temp_folder.path)
            options = ChangeOptions(dry_run=dry_run, force=force, message=message)
            return _frame(app, set_parameters(app.context, self._number, requested, options, unit=unit))

    def reset(
        self, keys: str | Iterable[str], *, message: str | None = None, dry_run: bool = False, force: bool = False
    ) -> pd.DataFrame:
        """Reset parameters, including tables, to their defaults; returns and raises as ``set`` does.

        With ``dry_run``, ``new`` is ``None`` if the default is unknown: the server returns defaults only after a
        finished run.
        """
        with self._opened() as app:
            named = [keys] if isinstance(keys, str) else list(keys)
            options = ChangeOptions(dry_run=dry_run, force=force, message=message)
            return _frame(app, reset_parameters(app.context, self._number, named, options))

    def undo(
        self, to: int | None = None, *, message: str | None = None, dry_run: bool = False, force: bool = False
    ) -> pd.DataFrame:
        """Revert the last change made from this account and machine; returns as ``set`` does.

        Call it again to go further back. With ``to``, it reverts all changes from that history entry on. ``force``
        overwrites changes that somebody else made since, and skips values that were not recorded.

        Raises
        ------
        UsageError
            There is nothing to undo, or the entry does not exist.
        Conflict
            Somebody else changed a value since, and ``force`` is not set; nothing was sent.

        """
        with self._opened() as app:
            options = ChangeOptions(dry_run=dry_run, force=force, message=message)
            return _frame(app, undo(app.context, self._number, to, options))

    def apply(
        self,
        folder: str | Path,
        *,
        ours: bool = False,
        theirs: bool = False,
        skip_files: bool = False,
        message: str | None = None,
        dry_run: bool = False,
        force: bool = False,
    ) -> pd.DataFrame:
        """Set the inputs to the values of an exported folder; returns and raises as ``set`` does.

        Unchanged values are skipped. If a value changed on the server since the export, ``ours`` sends the value of the
        folder, and ``theirs`` keeps the value of the server. ``skip_files`` leaves tables out, for a server that cannot
        accept them.

        Raises
        ------
        Conflict
            The server was changed since the export, and neither ``ours`` nor ``theirs`` is set; nothing was sent.

        """
        with self._opened() as app:
            choice = ConflictChoice(ours, theirs, skip_files)
            options = ChangeOptions(dry_run=dry_run, force=force, message=message)
            return _frame(app, apply_folder(app.context, at_home(folder), self._number, choice, options))

    def history(self, match: str | None = None) -> pd.DataFrame:
        """Return the changes made from this account and machine, in chronological order. No request is sent.

        Returns
        -------
        DataFrame
            A row for each parameter of each change. Columns: ``entry`` (int64), ``time`` (datetime64, UTC),
            ``command``, ``key``, ``old``, ``new`` (Python objects), ``outcome`` (``done``, ``not made``, ``in doubt``,
            ``begun``, ``restored`` after a sweep or a trial), ``message`` (missing if there is none).

        """
        import pandas as pd

        with self._opened() as app:
            journal = Journal(app.folders.state, app.host, self._number)
            chosen = choose_changes(journal.entries(), match)
            rows = [
                (e.entry, e.time, e.command, change.key, change.old, change.new, e.outcome, e.message)
                for e, change in chosen.changes
            ]
            columns = {name: [row[position] for row in rows] for position, name in enumerate(HISTORY_COLUMNS)}
            frame = frame_from(columns, objects=OBJECTS)
            # With utc=True an empty history has the same dtype, too.
            frame["time"] = pd.to_datetime(frame["time"], utc=True)
            return noted(app, frame, [note for note in (journal.damage(), chosen.note) if note])


def _frame(app: App, report: ChangeReport) -> pd.DataFrame:
    """Return a row for each parameter of a change.

    Raises
    ------
    SostradesError
        The failure of the report; its ``result`` is the DataFrame.

    """
    columns = {name: [getattr(change, name) for change in report.changes] for name in (*COLUMNS, "sent")}
    return noted(app, frame_from(columns, objects=OBJECTS), notes_on(report, verbose=True), report.failure)


def _selected(app: App, selection: ParameterSelection, fields: Sequence[str]) -> pd.DataFrame:
    """Return the selected parameters with a column per field."""
    parameters = [selection.parameters[name] for name in selection.shown]
    table = {field: [getattr(parameter, field) for parameter in parameters] for field in fields}
    frame = frame_from({"parameter": selection.shown, **table}, index="parameter", objects=OBJECTS)
    return noted(app, frame, selection.notes)
