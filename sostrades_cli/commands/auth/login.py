"""``sostrades auth login``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sostrades_cli.cli import framework
from sostrades_cli.cli.prompt import asker_of
from sostrades_cli.errors import KeyringError, UsageError
from sostrades_cli.local.config_file import check_writable, read_config, store
from sostrades_cli.local.credential import TYPED, Credential, checked, is_email
from sostrades_cli.local.key_files import StoredKeys
from sostrades_cli.local.key_sources import login_command
from sostrades_cli.operations.ask_host import with_host
from sostrades_cli.operations.study.new_alias import note_on_new_host
from sostrades_cli.output.results import Rows

if TYPE_CHECKING:
    from sostrades_cli.app import App


@framework.command(
    examples=[
        "sostrades auth login --host https://corp.example/sostrades",
        "sostrades auth login --host https://corp.example --with-key < key.txt",
        "sostrades auth login --host https://old.example --profile old --as-user ann@corp.example",
    ],
    new_profile=True,
)
@click.option("--with-key", is_flag=True, help="Read the key from standard input.")
@click.option("--as-user", metavar="E-MAIL", help="With a group key, act as this member of the group.")
@click.option("--insecure-storage", is_flag=True, help="Store the key unencrypted in keys.json, beside config.toml.")
def command(app: App, with_key: bool, as_user: str | None, insecure_storage: bool) -> Rows:
    """Check an API key and store it.

    You type or paste the key; it is not shown. If the server accepts the key, it is stored in the keyring of your
    operating system, and the address of the server in the profile. Without --host, the command asks for the address.
    Exit 4 if the server rejects the key, or the keyring does not keep it. `sostrades config explain key` shows the
    sources that need no keyring.
    """
    if as_user is not None and not is_email(as_user):
        raise UsageError(f"{as_user!r} is not an e-mail address", hint="write it as in --as-user ann@corp.example")
    app = app.with_settings(with_host(app.settings, asker_of(app.runtime)))
    # Check first: otherwise the user types a key that cannot be stored.
    check_writable(app.folders)
    _check_store(app, insecure=insecure_storage)
    if not with_key and not app.runtime.stdin.isatty():
        login = login_command(app.key_sources.entry, insecure=insecure_storage)
        member = f" --as-user {as_user}" if as_user else ""
        raise UsageError("cannot ask for the key without a terminal", hint=f"{login}{member} --with-key < key.txt")
    text = app.runtime.stdin.readline() if with_key else app.runtime.ask_secret(f"API key for {app.host}: ")
    # The server reads the member of a group after a colon.
    token = checked(text) + (f":{as_user}" if as_user else "")
    api = app.connect(app.host, Credential(token, TYPED))
    api.calculations.check_key()
    aliases = note_on_new_host(read_config(app.folders), app.settings.profile, app.host)
    store(app.folders, app.settings.profile, "host", app.host)
    # Some servers only accept the key in base64. Storing that form saves a rejected request each time.
    _keep(app, api.session.accepted_form or token, insecure=insecure_storage)
    if source := app.key_sources.configured:
        app.notes.warning(f"{source} is set, and takes precedence over the stored key")
    if aliases:
        app.notes.warning(aliases)
    return Rows(("profile", "host", "key"), [(app.settings.profile, app.host, "accepted")], confirms=True)


def _check_store(app: App, *, insecure: bool) -> None:
    try:
        app.key_sources.check_store(insecure=insecure)
    except KeyringError as error:
        raise error.reworded(
            f"the key cannot be stored: {error.message}",
            hint=f"run `{login_command(app.key_sources.entry, insecure=True)}` to store it unencrypted, "
            "or log in without a store: set SOSTRADES_API_KEY or SOSTRADES_API_KEY_FILE, or run "
            "`sostrades config set key_command COMMAND`",
        ) from error


def _keep(app: App, token: str, *, insecure: bool) -> None:
    try:
        app.key_sources.keep(token, insecure=insecure)
    except KeyringError as error:
        raise error.reworded(
            f"the server accepts the key, but it is not stored: {error.message}",
            detail=f"the address of the server is stored in profile {app.settings.profile}",
        ) from error
    if insecure:
        app.notes.warning(f"the key is stored unencrypted in {StoredKeys(app.folders).path}")
