"""Checks for the known faults of API v0. Nothing on the server is changed.

The checks request a load and a link, and send an upload without a file, which every version rejects. Copying is not
tested, because the test would create a study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import (
    AccessError,
    LinkFault,
    LoadFault,
    NotFound,
    PermissionDenied,
    SostradesError,
    StudyLoadFault,
)
from sostrades_cli.operations.doctor.check import Check, failed, not_checked, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.api.client import Api

# Numbers start at 1. On a server in use, a key usually has access to one of the first studies.
SEARCHED: Final = 40
SHORT_S: Final = 1


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
        return study, [ok("study", f"study {study} can be seen; status {status.status or 'NO RUN'}")]
    return None, [not_checked("study", "no study is known here", "sostrades doctor STUDY looks at the server's faults")]


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
        return failed("loading", error)
    except LoadFault:
        return warning(
            "loading",
            "every load answers 400 (5.0.2 to 5.3.4)",
            "inputs are taken from the last finished run instead; single values by `sostrades param get`",
        )
    except SostradesError as error:
        return failed("loading", error)
    return ok("loading", "works")


def _upload(api: Api, study: int) -> Check:
    try:
        if api.calculations.status(study).phase is Phase.ACTIVE:
            # A change during a run destroys its result, so do not even test one.
            return not_checked("uploading", f"study {study} has a run going on")
        accepts_files = api.parameters.takes_files(study)
    except PermissionDenied:
        return not_checked(
            "uploading", f"the key may not change study {study}", "sostrades doctor STUDY with one it may"
        )
    except SostradesError as error:
        return failed("uploading", error)
    if accepts_files:
        return ok("uploading", "works")
    return warning(
        "uploading",
        "every file is answered 415 (4.2.0 to 5.3.4)",
        "tables can be loaded in the web page only; numbers, texts, lists and dicts can be set from here",
    )


def _link(api: Api, study: int) -> Check:
    try:
        api.studies.url(study)
    except LinkFault:
        return warning(
            "link of a study", "a user's key is answered 500 (up to 5.3.4)", "use a group's key for `study url`"
        )
    except SostradesError as error:
        return failed("link of a study", error)
    return ok("link of a study", "works")


def _copy(*, is_5x: bool) -> Check:
    """Report the probable values in a copy, without a test, because the test would create a study.

    Every 5.x gives a copy the default values, even if its other faults are fixed. A server without these faults may be
    older, and the behaviour of older versions is unknown.
    """
    advice = "`sostrades study copy` also sends the source's values, and reads them back"
    if is_5x:
        return warning("copying", "the server gives a copy default values (a fault of 5.x; not tried)", advice)
    return not_checked("copying", "not tried, as it would create a study; on 5.x, copies hold default values", advice)


def _behaviour(load: Check, upload: Check, link: Check) -> Check:
    names = {check.name for check in (load, upload, link) if check.state == "warning"}
    if "loading" in names:
        return ok("behaves as", "5.0.2 to 5.3.4")
    if names:
        return ok("behaves as", "4.2.0 to 5.0.1")
    return ok("behaves as", "documented")
