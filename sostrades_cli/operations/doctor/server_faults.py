"""Check for the known faults of API v0. Nothing on the server is changed.

The checks request a load and a link, and send an upload without a file, which every version rejects. Copying is not
tested, because the test would create a study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.errors import (
    AccessError,
    LinkFault,
    LoadFault,
    NotFound,
    PermissionDenied,
    SostradesError,
    StudyLoadFault,
    UploadFault,
)
from sostrades_cli.operations.doctor.check import Check, failed, not_checked, ok, warning
from sostrades_cli.run_phase import Phase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.api.client import Api

# Numbers of studies start at 1. On a server in use, a key usually has access to one of the first studies.
SEARCHED: Final = 40
# The longest time that the server may wait for the study. A broken load fails in any case.
SHORT_S: Final = 1
LOADING: Final = "loading"


def find_study(api: Api, requested: int | None, recent: Sequence[int]) -> tuple[int | None, list[Check]]:
    """Return a study for the checks: the requested one, else the last used one, else the first accessible number."""
    for study in [requested] if requested is not None else [*recent[:3], *range(1, SEARCHED + 1)]:
        try:
            status = api.calculations.status(study)
        except (NotFound, AccessError) as error:
            if requested is not None:
                return None, [failed("study", error)]
            continue
        except SostradesError as error:
            return None, [failed("study", error)]
        return study, [ok("study", f"study {study} is accessible, with status {status.status or 'NO RUN'}")]
    return None, [not_checked("study", "found no study that the key can read", "sostrades doctor STUDY")]


def run_checks(api: Api, study: int) -> Iterator[Check]:
    """Check for each known fault."""
    load = _load(api, study)
    upload = _upload(api, study)
    link = _link(api, study)
    yield from (load, upload, link)
    yield _copy(is_5x=any(check.state == "warning" for check in (load, upload)))
    yield _behaviour(load, upload, link)


def _load(api: Api, study: int) -> Check:
    try:
        api.studies.load(study, SHORT_S)
    except StudyLoadFault as error:
        return failed(LOADING, error)
    except LoadFault:
        return warning(
            LOADING,
            f"broken on this server (HTTP 400, a known bug of {LoadFault.versions})",
            "no action needed: inputs are taken from the last finished run, single values from `sostrades param get`",
        )
    except SostradesError as error:
        return failed(LOADING, error)
    return ok(LOADING, "works")


def _upload(api: Api, study: int) -> Check:
    try:
        if api.calculations.status(study).phase is Phase.ACTIVE:
            # A change during a run destroys its result, so not even a rejected change is risked.
            return not_checked("uploading", f"study {study} is running", "check again after the run")
        accepts_files = api.parameters.takes_files(study)
    except PermissionDenied:
        return not_checked("uploading", f"the key has no permission to change study {study}", "sostrades doctor STUDY")
    except SostradesError as error:
        return failed("uploading", error)
    if accepts_files:
        return ok("uploading", "works")
    return warning(
        "uploading",
        f"broken on this server (HTTP 415, a known bug of {UploadFault.versions})",
        "change tables in the web page. `sostrades param set` works for all other values",
    )


def _link(api: Api, study: int) -> Check:
    try:
        api.studies.url(study)
    except LinkFault:
        return warning(
            "study link",
            f"fails for the key of a user (HTTP 500, a known bug {LinkFault.versions})",
            "use the key of a group for `sostrades study url`",
        )
    except SostradesError as error:
        return failed("study link", error)
    return ok("study link", "works")


def _copy(*, is_5x: bool) -> Check:
    """Report the probable values in a copy, without a test, because the test would create a study.

    Every 5.x gives a copy the default values, even if its other faults are fixed. A server without these faults may be
    older, and the behaviour of older versions is unknown.
    """
    advice = "no action needed: `sostrades study copy` sets all values of the copy, and verifies them"
    if is_5x:
        return warning(
            "copying", "the server fills a copy with default values (a known bug of 5.x, not tested)", advice
        )
    return not_checked(
        "copying", "not tested, because it would create a study (servers 5.x fill a copy with default values)", advice
    )


def _behaviour(load: Check, upload: Check, link: Check) -> Check:
    names = {check.name for check in (load, upload, link) if check.state == "warning"}
    if LOADING in names:
        return ok("behaviour", f"like versions {LoadFault.versions}")
    if names:
        return ok("behaviour", "like versions 4.2.0 to 5.0.1")
    return ok("behaviour", "as documented")
