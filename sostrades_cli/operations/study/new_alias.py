"""Check a new alias against the studies in the cache, and say what it changes. Nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sostrades_cli.errors import UsageError
from sostrades_cli.local.aliases import aliases_of, other_server
from sostrades_cli.local.settings import profile_table
from sostrades_cli.output.text import listed
from sostrades_cli.study_reference import ALIAS_RULE, is_alias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sostrades_cli.local.cache import StudyCache


def require_free(name: str, study: int, cache: StudyCache | None) -> None:
    """Reject a name that cannot be an alias of a study.

    Raises
    ------
    UsageError
        The name is not valid, or it is the name of another study.

    """
    hint = f"sostrades alias set NAME {study}"
    # Digits would be the number of a study, and commas separate studies.
    if not is_alias(name):
        raise UsageError(f"{name!r} is not a valid alias: use {ALIAS_RULE}", hint=hint, study=study)
    # An alias wins over a name, so commands for the other study would change this one. Where several studies share a
    # name, an alias is a way to select one of them.
    named = cache.named_studies().get(name, ()) if cache is not None else ()
    if named and study not in named:
        word, numbers = "study" if len(named) == 1 else "studies", ", ".join(map(str, named))
        raise UsageError(
            f"{name!r} is the name of {word} {numbers}, so it cannot be an alias of study {study}",
            hint=hint,
            study=study,
        )


def require_same_server(config: Mapping[str, object], profile: str, host: str | None) -> None:
    """Reject an alias for a study of another server than that of the profile, because commands would reject it.

    Raises
    ------
    UsageError
        The server in use, ``host``, is not that of the profile.

    """
    if (server := other_server(config, profile, host)) is not None:
        raise UsageError(
            f"the aliases of profile {profile} are for studies on {server}, which is not the server in use",
            hint=f"store the server in use in another profile: `sostrades auth login --profile NAME --host {host}`",
        )


def notes_on_alias(name: str, study: int, aliases: Mapping[str, int], cache: StudyCache | None) -> list[str]:
    """Return the study that an alias had before, and whether the new one is unknown."""
    notes = []
    if aliases.get(name, study) != study:
        notes.append(f"replaced: {name} was study {aliases[name]}")
    if cache is not None and all(cached.study != study for cached in cache.studies()):
        notes.append(f"study {study} has not been used on this computer yet. To check it: sostrades study show {study}")
    return notes


def note_on_new_host(config: Mapping[str, object], profile: str, host: str) -> str | None:
    """Return a note if a profile gets another server, because its aliases keep their numbers."""
    aliases = aliases_of(config, profile)
    if not aliases or profile_table(config, profile, required=False).get("host") == host:
        return None
    numbers = listed([f"{name} ({study})" for name, study in aliases.items()])
    return f"check the aliases of profile {profile}, which may stand for studies of another server: {numbers}"
