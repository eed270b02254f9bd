"""The parameters of a study: reading them, setting them, taking that back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.files.atomic import at_home
from sostrades_cli.library.dataframes import frame_from, plain_types
from sostrades_cli.library.python_values import assignments
from sostrades_cli.library.study_base import StudyBase, noted
from sostrades_cli.local.journal import Journal
from sostrades_cli.operations.changes import ChangeOptions, reset_parameters, set_parameters
from sostrades_cli.operations.history.entries import choose_changes
from sostrades_cli.operations.history.undo import undo
from sostrades_cli.operations.param.read import list_parameters, read_value
from sostrades_cli.operations.param.selection import choose
from sostrades_cli.operations.study.load import PATIENCE_S, load
from sostrades_cli.operations.study.snapshot.apply import ConflictChoice, apply_folder
from sostrades_cli.operations.tables.dataframe import read_table
from sostrades_cli.views.changes import COLUMNS, notes_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from sostrades_cli.app import App
    from sostrades_cli.operations.changes import ChangeReport
    from sostrades_cli.operations.param.selection import ParameterSelection

OBJECTS: Final = ("value", "old", "new")
HISTORY_COLUMNS: Final = ("entry", "time", "command", "key", "old", "new", "outcome")


class ParameterMethods(StudyBase):
    """What a study knows of its parameters.

    A ``key`` is a parameter's full name, that without the study's own in front (``Macro.gamma``), or an end that fits
    one parameter only (``gamma``).
    """

    def parameters(
        self,
        match: str | None = None,
        *,
        all: bool = False,  # noqa: A002 - the word of `study load --all`
        timeout_s: float = PATIENCE_S,
    ) -> pd.DataFrame:
        """Return the parameters, as ``sostrades study load`` shows them.

        ``match`` chooses names by a glob (``"*.Macro.*"``) or by a text in them; ``all`` has solver settings, too;
        ``timeout_s`` is how long to wait for the server to load the study, in seconds.

        Returns a DataFrame with a row for each parameter, in the server's order. Index ``parameter``: full names.
        Columns: ``type`` (str), ``unit`` (str, missing where there is none), ``value`` (Python objects). A table's
        value is the server's placeholder ``"://dataframe"`` or ``"://ndarray"``: ``get`` has its content.

        Raises
        ------
        WaitTimeout
            The study was still not loaded.
        LoadFault
            The server's load route is broken (5.0.2 to 5.3.4), and no finished run can be read instead.

        Source: ``GET /api/v0/study-case/{study}/{wait}``, else read-only mode, which is told as a warning.

        """
        with self._opened() as app:
            parameters = load(app.context, self._number, timeout_s).parameters
            selection = choose(parameters, match=match, everything=all)
            return _selected(app, selection, ("type", "unit", "value"))

    def outputs(self, match: str | None = None) -> pd.DataFrame:
        """Return the outputs, as ``sostrades param list --outputs`` shows them.

        ``match`` chooses names by a glob (``"*.Macro.*"``) or by a text in them. After a change the outputs are those
        that were seen before, without values, which is told as a note; ``get`` has the content of tables.

        Returns a DataFrame with a row for each output. Index ``parameter``: full names. Columns: ``kind`` (``output``
        or ``coupling``), ``type`` (str), ``unit`` (str, missing where there is none), ``value`` (Python objects).

        Source: read-only mode, which exists after a finished run.

        """
        with self._opened() as app:
            outputs, note = list_parameters(app.context, self._number, inputs=False, outputs=True)
            if note:
                app.notes.note(note)
            selection = choose(outputs, match=match, everything=False)
            return _selected(app, selection, ("kind", "type", "unit", "value"))

    def get(self, key: str) -> Any:  # noqa: ANN401 - what the parameter holds
        """Return the value of one parameter, an output or an input.

        Returns an int, float, bool, str, list or dict; ``None`` where there is no value, which nan is, too. A complex
        number is a str, such as ``"(1.5+0j)"``. A
        dataframe, an array (one column, ``value``) or a dict of dataframes (its keys in the column ``variable``) is a
        DataFrame: RangeIndex, columns of int64, float64, bool and str; Int64 and boolean where rows have no value.

        Raises
        ------
        NotFound
            There is no such parameter.
        NoValue
            It is an output that no run has computed yet.
        ServerFault
            The server cannot write it as a file, such as an array of two dimensions.

        Source: as of ``parameters``; tables and outputs from ``POST .../parameter/download``.

        """
        with self._opened() as app:
            value = read_value(app.context, self._number, key)
            if not value.is_table:
                return value.exact
            return plain_types(read_table(app.api.parameters.content(self._number, value.key)))

    def set(
        self,
        values: Mapping[str, Any],
        *,
        unit: str | None = None,
        dry_run: bool = False,
        force: bool = False,
    ) -> pd.DataFrame:
        """Set parameters: typed by what is declared, sent once, read back and compared.

        ``values`` has by key a number, bool, text, list or dict (numpy's too); a DataFrame or a dict of some; an array
        or a Series of one column; a ``Path`` to a CSV file. A DataFrame's index is a column if it has a name. What the
        study holds already is not sent. ``unit`` is the unit that is meant: refused if it is not the declared one.
        ``dry_run`` sends nothing, and raises what would be refused, with the plan as ``result``. ``force`` sets even
        while a run is going on, whose result is lost, any unit, and a table that is empty or has none of the columns.

        Returns a DataFrame with a row for each parameter: ``key`` (full name), ``type``, ``old``, ``new`` (Python
        objects), ``unit``; with ``dry_run`` for each that differs, and the requests in ``attrs["note"]``.

        Raises
        ------
        UsageError
            A value cannot be what the parameter takes, or it is an output; nothing was sent.
        RunActive
            A run is going on.
        NotVerified
            The study does not hold afterwards what was sent.
        UploadFault
            The server cannot take tables (4.2.0 to 5.3.4); no table was changed.

        Source: ``POST /api/v0/study-case/{study}/parameters``.

        """
        with self._opened() as app:
            wanted = assignments(values, app.context.temp_folder.path)
            options = ChangeOptions(dry_run=dry_run, force=force)
            return _frame(app, set_parameters(app.context, self._number, wanted, options, unit=unit))

    def reset(self, keys: str | Iterable[str], *, dry_run: bool = False, force: bool = False) -> pd.DataFrame:
        """Give parameters, tables too, their declared defaults; returns and raises as ``set`` does.

        ``new`` is ``None`` where the server does not tell the default, which it does after a finished run only.
        """
        with self._opened() as app:
            named = [keys] if isinstance(keys, str) else list(keys)
            options = ChangeOptions(dry_run=dry_run, force=force)
            return _frame(app, reset_parameters(app.context, self._number, named, options))

    def undo(self, to: int | None = None, *, dry_run: bool = False, force: bool = False) -> pd.DataFrame:
        """Take back the last change made from this account and machine; returns as ``set`` does.

        Given again it takes back the change before. With ``to`` all from that entry of the history on are taken back.
        ``force`` overwrites what someone else changed since, and leaves out what was not kept.

        Raises
        ------
        UsageError
            There is nothing to undo, or no such entry.
        Conflict
            Someone else changed a value since, and ``force`` is not set; nothing was sent.

        """
        with self._opened() as app:
            options = ChangeOptions(dry_run=dry_run, force=force)
            return _frame(app, undo(app.context, self._number, to, options))

    def apply(
        self,
        folder: str | Path,
        *,
        ours: bool = False,
        theirs: bool = False,
        skip_files: bool = False,
        dry_run: bool = False,
        force: bool = False,
    ) -> pd.DataFrame:
        """Make the inputs equal to those of an exported folder; returns and raises as ``set`` does.

        Only what differs is sent. ``ours`` and ``theirs`` say who wins where the server was changed since the export:
        the files, or the server. ``skip_files`` leaves tables out, for a server that cannot take them.

        Raises
        ------
        Conflict
            The server was changed since the export, and neither is to win; nothing was sent.

        """
        with self._opened() as app:
            choice = ConflictChoice(ours, theirs, skip_files)
            options = ChangeOptions(dry_run=dry_run, force=force)
            return _frame(app, apply_folder(app.context, at_home(folder), self._number, choice, options))

    def history(self, match: str | None = None) -> pd.DataFrame:
        """Return the changes made from this account and machine, the last ones last; the server is not asked.

        Returns
        -------
        DataFrame
            A row for each parameter of each change; columns ``entry`` (int64), ``time`` (datetime64, UTC), ``command``,
            ``key``, ``old``, ``new`` (Python objects), ``outcome`` (``done``, ``not made``, ``in doubt``, ``begun``).

        """
        import pandas as pd  # noqa: PLC0415 - start-up: half a second, for tables only

        with self._opened() as app:
            chosen = choose_changes(Journal(app.folders.state, app.host, self._number).entries(), match)
            rows = [
                (entry.entry, entry.time, entry.command, change.key, change.old, change.new, entry.outcome)
                for entry, change in chosen.changes
            ]
            columns = {name: [row[at] for row in rows] for at, name in enumerate(HISTORY_COLUMNS)}
            frame = frame_from(columns, objects=OBJECTS)
            frame["time"] = pd.to_datetime(frame["time"], utc=True)
            return noted(app, frame, [chosen.note] if chosen.note else [])


def _frame(app: App, report: ChangeReport) -> pd.DataFrame:
    """Return a row for each parameter of a change.

    Raises
    ------
    SostradesError
        The failure of the report; the DataFrame is its ``result``.

    """
    columns = {name: [getattr(change, name) for change in report.changes] for name in COLUMNS}
    return noted(app, frame_from(columns, objects=OBJECTS), notes_on(report), report.failure)


def _selected(app: App, selection: ParameterSelection, fields: Sequence[str]) -> pd.DataFrame:
    """Return the selected parameters, a column per field."""
    parameters = [selection.parameters[name] for name in selection.shown]
    table = {field: [getattr(one, field) for one in parameters] for field in fields}
    frame = frame_from({"parameter": selection.shown, **table}, index="parameter", objects=OBJECTS)
    return noted(app, frame, [selection.note] if selection.note else [])
