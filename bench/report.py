"""What was measured, and on which machine: a table to read and a file for programs."""

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from tests.support.servers import server_binaries

_GIB = 2**30
_COLUMNS = {
    "per_second": "messages/s",
    "slowest": "slowest",
    "fastest": "fastest",
    "cpu_us": "CPU us each",
    "bytes_each": "bytes of database each",
    "most_mb": "memory MB",
}


def machine() -> dict[str, Any]:
    """Return what the figures depend on; broker, database and all that is measured share it."""
    info = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (info.read_text().splitlines() if info.exists() else ())
        if line.startswith("model name")
    ]
    postgres = subprocess.run(
        [server_binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return {
        "processor": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB, 1),
        "load_before": [round(each, 2) for each in os.getloadavg()],
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "postgres": postgres.stdout.split()[2],
        "kafka": "4.1.1",
    }


def table(found: dict[str, Any]) -> str:
    """Return *found* as tables in Markdown."""
    lines = [", ".join(f"{name} {value}" for name, value in found["machine"].items())]
    for part in ("dunning", "usage"):
        if part in found:
            lines += ["", *_throughput(part, found[part])]
    for part in ("latency", "million", "billing", "closing", "documents", "stages", "backlog"):
        for name, row in found.get(part, {}).items():
            figures = ", ".join(f"{what} {figure}" for what, figure in row.items())
            lines.append(f"\n**{part}, {name}**: {figures}")
    return "\n".join(lines)


def write(found: dict[str, Any], path: Path) -> None:
    """Leave *found* as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2) + "\n")


def _throughput(part: str, rows: dict[str, Any]) -> list[str]:
    stock = rows.get("stock Faust", {}).get("per_second")
    heads = [part, *_COLUMNS.values(), "x stock Faust"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for variant, row in rows.items():
        cells = [_cell(row.get(name)) for name in _COLUMNS]
        times = f"{row['per_second'] / stock:.1f}" if stock else ""
        lines.append(f"| {variant} | {' | '.join(cells)} | {times} |")
    return lines


def _cell(figure: float | None) -> str:
    return "" if figure is None else f"{figure:,.0f}"
