"""Test the tree of errors and their exit codes."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import sostrades_cli
from sostrades_cli import errors
from sostrades_cli.errors import ServerWords, SostradesError
from sostrades_cli.exit_codes import ExitCode, exit_code_of

LINE = re.compile(r"^    (?P<indent>[ │├└─]*)(?P<name>[A-Za-z]+)(?:\s{2,}.*)?$")
CLASSES = {
    name: var
    for name, var in vars(errors).items()
    if inspect.isclass(var) and issubclass(var, SostradesError) and var.__module__ == errors.__name__
}
EXPECTED = {
    "SostradesError": ExitCode.BUG,
    "UsageError": ExitCode.USAGE,
    "WriteFailed": ExitCode.BUG,
    "RunFailed": ExitCode.RUN_FAILED,
    "AccessError": ExitCode.ACCESS,
    "NotFound": ExitCode.NOT_FOUND,
    "Unreachable": ExitCode.UNREACHABLE,
    "ServerFault": ExitCode.SERVER,
    "Refused": ExitCode.REFUSED,
    "Different": ExitCode.DIFFERENT,
    "WaitTimeout": ExitCode.TIMEOUT,
    "HungUp": ExitCode.HUNG_UP,
    "UserInterrupt": ExitCode.INTERRUPTED,
    "Terminated": ExitCode.TERMINATED,
}


def drawn() -> dict[str, str | None]:
    """Return the tree in the docstring of the module, as a mapping from name to parent."""
    result: dict[str, str | None] = {}
    above: dict[int, str] = {}
    for line in str(errors.__doc__).split("\n\n", 1)[1].splitlines():
        if match := LINE.match(line):
            depth = len(match["indent"]) // 4
            result[match["name"]] = above[depth - 1] if depth else None
            above[depth] = match["name"]
        elif result and line.strip():
            break
    return result


def every_error() -> set[type[SostradesError]]:
    """Return the errors of the whole package, with all modules imported."""
    for module in pkgutil.walk_packages(sostrades_cli.__path__, "sostrades_cli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    result: set[type[SostradesError]] = set()
    below = [SostradesError]
    while below:
        result.add(below[-1])
        below.extend(below.pop().__subclasses__())
    return {item for item in result if item.__module__.startswith("sostrades_cli")}


def test_docstring_shows_the_tree() -> None:
    parents = {name: None if item is SostradesError else item.__bases__[0].__name__ for name, item in CLASSES.items()}
    assert drawn() == parents
    assert all(len(item.__bases__) == 1 for item in CLASSES.values())


def test_all_errors_are_in_the_tree() -> None:
    assert {f"{item.__module__}.{item.__name__}" for item in every_error()} == {
        f"{errors.__name__}.{name}" for name in CLASSES
    }


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_error_has_an_exit_code(name: str) -> None:
    """It is that of its branch."""
    branch = next(item.__name__ for item in CLASSES[name].__mro__ if item.__name__ in EXPECTED)
    assert exit_code_of(CLASSES[name]("x")) is EXPECTED[branch]
    assert (exit_code_of(CLASSES[name]("x")) is ExitCode.BUG) is (name in {"SostradesError", "WriteFailed"})


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_every_error_has_its_own_docstring_and_kind(name: str) -> None:
    """A kind is a short word for scripts."""
    assert {"__doc__", "kind"} <= vars(CLASSES[name]).keys()
    assert CLASSES[name].__doc__
    assert re.fullmatch("[a-z_]+", CLASSES[name].kind)


def test_kinds_are_unique() -> None:
    """A kind implies one exit code."""
    assert len({error.kind for error in CLASSES.values()}) == len(CLASSES)


# The kinds that scripts may compare with; a new class adds a line, no line ever changes.
KINDS = {
    "AccessError": "access",
    "AmbiguousName": "ambiguous_name",
    "Conflict": "conflict",
    "Different": "different",
    "ExtraMissing": "extra_missing",
    "FileConflict": "file_conflict",
    "FolderInUse": "folder_in_use",
    "HungUp": "hung_up",
    "UserInterrupt": "interrupted",
    "InvalidFile": "invalid_file",
    "InvalidSetting": "invalid_setting",
    "InvalidValue": "invalid_value",
    "KeyMissing": "key_missing",
    "KeyRejected": "key_rejected",
    "KeyringError": "keyring",
    "KeyringLocked": "keyring_locked",
    "KeySourceError": "key_source",
    "LinkFault": "link_fault",
    "LoadFault": "load_fault",
    "NeverRan": "never_ran",
    "NoFileLocks": "no_file_locks",
    "NoLayout": "no_layout",
    "NoRoute": "no_route",
    "NoStudy": "no_study",
    "NoValue": "no_value",
    "NotFound": "not_found",
    "NothingToUndo": "nothing_to_undo",
    "NotVerified": "not_verified",
    "PermissionDenied": "permission_denied",
    "RedirectRefused": "redirect_refused",
    "Refused": "refused",
    "RunActive": "run_active",
    "RunFailed": "run_failed",
    "RunLost": "run_lost",
    "ServerFault": "server_fault",
    "SostradesError": "error",
    "StudyLoadFault": "study_load_fault",
    "Terminated": "terminated",
    "Unreachable": "unreachable",
    "UnusableAnswer": "unusable_answer",
    "UploadFault": "upload_fault",
    "UsageError": "usage",
    "WaitTimeout": "timeout",
    "WriteFailed": "write_failed",
}


def test_kinds_do_not_change() -> None:
    """They are part of the interface for scripts."""
    assert {name: error.kind for name, error in CLASSES.items()} == KINDS


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_reworded_error_keeps_its_facts(name: str) -> None:
    error = CLASSES[name](
        "before",
        detail="d",
        hint="h",
        study=21,
        server=ServerWords(503, "busy"),
        transient=True,
        retry_after_s=2.0,
        answer_lost=True,
        in_doubt=True,
    )
    error.result = [1]
    reworded = error.reworded("after")
    assert (type(reworded), str(reworded)) == (CLASSES[name], "after")
    assert vars(reworded) == {**vars(error), "message": "after"}


def test_reworded_error_takes_new_facts() -> None:
    """A caller may replace or remove detail, hint and study, and mark the error as unverified."""
    error = errors.ServerFault("before", detail="d", hint="h", study=21, in_doubt=True)
    changed = error.reworded("after", detail=None, hint=None, study=None, in_doubt=False)
    assert (changed.detail, changed.hint, changed.study, changed.in_doubt) == (None, None, None, False)
    assert error.detail == "d"


def test_no_error_is_copied_by_hand() -> None:
    """Only ``reworded`` may copy an error, because a copy by hand loses facts."""
    root = Path(sostrades_cli.__file__).parent
    copies = re.compile(r"\btype\((?:error|failed|worst|cause|self)\)\(\s*f?\"")
    assert [str(path) for path in root.rglob("*.py") if copies.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), OSError(2, "x"), KeyboardInterrupt(), SystemExit(3)])
def test_foreign_error_is_exit_1(error: BaseException) -> None:
    assert exit_code_of(error) is ExitCode.BUG


def test_no_error_is_exit_0() -> None:
    assert exit_code_of(None) is ExitCode.DONE


def test_exit_codes_do_not_change() -> None:
    """Scripts rely on them."""
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 124, 129, 130, 143]
    assert all(code.meaning for code in ExitCode)


def test_error_has_its_facts() -> None:
    error = errors.Refused("no", study=21)
    assert str(error) == error.message == "no"
    assert (error.study, error.detail, error.hint, error.server, error.retry_after_s) == (21, None, None, None, None)
    assert not error.transient
    assert not error.answer_lost
