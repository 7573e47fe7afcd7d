"""The tools of others, fetched by package, pinned, into a folder of their own."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEPT = ROOT / ".cache" / "outside"
_MOST_S = 150


class Absent(Exception):
    """A tool cannot be had on this machine; a check that needs it is skipped and says so."""


class Finding(Exception):
    """A tool found fault with what we publish."""


def run(*words: str | Path, timeout_s: int = _MOST_S, **how: object) -> str:
    """Return what a tool printed; raise Finding with its words where it ends with a fault."""
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=timeout_s, check=False, **how
    )
    if done.returncode:
        raise Finding((done.stdout + done.stderr).strip()[-4000:])
    return done.stdout.strip()


def program(name: str) -> Path:
    """Return where *name* is, on the path or among what was fetched."""
    found = shutil.which(name, path=f"{KEPT / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if not found:
        raise Absent(f"there is no {name} here")
    return Path(found)


def from_debian(package: str, name: str) -> Path:
    """Return the program *name* of a Debian *package*, which is unpacked and not installed."""
    try:
        return program(name)
    except Absent:
        apt, folder = program("apt-get"), KEPT / "debian"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run(apt, "update", "-q")
        run(apt, "download", "-q", package, cwd=folder)
        [archive] = folder.glob(f"{package}_*.deb")
        run("dpkg-deb", "-x", archive, folder)
    except (Finding, OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Absent(f"apt-get has no {package} here") from error
    (KEPT / "bin").mkdir(exist_ok=True)
    return Path(shutil.copy(folder / "usr/bin" / name, KEPT / "bin"))


def node() -> Path:
    """Return a folder with our scripts and the npm packages that they import."""
    for each in ("node", "npm"):
        program(each)
    folder = KEPT / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for each in (HERE / "node").iterdir():
        shutil.copy(each, folder)
    options = ("--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
    _fetch(folder, HERE / "node/package.json", "npm", "install", *options, at=folder)
    return folder


def python() -> Path:
    """Return an environment with the Python packages of others."""
    folder = KEPT / "venv"
    if not (folder / "bin/python").exists():
        venv.create(folder, with_pip=True)
    pins = HERE / "requirements.txt"
    options = ("-q", "--disable-pip-version-check", "-r", pins)
    _fetch(folder, pins, folder / "bin/python", "-m", "pip", "install", *options, at=HERE)
    return folder


def libraries() -> str:
    """Return where the packages of that environment are, for an interpreter that has ours too."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return str(python() / "lib" / version / "site-packages")


def _fetch(folder: Path, pins: Path, *words: str | Path, at: Path) -> None:
    """Install once for these *pins*; Absent where the network or the package is not to be had."""
    mark, digest = folder / ".pins", hashlib.sha256(pins.read_bytes()).hexdigest()
    if mark.exists() and mark.read_text() == digest:
        return
    try:
        run(*words, cwd=at)
    except (Finding, subprocess.TimeoutExpired) as error:
        # Whatever an installer says of its servers helps nobody here.
        raise Absent(f"{words[0]} could not install {pins.name}") from error
    mark.write_text(digest)
