"""Whether a file lies on a disk of this machine: SQLite's log needs memory that all its users share, and locks that hold, and a network folder has neither.

Pure: it is given the path as the system knows it and what Linux tells of its mounts (`/proc/self/mountinfo`).
"""

from __future__ import annotations

from pathlib import PurePosixPath

NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2", "afs", "ncpfs", "9p", "ceph", "glusterfs", "lustre", "beegfs"),
        *("fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.ceph", "gfs2", "ocfs2", "davfs", "fuse.davfs2"),
    }
)  # fmt: skip


def network_kind(path: str, mountinfo: str) -> str:
    """The kind of network folder that `path` (absolute, without links) lies on; empty when it is none we know."""
    best, kind = -1, ""
    parts = PurePosixPath(path).parts
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        words, told = before.split(), after.split()
        if len(words) < 5 or not told:
            continue
        at = PurePosixPath(words[4].replace("\\040", " ")).parts
        # The last of several mounts on one another is the one that is seen.
        if parts[: len(at)] == at and len(at) >= best:
            best, kind = len(at), told[0]
    return kind if kind in NETWORK else ""
