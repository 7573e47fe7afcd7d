"""When a contract ends: all that ends or prolongs one passes here, in every service (R-63a).

| said by | kept as | may move |
|---------|---------|----------|
| the outside: registration, ``ContractEnded``, ``ContractChanged.ends_on`` | ``agreed`` | earlier \
and later, as long as the contract goes on |
| our own request, where somebody does not pay | ``asks``, one for each process | earlier |
| ``TerminationRevoked``, before the end | all, or what the process asked that it names | away |

The earlier of the two counts, so that it does not matter which of them was said first. What says
or takes back the same thing comes over several topics: an answer, or a revocation by name, that
is ahead of its request waits for it, and a process whose end was revoked by name ends nothing
any more.
"""

from datetime import date

from schemas.frozen import frozen, replace
from schemas.message import Message, NotYet, Refused
from schemas.values import Day, Name, ProcessId


class ComponentEnd(Message):
    """The day on which a component ends, exclusive, in a contract that ends later."""

    component_id: Name
    ends_on: Day


@frozen(kw_only=True)
class Ask:
    """The end that a process of dunning asked for; invoicing may have yet to say its day."""

    process_id: ProcessId
    on: date | None = None
    is_open: bool = False


@frozen(kw_only=True)
class Ends:
    """The days on which a contract ends, exclusive: as agreed, and as we asked for."""

    agreed: date | None = None
    # Others want an end of which invoicing finds the day; so many of its answers are outdated.
    is_awaited: bool = False
    outdated: int = 0
    asks: tuple[Ask, ...] = ()
    # Processes that asked for an end that was taken away, and those revoked by their name.
    passed: tuple[ProcessId, ...] = ()
    barred: tuple[ProcessId, ...] = ()

    @property
    def on(self) -> date | None:
        """The day on which it ends."""
        return min((day for day in (self.agreed, self.asked) if day is not None), default=None)

    @property
    def asked(self) -> date | None:
        """The first day that we asked for."""
        return min((each.on for each in self.asks if each.on is not None), default=None)

    @property
    def is_requested(self) -> bool:
        """Whether we asked for an end of which invoicing has yet to say the day."""
        return self.open_process is not None

    @property
    def open_process(self) -> ProcessId | None:
        """The process whose request for an end has no day yet, the first one."""
        return next((each.process_id for each in self.asks if each.is_open), None)

    def asked_by(self, process_id: ProcessId) -> Ask | None:
        """Return what *process_id* asked for, unless that was revoked."""
        return next((each for each in self.asks if each.process_id == process_id), None)

    def told(self, day: date, *, starts_on: date, today: date) -> "Ends":
        """Take the end that the outside says; what has ended ends no later any more.

        Raises Refused: ``too_late`` for that, ``invalid`` for an end before the start.
        """
        self.check_start(starts_on, ends_on=day)
        has_ended = self.on is not None and self.on <= today
        if has_ended and self.on is not None and day > self.on and day != self.agreed:
            raise Refused("too_late", "the contract has ended")
        return replace(self._unawaited(), agreed=day)

    def wished(self) -> "Ends":
        """Note that others want an end of which invoicing finds the day; the last wish counts."""
        return replace(self._unawaited(), is_awaited=True)

    def answered(self, day: date, *, starts_on: date, today: date) -> "Ends":
        """Take the day that invoicing found for the last wish; of an earlier one it is outdated.

        Raises NotYet where the answer is ahead of the wish, and Refused as ``told``.
        """
        if self.outdated:
            return replace(self, outdated=self.outdated - 1)
        if not self.is_awaited:
            raise NotYet("wish for an end")
        return replace(self, is_awaited=False).told(day, starts_on=starts_on, today=today)

    def requested(self, process_id: ProcessId, day: date | None, *, starts_on: date) -> "Ends":
        """Take the end that we ask for, or that we do; before the start it annuls the contract."""
        if process_id in self.barred:
            return self
        day = None if day is None else max(day, starts_on)
        return self._asking(process_id, day, is_open=day is None)

    def fixed(self, process_id: ProcessId, day: date, *, starts_on: date) -> "Ends":
        """Take the day that invoicing found for our request, unless it was revoked since.

        Raises NotYet where the answer is ahead of the request.
        """
        self._check_heard(process_id)
        if self.asked_by(process_id) is None:
            return self
        return self._asking(process_id, max(day, starts_on), is_open=False)

    def revoked(self, process_id: ProcessId | None = None, *, today: date) -> "Ends":
        """Let the contract go on after all, or not end for *process_id*, now or ever (R-63).

        Raises Refused where it ends not, or ended already; NotYet where the process that is
        named has not asked for an end.
        """
        if process_id is not None:
            return self._without(process_id, today=today)
        if self.on is None and not self.asks and not self.is_awaited:
            raise Refused("conflict", "the contract does not end")
        if self.on is not None and self.on <= today:
            raise Refused("too_late", "the contract has ended")
        gone = tuple(each.process_id for each in self.asks if each.process_id not in self.passed)
        return replace(self._unawaited(), agreed=None, asks=(), passed=(*self.passed, *gone))

    def without(self, process_id: ProcessId) -> "Ends":
        """Return the ends without what *process_id* asked for."""
        return replace(self, asks=tuple(a for a in self.asks if a.process_id != process_id))

    def check_start(self, starts_on: date, *, ends_on: date | None = None) -> None:
        """Refuse a start after the end; one on the day of the end is a withdrawal (R-58)."""
        ends_on = ends_on or self.on
        if ends_on is not None and ends_on < starts_on:
            raise Refused("invalid", "the contract ends before it starts")

    def _unawaited(self) -> "Ends":
        return replace(self, is_awaited=False, outdated=self.outdated + self.is_awaited)

    def _asking(self, process_id: ProcessId, day: date | None, *, is_open: bool) -> "Ends":
        known = self.asked_by(process_id)
        days = [each for each in (day, known.on if known else None) if each is not None]
        ask = Ask(process_id=process_id, on=min(days, default=None), is_open=is_open)
        return replace(self, asks=(*self.without(process_id).asks, ask))

    def _without(self, process_id: ProcessId, *, today: date) -> "Ends":
        self._check_heard(process_id)
        ask = self.asked_by(process_id)
        if ask is not None and ask.on is not None and ask.on <= today:
            raise Refused("too_late", "the contract has ended")
        if process_id in self.barred:
            return self
        return replace(self.without(process_id), barred=(*self.barred, process_id))

    def _check_heard(self, process_id: ProcessId) -> None:
        if not (self.asked_by(process_id) or process_id in (*self.passed, *self.barred)):
            raise NotYet("request for an end")
