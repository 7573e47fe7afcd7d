"""A small disk that can be filled: a file system in memory; mounting it wants root."""

import atexit
import errno
import os
import subprocess
import tempfile
from pathlib import Path

from deploy.kafka.broker import Missing

_PIECE = b"\0" * 4096


class SmallDisk:
    """So many MiB, for whoever runs the tests; Missing where nothing may be mounted."""

    size_mb = 48

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="duestream-disk-"))
        self._ballast = self.path / "ballast"
        options = f"size={self.size_mb}m,mode=755,uid={os.getuid()},gid={os.getgid()}"
        if _as_root("mount", "-t", "tmpfs", "-o", options, "tmpfs", self.path):
            self.path.rmdir()
            raise Missing("root, or sudo without a password, to mount a small disk")
        atexit.register(self.close)

    def start(self) -> None:
        """Nothing runs: a disk is there once it is made."""

    def folder(self, name: str) -> Path:
        """Make a folder on it."""
        folder = self.path / name
        folder.mkdir()
        return folder

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(_PIECE)
            except OSError as error:
                assert error.errno == errno.ENOSPC, error

    def make_room(self) -> None:
        self._ballast.unlink()

    def close(self) -> None:
        """Unmount it; what was on it is gone."""
        atexit.unregister(self.close)
        # Lazily: a process that still looks at a file of it must not keep it mounted.
        if _as_root("umount", "--lazy", self.path) == 0:
            self.path.rmdir()


def _as_root(*command: object) -> int:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    return subprocess.run([*sudo, *map(str, command)], capture_output=True, check=False).returncode
