"""`foyer releases ...`: the keys that sign releases, from the command line.

`make-key` makes a pair: the private half signs (`make release KEY=...`) and never comes near a machine of the fleet; the public half is a small file
that machines believe, in `deploy/raspberrypi/release-keys/` for everybody or in `/etc/foyer/release-keys/` for one council. `withdraw-key` marks
such a file: what is signed by that key alone is refused from then on. A key made with `--test` is worth nothing on a machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.clock import Clock

app = typer.Typer(help="The keys that sign releases.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="where the two files are written; outside any clone")]
Years = Annotated[int, typer.Option("--years", min=1, max=10, help="how long machines believe it")]
Owner = Annotated[str, typer.Option("--owner", help="whose it is, for people who look at the file")]
ForTests = Annotated[
    bool, typer.Option("--test", help="for tests and demonstrations: no machine believes it")
]
PublicKey = Annotated[Path, typer.Argument(help="the public half, a .json file")]


@app.command("make-key")
def make_key(folder: Folder, years: Years = 3, owner: Owner = "", test: ForTests = False) -> None:
    """Make a key that signs releases: NAME.pem (keep it secret) and NAME.json (machines believe it)."""
    today = Clock().now().date()
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    name = hashlib.sha256(public).hexdigest()[:16]
    until = date(today.year + years, today.month, min(today.day, 28))
    folder.mkdir(parents=True, exist_ok=True)
    private = folder / f"{name}.pem"
    # Made with its final rights: there is no moment at which others could read it.
    handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    told = {
        "public": base64.b64encode(public).decode(),
        "not_after": until.isoformat(),
        "purpose": "test" if test else "release",
        "owner": owner,
    }
    shown = folder / f"{name}.json"
    shown.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    typer.echo(
        f"{private} signs releases until {until}. Keep it off the network, and a copy in another place."
    )
    typer.echo(f"{shown} is what machines believe. See docs/releases.md for where it goes.")


@app.command("withdraw-key")
def withdraw_key(key: PublicKey) -> None:
    """Mark a public key as withdrawn. Machines refuse it from the next release on that carries the file."""
    try:
        told = json.loads(key.read_text("utf-8"))
        name = hashlib.sha256(base64.b64decode(told["public"], validate=True)).hexdigest()[:16]
    except (OSError, ValueError, KeyError, TypeError):
        typer.echo(f"{key} is not the public half of a release key.", err=True)
        raise typer.Exit(1) from None
    told["withdrawn"] = told.get("withdrawn") or Clock().now().date().isoformat()
    key.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    typer.echo(
        f"{name} is withdrawn since {told['withdrawn']}. Put the file into the next release, signed by another key."
    )


@app.command("look")
def look(folder: Annotated[Path, typer.Argument(help="a folder with release files")]) -> None:
    """Hold every release in a folder against its signature's statement: is it whole, under its own name, and who signed it?"""
    from server.web.release_folder import Unusable, look_at, versions_in  # a folder as the server reads it

    wrong = 0
    versions = versions_in(folder)
    for version in versions:
        try:
            found = look_at(folder, version)
            typer.echo(f"{version}  {found.size // 2**20} MB, signed by {', '.join(found.signed_by)}")
        except Unusable as unusable:
            wrong += 1
            typer.echo(f"{version}  {unusable}", err=True)
    if not versions:
        typer.echo(f"No release with its signature lies in {folder}.")
    raise typer.Exit(1 if wrong else 0)
