"""``hil device certificates DIR``: what modbus-tls needs for a first try, and the commands that use it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

__all__ = ["command"]

_ROLES = ("operator", "viewer")
_AUTHORITY, _SERVER = "authority", "server"


@click.command("certificates")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="A client's role.  [default: operator and viewer]")
@click.option("--name", "names", multiple=True, metavar="NAME", help="Host or address of the device, beside loopback.")
@click.option("--overwrite", is_flag=True, help="Replace files that are there.")
def command(folder: Path, roles: tuple[str, ...], names: tuple[str, ...], overwrite: bool) -> None:
    """Make certificates for a first try of modbus-tls: an authority, a device, and a client for each role.

    The role stands in the client's certificate, as Modbus/TCP Security says. Each name gets NAME.pem and NAME.key; the
    keys are not encrypted: for emulated devices and tests, not for a plant.
    """
    from emulators.modbus.certificates import LOCAL_NAMES, make_identity, role_extension

    clients = {_file_name(role): role for role in roles or _ROLES}
    made = [folder / f"{name}{end}" for name in (_AUTHORITY, _SERVER, *clients) for end in (".pem", ".key")]
    for file in made:
        if file.exists() and not overwrite:
            raise click.UsageError(f"{file} is there already; --overwrite replaces it")
    try:
        extensions = {name: role_extension(role) for name, role in clients.items()}
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    folder.mkdir(parents=True, exist_ok=True)
    authority = make_identity(folder, _AUTHORITY)
    make_identity(folder, _SERVER, authority=authority, names=(*LOCAL_NAMES, *names))
    for name, role_der in extensions.items():
        make_identity(folder, name, authority=authority, role_der=role_der)
    click.echo(f"{folder}: {len(made)} files; try in two terminals")
    for line in _commands(folder, clients):
        click.echo(f"  {line}")


def _file_name(role: str) -> str:
    name = re.sub(r"[^\w-]+", "_", role.strip())
    if name in ("", _AUTHORITY, _SERVER):
        raise click.UsageError(f"role '{role}' cannot name a file beside {_AUTHORITY} and {_SERVER}; choose another")
    return name


def _commands(folder: Path, clients: dict[str, str]) -> tuple[str, str]:
    (first, role), *others = clients.items()
    permissions = [f"{role}=all", *(f"{other}=read" for _, other in others)]
    server, ca = folder / _SERVER, folder / f"{_AUTHORITY}.pem"
    device = (
        f"hil device run energy_meter --protocol modbus-tls --port 8020 --certificate {_quoted(server)}.pem "
        f"--key {_quoted(server)}.key --client-ca {_quoted(ca)} "
        + " ".join(f"--role {shlex.quote(permission)}" for permission in permissions)
    )
    shown = f"certificate={folder / first}.pem&key={folder / first}.key&server_ca={ca}"
    return device, f"hil modbus read 'modbus-tls://127.0.0.1:8020/1?{shown}' --map energy_meter"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
