"""Documents: an invoice of a page with its e-invoice in a PDF/A-3a, beside bare typesetting.

Times are of the processor, so that what else runs on the machine counts less. One process with one
press, as a worker has it.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from services.notifications.rendering import samples
from services.notifications.rendering.documents.vouchers import Voucher
from services.notifications.rendering.einvoice.hybrid import declare
from services.notifications.rendering.einvoice.rule_sets import rule_set
from services.notifications.rendering.page import typesetting
from services.notifications.rendering.page.typesetting import Attached
from services.notifications.rendering.rendered import render, show, write
from services.notifications.rendering.texts import built_in

_TEXTS = built_in("de")
# What the press does first it does slowly: fonts are read, the template is parsed.
_WARM = 20


def measure(number: int) -> dict[str, Any]:
    """Return documents a second of *number* documents, of bare typesetting, and where time goes."""
    press = typesetting.press()
    for voucher in _vouchers(_WARM, first=-_WARM):
        render(voucher, press=press, texts=_TEXTS, format="zugferd")
    bare = _bare(press, number)
    resident = _resident_mb()
    whole = _timed(lambda each: render(each, press=press, texts=_TEXTS, format="zugferd"), number)
    return {
        "invoice with e-invoice": {
            "documents_per_s": round(number / whole, 1),
            "ms": round(1000 * whole / number, 2),
            "bare typst_per_s": round(number / bare, 1),
            "of bare typst": round(bare / whole, 2),
            "memory_mb_before": resident,
            "memory_mb_after": _resident_mb(),
        },
        "where its time goes, ms": _stages(press, number),
    }


def _vouchers(number: int, *, first: int = 0) -> Iterator[Voucher]:
    """Yield invoices that are like no other, so that nothing is remembered of the one before."""
    voucher = next(each for _, each in samples.samples("de") if isinstance(each, Voucher))
    for at in range(first, first + number):
        payment = replace(voucher.payment, reference=f"RF18{at:012}") if voucher.payment else None
        yield replace(voucher, number=f"R-2026-{at:07}", payment=payment)


def _timed(step: Callable[[Voucher], object], number: int) -> float:
    vouchers = [*_vouchers(number)]
    begun = time.process_time()
    for voucher in vouchers:
        step(voucher)
    return time.process_time() - begun


def _bare(press: typesetting.Press, number: int) -> float:
    """Return how long it takes to set pages that are ready to be set, without any e-invoice."""
    shown = [show(each, texts=_TEXTS) for each in _vouchers(number, first=number)]
    begun = time.process_time()
    for each in shown:
        typesetting.typeset(each, press=press)
    return time.process_time() - begun


def _stages(press: typesetting.Press, number: int) -> dict[str, float]:
    """Return what each stage of a document takes, in milliseconds."""
    took: dict[str, float] = {}

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        begun = time.process_time()
        yield
        took[name] = took.get(name, 0.0) + time.process_time() - begun

    for each in _vouchers(number, first=2 * number):
        rules = rule_set("zugferd", on=each.head.issued_on)
        with stage("words and formats"):
            shown = show(each, texts=_TEXTS)
        with stage("e-invoice with checks"):
            xml = write(each, rules)
        with stage("page with attachment"):
            attached = Attached(rules.file_name, xml)
            pdf = typesetting.typeset(shown, press=press, attached=attached)
        with stage("metadata"):
            declare(pdf, rules=rules)
    return {name: round(1000 * spent / number, 2) for name, spent in took.items()}


def _resident_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
