"""What clerks and policies do to an escalation: hold, switch, reset, thresholds, versions."""

from examples.book import Contract
from examples.stories import story
from examples.stories.drafts import sent


@story(
    "C-501",
    "Held by a clerk until a day",
    look="decisions: held on 26 January and 9 February; one letter, level 2, on 10 February",
)
def held(c: Contract) -> None:
    c.invoice(1, "77.00", "2026-01-12")
    c.instruct("HoldEscalation", "2026-01-21", until="2026-02-10", reason="promised to pay")


@story(
    "C-502",
    "Held without an end, then released",
    look="decisions: held on 26 January; released 3 February, letter on 4 February",
)
def released(c: Contract) -> None:
    c.invoice(1, "78.00", "2026-01-12")
    c.instruct("HoldEscalation", "2026-01-21", reason="complaint")
    c.instruct("ReleaseEscalation", "2026-02-03", reason="complaint settled")
    c.pay(1, "78.00", "2026-02-12")


@story(
    "C-503",
    "Switched off and on again: time did not stop",
    look="decisions: on 21 February one letter, level 2; level 1 superseded (R-31)",
)
def switched(c: Contract) -> None:
    c.invoice(1, "99.00", "2026-01-12")
    c.instruct("SwitchEscalation", "2026-01-15", on=False)
    c.instruct("SwitchEscalation", "2026-02-20", on=True)
    c.pay(1, "99.00", "2026-02-26")


@story(
    "C-504",
    "Reset by a clerk while money is owed",
    look="escalations: reset manual on 1 February, a new process on 2 February",
)
def manually_reset(c: Contract) -> None:
    c.invoice(1, "88.00", "2026-01-12")
    c.instruct("ResetEscalation", "2026-02-01", reason="address was wrong")
    c.pay(1, "88.00", "2026-02-20")


@story(
    "C-505",
    "A cent below the threshold",
    look="decisions: below_threshold on 13 January (R-40); no run, no letter",
)
def below_threshold(c: Contract) -> None:
    c.invoice(1, "4.99", "2026-01-12")


@story("C-506", "Exactly at the threshold", look="escalations: started on 13 January")
def at_threshold(c: Contract) -> None:
    c.invoice(1, "5.00", "2026-01-12")
    c.pay(1, "5.00", "2026-02-04")


@story(
    "C-507",
    "Two small invoices reach the threshold together",
    look="decisions: below_threshold on 13 January; a run on 10 February, over 6.00",
)
def together(c: Contract) -> None:
    c.invoice(1, "3.00", "2026-01-12")
    c.invoice(2, "3.00", "2026-02-09")


@story(
    "C-508",
    "A run keeps the policy it began with",
    look="begun 17 February under version 1: letter 2 March, none on 8 March; next run version 2",
)
def two_versions(c: Contract) -> None:
    c.invoice(1, "33.00", "2026-02-16")
    c.pay(1, "33.00", "2026-03-12")
    c.invoice(2, "34.00", "2026-03-30")
    c.pay(2, "34.00", "2026-04-15")


@story(
    "C-509",
    "A consumer through version 2 of the policy",
    look="started 10 March, webhook 12 March, letters 19 and 29 March, end requested 23 April",
)
def through_version_2(c: Contract) -> None:
    c.invoice(1, "59.00", "2026-03-09")


@story(
    "C-510",
    "Switched on again late: no pause without the notice",
    look="decisions: guarded (R-31) from 21 February; paid within the notice, so never paused",
    kind="business",
    more={"attributes": {"segment": "business"}},
)
def guarded(c: Contract) -> None:
    c.invoice(1, "350.00", "2026-01-12")
    c.instruct("SwitchEscalation", "2026-01-14", on=False, reason="address in doubt")
    c.instruct("SwitchEscalation", "2026-02-20", on=True, reason="address found")
    sent(c, "2026-02-23")
    c.pay(1, "350.00", "2026-03-05")
