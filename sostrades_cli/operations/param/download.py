"""Downloading parameters to files: one request first, then few at once, each repeated if it hangs."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sostrades_cli.clock import RFC3339
from sostrades_cli.errors import (
    AccessError,
    NoLayout,
    NotFound,
    NoValue,
    ServerFault,
    SostradesError,
    Unreachable,
    UsageError,
    WriteFailed,
)
from sostrades_cli.files.atomic import PartialFiles, atomic
from sostrades_cli.files.file_names import safe_names
from sostrades_cli.files.resumable_folder import DOWNLOADS, MANIFEST, require_own_manifest, write_manifest
from sostrades_cli.files.targets import check_target
from sostrades_cli.files.write_errors import unwritable
from sostrades_cli.operations.param import name_lookup
from sostrades_cli.operations.param.download_keys import is_named, resolve
from sostrades_cli.operations.param.outputs import note_outdated
from sostrades_cli.operations.param.value_words import store_sizes, table_size
from sostrades_cli.operations.thread_pool import in_parallel
from sostrades_cli.output.csv_injection import safe_pieces
from sostrades_cli.output.text import counted, size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sostrades_cli.api.models import Parameter
    from sostrades_cli.operations.context import Context


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """A parameter to be downloaded into a file; ``type`` and ``unit`` where they are known.

    ``named`` says that it was asked for by name, not as one of all or by a glob. ``outdated`` says that its value is
    the result of an earlier run.
    """

    key: str
    path: Path
    type: str | None = None
    unit: str | None = None
    named: bool = False
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """The options of saved files; ``parts`` are their temporary files."""

    safe_csv: bool
    parts: PartialFiles


@dataclass(frozen=True, slots=True)
class DownloadResult:
    """The result of one parameter: ``bytes`` and ``sha256`` of its file, or ``error``; neither if it has no value."""

    request: DownloadRequest
    bytes: int | None = None
    sha256: str | None = None
    error: SostradesError | None = None

    @property
    def state(self) -> str:
        """Return one of ``saved``, ``no value``, ``unreadable`` and ``failed``."""
        if self.error is None:
            return "saved" if self.sha256 else "no value"
        return "unreadable" if isinstance(self.error, NoLayout) else "failed"

    @property
    def failed(self) -> bool:
        """Return whether the command fails: a value that no file can hold is an error only if the user named it."""
        return self.error is not None and (self.request.named or not isinstance(self.error, NoLayout))

    @property
    def file(self) -> str | None:
        """Return the path of the saved file."""
        return str(self.request.path) if self.sha256 else None

    def entry(self) -> dict[str, Any]:
        """Return the line of the manifest."""
        known: dict[str, Any] = {name: getattr(self.request, name) for name in ("key", "type", "unit")}
        known["state"] = self.state
        known |= {"outdated": True} if self.request.outdated else {}
        if self.sha256:
            return known | {"file": self.request.path.name, "bytes": self.bytes, "sha256": self.sha256}
        return known | ({"reason": _reason(self.error)} if self.error else {})


@dataclass(frozen=True, slots=True)
class DownloadReport:
    """The result of each parameter, and the error of those that failed."""

    results: list[DownloadResult]
    failure: SostradesError | None = None

    @property
    def note(self) -> str:
        """The number of files and their size, and the number of parameters without a file."""
        saved = [result.bytes or 0 for result in self.results if result.sha256]
        return f"saved {counted(len(saved), 'file')}, {size(sum(saved))}{self._others}"

    @property
    def note_on_sheets(self) -> str:
        """The number of sheets with a parameter, and the number of parameters without a sheet."""
        return f"saved {counted(sum(bool(result.sha256) for result in self.results), 'parameter')}{self._others}"

    @property
    def _others(self) -> str:
        """The number of parameters that were not saved."""
        states = Counter(result.state for result in self.results)
        text = f"; {states['no value']} without a value" * bool(states["no value"])
        text += f"; {states['unreadable']} that the server cannot write" * bool(states["unreadable"])
        return text + f"; {states['failed']} failed" * bool(states["failed"])


def download(
    context: Context,
    study: int,
    keys: Sequence[str],
    folder: Path,
    progress: Callable[[str, int], AbstractContextManager[Callable[[], None]]],
    *,
    match: str | None = None,
    jobs: int,
    overwrite: bool,
    safe_csv: bool = False,
) -> DownloadReport:
    """Download parameters into a folder: those of ``keys``, or every table; ``match`` selects some of them.

    With ``safe_csv``, no cell can be run as a formula; otherwise the files are the server's, byte for byte.
    ``progress`` takes a label and a total, and yields a function to call after each step.

    Raises
    ------
    NotFound
        A key is unknown, or no parameter matches.

    """
    # Names take a load of the study, so refuse an unusable folder before it.
    if folder.exists():
        requested_files((), folder, {}, overwrite=overwrite)
    parameters, names = resolve(context, study, keys)
    chosen = names if match is None else name_lookup.matching_names(names, match)
    if match is not None and not chosen:
        message = f"none of {counted(len(names), 'parameter')} of study {study} matches {match}"
        raise NotFound(message, hint=f"sostrades param list {study}", study=study)
    files = requested_files(chosen, folder, parameters, overwrite=overwrite)
    outdated = note_outdated(context, study, chosen)
    requests = [replace(f, named=is_named(f.key, keys), outdated=f.key in outdated) for f in files]
    with progress(f"study {study}", len(requests)) as step:
        results = download_all(context, study, requests, jobs, folder, step, safe_csv=safe_csv)
    _store_sizes(context, study, results)
    return DownloadReport(results, failure([_with_suggestions(result, parameters, study) for result in results], study))


def _store_sizes(context: Context, study: int, results: Sequence[DownloadResult]) -> None:
    """Cache the sizes of the saved tables for lists of parameters."""
    sizes = {}
    for result in results:
        if result.sha256 and result.request.type in {"dataframe", "array"}:
            # A list works without the size of a file that was removed since, or that is not CSV.
            with contextlib.suppress(OSError, UnicodeDecodeError, csv.Error):
                text = result.request.path.read_text(encoding="utf-8")
                sizes[result.request.key] = table_size(csv.reader(io.StringIO(text, newline="")))
    store_sizes(context, study, sizes)


def _with_suggestions(result: DownloadResult, parameters: Mapping[str, Parameter], study: int) -> DownloadResult:
    """Return the result of an unknown name with the error that has suggestions, which the server's lacks."""
    if not isinstance(result.error, NotFound):
        return result
    return replace(result, error=name_lookup.unknown(result.request.key, parameters, study))


def requested_files(
    keys: Iterable[str], folder: Path, parameters: Mapping[str, Parameter], *, overwrite: bool
) -> list[DownloadRequest]:
    """Return the file of each key, none of which may exist yet.

    Raises
    ------
    UsageError
        The folder cannot be made, or a file exists.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(
            f"cannot create the folder {folder}: {error.strerror}", error, "choose another folder"
        ) from error
    requests = []
    for key, name in safe_names(keys).items():
        known = parameters.get(key)
        path = folder / f"{name}.csv"
        requests.append(DownloadRequest(key, path, known.type if known else None, known.unit if known else None))
    # Before the first request: hours of downloads must not end at a file that exists.
    require_own_manifest(folder, DOWNLOADS)
    for path in [*(request.path for request in requests), folder / MANIFEST]:
        check_target(path, overwrite=overwrite)
    return requests


def download_all(
    context: Context,
    study: int,
    requests: Sequence[DownloadRequest],
    jobs: int,
    folder: Path,
    step: Callable[[], None],
    *,
    safe_csv: bool = False,
) -> list[DownloadResult]:
    """Download each parameter into its file, write the manifest, and return the results in the same order.

    After an interrupt, the manifest has the files that are complete.
    """
    results: dict[str, DownloadResult] = {}
    options = SaveOptions(safe_csv, PartialFiles())
    try:
        with contextlib.closing(options.parts):
            # After a change, parallel requests can hang for ever: a first one alone makes the server read the study.
            for group in (requests[:1], requests[1:]):
                for request, result in in_parallel(lambda item: _download(context, study, item, options), group, jobs):
                    results[request.key] = result
                    step()
    finally:
        write_manifest(
            folder, _manifest(context, study, [results[item.key] for item in requests if item.key in results])
        )
    return [results[item.key] for item in requests]


def _manifest(context: Context, study: int, results: Sequence[DownloadResult]) -> dict[str, Any]:
    """Return the content of the manifest: each parameter with its file, or the reason why it has none."""
    return {
        "server": context.api.session.host,
        "study": study,
        "time": context.clock.now().strftime(RFC3339),
        "parameters": [result.entry() for result in results],
    }


def failure(results: Sequence[DownloadResult], study: int) -> SostradesError | None:
    """Return the common error of all failed downloads, ``None`` if none failed."""
    failed = [result for result in results if result.failed]
    if not failed:
        return None
    errors = [result.error for result in failed if result.error]
    kind: type[SostradesError] = ServerFault
    if any(isinstance(error, NotFound) for error in errors):
        kind = NotFound  # no later run can succeed
    elif all(isinstance(error, Unreachable) for error in errors):
        kind = Unreachable  # a script can try again later
    again = f"run the command again. {MANIFEST} lists the reason for each"
    return kind(
        f"{len(failed)} of {counted(len(results), 'parameter')} of study {study} could not be downloaded",
        detail="\n".join(f"{r.request.key}: {_reason(r.error)}" for r in failed[:10] if r.error),
        hint=f"sostrades param list {study}" if kind is NotFound else again,
        study=study,
        server=errors[0].server,
        causes=errors,
    )


def _reason(error: SostradesError) -> str:
    more = error.server.description if error.server else error.detail if isinstance(error, NotFound) else None
    return f"{error.message}: {more}" if more else error.message


def save_one(context: Context, study: int, key: str, path: Path, options: SaveOptions | None = None) -> tuple[int, str]:
    """Download one parameter into a file; return its size in bytes and its sha-256."""
    options = SaveOptions(safe_csv=False, parts=PartialFiles()) if options is None else options

    def once() -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with context.api.parameters.stream(study, key) as chunks, atomic(path, parts=options.parts) as file:
            for chunk in safe_pieces(chunks) if options.safe_csv else chunks:
                digest.update(chunk)
                size += file.write(chunk)
        return size, digest.hexdigest()

    # A body that breaks off is not continued, so the whole file is downloaded again.
    return context.api.session.repeat(once)


def _download(context: Context, study: int, request: DownloadRequest, options: SaveOptions) -> DownloadResult:
    try:
        size, digest = save_one(context, study, request.key, request.path, options)
    except NoValue:
        return DownloadResult(request)
    except (AccessError, WriteFailed, UsageError):
        raise  # it would be the same for every other parameter
    except SostradesError as error:
        return DownloadResult(request, error=error)
    return DownloadResult(request, size, digest)
