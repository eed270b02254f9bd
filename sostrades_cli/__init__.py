"""A command line and a library for SoSTrades servers: ``from sostrades_cli import Client``.

Public names are imported on first use, so that ``sostrades --help`` starts quickly.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from sostrades_cli.api.run_status import RunStatus
    from sostrades_cli.errors import (
        AccessError,
        AmbiguousName,
        Conflict,
        Different,
        ExtraMissing,
        FileConflict,
        FolderInUse,
        InvalidFile,
        InvalidSetting,
        InvalidValue,
        KeyMissing,
        KeyRejected,
        KeyringError,
        KeyringLocked,
        KeySourceError,
        LinkFault,
        LoadFault,
        NeverRan,
        NoFileLocks,
        NoLayout,
        NoRoute,
        NoStudy,
        NotFound,
        NothingToUndo,
        NotVerified,
        NoValue,
        PermissionDenied,
        RedirectRefused,
        Refused,
        RunActive,
        RunFailed,
        RunLost,
        ServerFault,
        SostradesError,
        StudyLoadFault,
        Unreachable,
        UnusableAnswer,
        UploadFault,
        UsageError,
        WaitTimeout,
        WriteFailed,
    )
    from sostrades_cli.library.client import Client
    from sostrades_cli.library.descriptions import Documentation
    from sostrades_cli.library.interruption import Interrupted
    from sostrades_cli.library.runs import RunOutcome
    from sostrades_cli.library.study import Study
    from sostrades_cli.library.sweeps import CaseOutcome
    from sostrades_cli.operations.calc.sweep.dry_run import SweepPlan
    from sostrades_cli.run_events import Event

__all__ = [
    "AccessError",
    "AmbiguousName",
    "CaseOutcome",
    "Client",
    "Conflict",
    "Different",
    "Documentation",
    "Event",
    "ExtraMissing",
    "FileConflict",
    "FolderInUse",
    "Interrupted",
    "InvalidFile",
    "InvalidSetting",
    "InvalidValue",
    "KeyMissing",
    "KeyRejected",
    "KeySourceError",
    "KeyringError",
    "KeyringLocked",
    "LinkFault",
    "LoadFault",
    "NeverRan",
    "NoFileLocks",
    "NoLayout",
    "NoRoute",
    "NoStudy",
    "NoValue",
    "NotFound",
    "NotVerified",
    "NothingToUndo",
    "PermissionDenied",
    "RedirectRefused",
    "Refused",
    "RunActive",
    "RunFailed",
    "RunLost",
    "RunOutcome",
    "RunStatus",
    "ServerFault",
    "SostradesError",
    "Study",
    "StudyLoadFault",
    "SweepPlan",
    "Unreachable",
    "UnusableAnswer",
    "UploadFault",
    "UsageError",
    "WaitTimeout",
    "WriteFailed",
    "__version__",
]

# All other public names are errors.
_MODULES: Final = {
    "CaseOutcome": "sostrades_cli.library.sweeps",
    "Client": "sostrades_cli.library.client",
    "Documentation": "sostrades_cli.library.descriptions",
    "Event": "sostrades_cli.run_events",
    "Interrupted": "sostrades_cli.library.interruption",
    "RunOutcome": "sostrades_cli.library.runs",
    "RunStatus": "sostrades_cli.api.run_status",
    "Study": "sostrades_cli.library.study",
    "SweepPlan": "sostrades_cli.operations.calc.sweep.dry_run",
}
_ERRORS: Final = "sostrades_cli.errors"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the type depends on the name
    """Import a public name on first use."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sostrades_cli.library.signatures import readable

    value = globals()[name] = readable(getattr(import_module(_MODULES.get(name, _ERRORS)), name))
    return value


def __dir__() -> list[str]:
    """Return the public names, for completion in a notebook."""
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
