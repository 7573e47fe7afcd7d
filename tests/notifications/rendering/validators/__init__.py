"""The validators of others, fetched by Maven: what they say of files, in a child each."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
KEPT = HERE.parents[3] / ".cache" / "validators"
_FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


class Missing(Exception):
    """The validators cannot be had or run on this machine."""


class Validators:
    """Fetched once and kept; each method says what is wrong by file, nothing where all is right."""

    def __init__(self):
        for program in ("java", "mvn"):
            if shutil.which(program) is None:
                raise Missing(f"there is no {program}")
        if not (KEPT / "rules").exists():
            self._fetch()

    def mustang(self, *files):
        """Validate PDFs with their XML, and XML alone."""
        jar = next(KEPT.glob("validator-*-shaded.jar"))
        command = ["java", "-Xmx512m", "-cp", jar, HERE / "Mustang.java", *files]
        return _findings(_output(command))

    def verapdf(self, flavour, *files):
        """Validate PDFs as PDF/A-3a (3a) or PDF/UA-1 (ua1)."""
        jar = next(KEPT.glob("greenfield-apps-*.jar"))
        program = "org.verapdf.apps.GreenfieldCliWrapper"
        options = ["--format", "text", "-f", flavour]
        lines = _output(["java", "-Xmx512m", "-cp", jar, program, *options, *files]).splitlines()
        told = {Path(line.split()[1]).name: line for line in lines if line[:4] in ("PASS", "FAIL")}
        return {name: "" if line.startswith("PASS") else line for name, line in told.items()}

    def schematron(self, *files):
        """Validate XML by the rules of CEN, XRechnung and Peppol."""
        command = [sys.executable, HERE / "saxon.py", KEPT / "rules", *files]
        return _findings(_output(command))

    def _fetch(self):
        command = ["mvn", "-q", "-B", "-f", HERE / "pom.xml", _FETCH, f"-DoutputDirectory={KEPT}"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=600)
        except subprocess.SubprocessError as error:
            raise Missing("Maven cannot fetch them") from error
        unpacked = KEPT / "rules.part"
        for jar in KEPT.glob("phive-rules-*.jar"):
            with zipfile.ZipFile(jar) as opened:
                wanted = [n for n in opened.namelist() if n.startswith("external/schematron/")]
                opened.extractall(unpacked, wanted)
        unpacked.rename(KEPT / "rules")


def _output(command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=900)
    return done.stdout


def _findings(output):
    """Return what is wrong by file, so that one of which nothing is said is missed."""
    found = {}
    for line in output.splitlines():
        verdict, _, rest = line.partition("\t")
        if verdict in ("valid", "INVALID"):
            name, _, text = rest.partition("\t")
            found[name] = "" if verdict == "valid" else text or "invalid"
    return found
