"""Runs command lines of the program in this process, as if it were Windows; reads them as JSON from standard input.

Libraries and the standard library are imported first and keep the system that they have found: file locks are those of
this system, and paths have slashes. Everything else of POSIX is taken away, then all modules of this project are
imported anew, and its commands run with the outputs that Python has on Windows.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

# Whatever the commands import later must have found this system.
LIBRARIES = (
    "asyncio concurrent.futures csv decimal difflib getpass hashlib http.cookiejar multiprocessing pdb plistlib "
    "platform statistics subprocess tempfile tomllib traceback unittest.mock urllib.request webbrowser xml.etree "
    "zoneinfo click click.shell_completion filelock flask httpcore httpx idna ijson jmespath keyring "
    "keyring.backends.fail keyring.backends.null numpy pandas platformdirs plotext plotly pyarrow.parquet rich.console "
    "rich.live rich.progress rich.table tenacity tomlkit truststore werkzeug.serving"
)
MODULES = ("crypt", "curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty")
OF_OS = (
    "chown chroot ctermid fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid getpgrp "
    "getpriority getresuid getuid initgroups killpg lchown login_tty mkfifo mknod nice openpty pathconf posix_spawn "
    "pread pwrite readv sched_getaffinity sched_yield sendfile setegid seteuid setgid setsid setuid statvfs "
    "sync sysconf tcgetpgrp ttyname uname wait3 wait4 writev O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_NDELAY "
    "O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK O_PATH O_SYNC O_TMPFILE WNOHANG WUNTRACED EX_OK EX_USAGE"
)
OF_SIGNAL = (
    "SIGALRM SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGPROF SIGQUIT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG "
    "SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH alarm getitimer pause pthread_kill pthread_sigmask setitimer siginterrupt "
    "sigpending sigtimedwait sigwait sigwaitinfo"
)
# A file of this name is open in a spreadsheet.
OPEN = "open.csv"


def become_windows() -> None:
    """Take away the modules and functions that Windows does not have."""
    for library in LIBRARIES.split():
        importlib.import_module(library)
    for module in MODULES:
        sys.modules[module] = None  # type: ignore[assignment] # an import of it fails
    for owner, names in ((os, OF_OS), (signal, OF_SIGNAL), (select, "epoll poll"), (socket, "AF_UNIX SO_REUSEPORT")):
        for name in names.split():
            if hasattr(owner, name):
                delattr(owner, name)
    del time.tzset
    # The way of Windows, which has no descriptors of folders.
    shutil._use_fd_functions = False  # type: ignore[attr-defined]
    shutil._winapi = SimpleNamespace(NeedCurrentDirectoryForExePath=lambda _: True)  # type: ignore[attr-defined]
    signal.SIGBREAK = signal.Signals(21)  # type: ignore[attr-defined] # its number on Windows
    _refuse_open_files()
    sys.platform = "win32"


def _refuse_open_files() -> None:
    rename = os.replace

    def replace(source: Any, target: Any, **options: Any) -> None:
        if Path(target).name == OPEN:
            raise PermissionError(13, "Access is denied", str(target))
        rename(source, target, **options)

    os.replace = replace


def own_modules() -> list[str]:
    """Import all modules of this project; return their names."""
    names = []
    for package in ("server_stub", "sostrades_cli"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
                names.append(module.name)
    return names


def run(arguments: list[str]) -> dict[str, Any]:
    """Run a command line with files as its outputs; return its exit code and their bytes."""
    from sostrades_cli.cli.main import main  # noqa: PLC0415 - after the simulation began

    for descriptor, name in ((1, "out"), (2, "err")):
        file = os.open(f".{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
        os.close(file)
    # As Python opens them on Windows.
    sys.stdout, sys.stderr = (os.fdopen(fd, "w", encoding="cp1252", newline="\r\n", closefd=False) for fd in (1, 2))
    sys.argv = ["sostrades", *arguments]
    try:
        main()
    except SystemExit as end:
        code = end.code
    out, err = (Path(f".{name}").read_bytes().decode("utf-8", "surrogateescape") for name in ("out", "err"))
    return {"line": arguments, "code": code, "out": out, "err": err}


def answer() -> None:
    """Run the command lines of standard input, and write their outcomes to the standard output of the process."""
    lines = json.load(sys.stdin)
    become_windows()
    modules = own_modules()
    results = os.dup(1)
    outcomes = [run(line) for line in lines]
    os.write(results, json.dumps({"modules": modules, "outcomes": outcomes}).encode())


answer()
