"""What the image is built from is let into its context, and it does not run as root."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")


def test_whatever_is_copied_is_let_into_the_context():
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    wanted = {each.partition("/")[0] for line in copied for each in line.split()}
    let_in = set(re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert {"duestream", "schemas", "services", "requirements"} <= wanted
    assert wanted - let_in == set()


def test_the_image_runs_as_a_number_that_is_not_roots():
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
