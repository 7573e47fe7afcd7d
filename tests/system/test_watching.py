"""Who watches an embedded run sees the days pass."""

import asyncio
from datetime import date

from services.dunning import app as dunning
from services.runtime.embedded.embedded import Embedded
from tests.support.events import ACME, line


def test_each_day_is_told_once_it_is_through(tmp_path):
    days = []
    lines = [line(ACME, "2026-02-01T00:00:00+01:00")]

    run = Embedded((dunning.worker,), tmp_path).run(
        lines, until=date(2026, 2, 4), watch=days.append
    )
    asyncio.run(run)

    # The first day belongs to the legal entity's publication, not to the passing of time.
    assert days == [date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 4)]
