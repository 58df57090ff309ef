"""A database on a network folder is told from one on a disk, wherever it is mounted."""

import pytest

from server.store import database
from server.store.database import DatabaseUnusable, open_database
from server.store.mounts import network_kind

MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /srv rw,relatime shared:1 - nfs4 files:/srv rw
31 30 8:2 / /srv/disk rw - ext4 /dev/sda2 rw
32 22 0:41 / /files/two\\040words rw - cifs //files/queue rw
33 22 0:42 / /over rw - nfs files:/over rw
34 33 8:3 / /over rw - xfs /dev/sda3 rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/foyer/foyer.db", ""),
        ("/srv/foyer.db", "nfs4"),
        ("/srv/disk/foyer.db", ""),
        ("/srvother/foyer.db", ""),
        ("/files/two words/foyer.db", "cifs"),
        ("/over/foyer.db", ""),
    ],
)
def test_what_a_path_lies_on(path: str, kind: str) -> None:
    assert network_kind(path, MOUNTS) == kind


def test_sqlite_on_a_network_folder_is_refused_with_a_sentence(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_mounts", lambda: "30 22 0:40 / / rw - nfs4 files:/ rw\n")
    with pytest.raises(
        DatabaseUnusable, match=r"lies on a network folder .nfs4.*disk of this machine, or use PostgreSQL"
    ):
        open_database(sqlite_url)
