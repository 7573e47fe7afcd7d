"""What one worker remembers of its mail server and of domains, to ask neither too often."""

from datetime import datetime

from services.notifications.channels import circuit, pace
from services.notifications.channels.circuit import FIRST_REST, Circuit
from services.notifications.channels.outcome import Later, Outcome, Sent, Unknown
from services.notifications.channels.pace import Pace, Passed

# What is about the server; whatever else is said, somebody is there who says it.
_OF_THE_SERVER = frozenset(
    {
        "mail_server_unreachable",
        "mail_server_refuses_us",
        "mail_server_silent",
        "mail_server_unreadable",
    }
)
# So many domains or turns are remembered before what is over is forgotten.
_MANY = 10_000


class Traffic:
    """Turns of domains, and the circuit of the one server; forgotten when the process ends."""

    def __init__(self, of_domains: Pace = pace.MAIL_TO_A_DOMAIN) -> None:
        self._pace, self._circuit = of_domains, Circuit()
        self._passed: dict[str, Passed] = {}
        self._turns: dict[str, datetime] = {}
        self._probed_at: datetime | None = None

    def rests_until(self, *, at: datetime) -> datetime | None:
        """Return before when the server is not asked; none where it may be asked *at* once.

        When its rest is over, the first to ask tries it, and the others wait for what that says.
        """
        until = circuit.rests_until(self._circuit)
        if until is None:
            return None
        if until > at:
            return until
        if self._probed_at is not None and self._probed_at + FIRST_REST > at:
            return self._probed_at + FIRST_REST
        self._probed_at = at
        return None

    def heard(self, outcome: Outcome, *, at: datetime) -> None:
        """Remember what the server came to."""
        self._probed_at = None
        about_us = isinstance(outcome, Later | Unknown) and outcome.reason in _OF_THE_SERVER
        self._circuit = circuit.after(self._circuit, outcome if about_us else Sent(), at=at)

    def turn(self, domain: str, name: str, *, at: datetime) -> datetime | None:
        """Return when it is the turn of *name* at *domain*; none where that is *at* once.

        A turn that was given is kept: who comes back at its time goes.
        """
        turn = self._turns.pop(name, None)
        if turn is None:
            passed = self._passed.get(domain)
            turn = at + pace.wait(self._pace, passed, at=at)
            self._passed[domain] = pace.let_pass(self._pace, passed, at=turn)
            self._forget(at)
        if turn <= at:
            return None
        self._turns[name] = turn
        return turn

    def _forget(self, at: datetime) -> None:
        if len(self._passed) > _MANY:
            self._passed = {each: p for each, p in self._passed.items() if p.until > at}
        if len(self._turns) > _MANY:
            self._turns = {each: turn for each, turn in self._turns.items() if turn > at}
