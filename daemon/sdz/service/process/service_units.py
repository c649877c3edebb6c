"""What keeps the daemon running on each system, as text: pure functions, written by the command.

Linux: a systemd user unit that is told when the daemon is ready and restarts it when it gives
no sign of life. macOS: a launchd agent. Windows: a task at logon, as the user, not elevated; it
ends when the user logs out.
"""

from __future__ import annotations

import plistlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final
from xml.sax.saxutils import escape

NAME: Final = "sdz"
LABEL: Final = "sdz.daemon"


@dataclass(frozen=True, slots=True)
class Unit:
    """A file to write and the commands that make the system use it, and stop using it."""

    path: PurePath
    text: str
    install: tuple[tuple[str, ...], ...]
    remove: tuple[tuple[str, ...], ...]


def systemd_unit(command: Sequence[str], config: Path, environment: dict[str, str]) -> Unit:
    """A user unit. ``config``: the user's configuration folder."""
    settings = "".join(
        f"Environment={_systemd_word(f'{name}={value}')}\n" for name, value in environment.items()
    )
    text = f"""[Unit]
Description=sdz: pictures from latents, for this user's programs

[Service]
Type=notify
ExecStart={" ".join(_systemd_word(word).replace("$", "$$") for word in command)}
{settings}SuccessExitStatus=143
WatchdogSec=60
Restart=on-failure
RestartSec=2
TimeoutStopSec=20
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""
    control = ("systemctl", "--user")
    return Unit(
        config / "systemd" / "user" / f"{NAME}.service",
        text,
        install=((*control, "daemon-reload"), (*control, "enable", "--now", f"{NAME}.service")),
        remove=((*control, "disable", "--now", f"{NAME}.service"),),
    )


def launchd_agent(
    command: Sequence[str], home: Path, environment: dict[str, str], user: int
) -> Unit:
    """An agent of the user with that number."""
    path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    properties = {
        "Label": LABEL,
        "ProgramArguments": list(command),
        "EnvironmentVariables": environment,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ProcessType": "Interactive",
        "Umask": 0o077,
        "StandardErrorPath": str(home / "Library" / "Logs" / "sdz.log"),
    }
    domain = f"gui/{user}"
    return Unit(
        path,
        plistlib.dumps(properties, sort_keys=True).decode(),
        install=(("launchctl", "bootstrap", domain, str(path)),),
        remove=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
    )


def windows_task(command: Sequence[str], folder: PurePath, user: str) -> Unit:
    """A task at logon of ``user``. ``folder``: where the task's file is kept."""
    path = folder / "sdz-task.xml"
    arguments = " ".join(_windows_word(word) for word in command[1:])
    text = f"""<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <LogonTrigger><Enabled>true</Enabled><UserId>{escape(user)}</UserId></LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{escape(user)}</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure><Interval>PT1M</Interval><Count>3</Count></RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{escape(command[0])}</Command>
      <Arguments>{escape(arguments)}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
    return Unit(
        path,
        text,
        install=(
            ("schtasks", "/Create", "/F", "/TN", NAME, "/XML", str(path)),
            ("schtasks", "/Run", "/TN", NAME),
        ),
        remove=(
            ("schtasks", "/End", "/TN", NAME),
            ("schtasks", "/Delete", "/F", "/TN", NAME),
        ),
    )


def _systemd_word(word: str) -> str:
    """A word of a unit file: quoted where it must be, with % taken literally."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    safe = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:+,@")
    return plain if set(plain) <= safe and plain else f'"{plain}"'


def _windows_word(word: str) -> str:
    return f'"{word}"' if " " in word or not word else word
