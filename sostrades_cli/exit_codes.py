"""The exit codes: one enum, and the one function that maps an error to its code."""

from __future__ import annotations

from enum import IntEnum
from typing import Self

from sostrades_cli import errors


class ExitCode(IntEnum):
    """What a script reads in ``$?``; README and ``--help`` are made from it."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """Make a member that carries its meaning beside its number."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    DONE = 0, "done"
    BUG = 1, "bug in the tool, or its output cannot be written"
    USAGE = 2, "wrong usage or unusable local input; nothing was sent"
    RUN_FAILED = 3, "the calculation ended FAILED, STOPPED or POD ERROR"
    ACCESS = 4, "no key, key rejected, or no right on the study"
    NOT_FOUND = 5, "no such study, parameter or chart on the server"
    UNREACHABLE = 6, "server not reached (DNS, TLS, refused, outage longer than allowed)"
    SERVER = 7, "the server failed or answered something the tool cannot use"
    REFUSED = 8, "the server refused the request, or what it holds afterwards is not what was asked"
    DIFFERENT = 9, "differences found (`diff`, `--dry-run`) and `--exit-code` was given"
    TIMEOUT = 124, "time ran out while waiting; the run goes on"
    HUNG_UP = 129, "hung up (its terminal was closed); a run on the server is not stopped"
    INTERRUPTED = 130, "interrupted; a run on the server is not stopped"
    TERMINATED = 143, "terminated; a run on the server is not stopped"


_CODES: dict[str, ExitCode] = {
    errors.UsageError.kind: ExitCode.USAGE,
    errors.RunFailed.kind: ExitCode.RUN_FAILED,
    errors.AccessError.kind: ExitCode.ACCESS,
    errors.NotFound.kind: ExitCode.NOT_FOUND,
    errors.Unreachable.kind: ExitCode.UNREACHABLE,
    errors.ServerFault.kind: ExitCode.SERVER,
    errors.Refused.kind: ExitCode.REFUSED,
    errors.Different.kind: ExitCode.DIFFERENT,
    errors.WaitTimeout.kind: ExitCode.TIMEOUT,
    errors.HungUp.kind: ExitCode.HUNG_UP,
    errors.Interrupted.kind: ExitCode.INTERRUPTED,
    errors.Terminated.kind: ExitCode.TERMINATED,
}


# From the best to the worst, for several outcomes that share one exit code.
_SEVERITY = (
    ExitCode.DONE,
    ExitCode.DIFFERENT,
    ExitCode.TIMEOUT,
    ExitCode.REFUSED,
    ExitCode.RUN_FAILED,
    ExitCode.UNREACHABLE,
    ExitCode.SERVER,
    ExitCode.NOT_FOUND,
    ExitCode.ACCESS,
)


def severity(error: BaseException) -> int:
    """Return how bad an error is among others: the higher the worse."""
    code = exit_code_of(error)
    return _SEVERITY.index(code) if code in _SEVERITY else len(_SEVERITY)


def exit_code_of(error: BaseException | None) -> ExitCode:
    """Return the exit code of an error; none is ``DONE``, an error that is not ours is ``BUG``."""
    if error is None:
        return ExitCode.DONE
    if isinstance(error, errors.SostradesError):
        return _CODES.get(error.kind, ExitCode.BUG)
    return ExitCode.BUG
