"""The bugs: each is one that somebody might make, small, and in a line that is likely to stay."""

from tests.planted.planting import Bug, Change, Suite, Worlds

_ENGINE, _FOLD = "services/runtime/engine.py", "services/runtime/fold.py"
_BOOKS, _GATES = "services/runtime/books.py", "services/runtime/gates.py"
_LANE, _PUMP = "services/runtime/lane.py", "services/runtime/pump.py"
_FILING, _CABINET = "services/runtime/filing.py", "services/runtime/cabinet.py"
_JOURNAL, _ORDER = "services/runtime/journal.py", "services/runtime/order.py"
_CLOCK, _PACE = "services/runtime/clock.py", "services/runtime/pace.py"
_ALMANAC, _PUBLISHER = "services/runtime/almanac.py", "services/runtime/publisher.py"

_OF_BOOKS = (
    Bug(
        "nobody is fenced",
        (Change(_BOOKS, "if hit != len(epochs):", "if False:"),),
        Suite("tests/runtime/test_engine.py"),
    ),
    Bug(
        "a claim raises no epoch",
        (Change(_BOOKS, "epoch=PARTITIONS.c.epoch + 1", "epoch=PARTITIONS.c.epoch"),),
        Suite("tests/runtime/test_books.py"),
    ),
    Bug(
        "the position is off by one",
        (Change(_JOURNAL, "] = record.offset + 1\n", "] = record.offset\n"),),
        Worlds(),
    ),
    Bug(
        "a gap is not refused",
        (Change(_ORDER, "if chunk.start > position:", "if False:"),),
        Suite("tests/runtime/test_order.py"),
    ),
    Bug(
        "the sequence is not restored",
        (Change(_FILING, "sequence=row.sequence", "sequence=0"),),
        Worlds(),
    ),
    Bug(
        "the day a contract has heard is not written",
        (Change(_FILING, '"heard": folder.heard', '"heard": None'),),
        Suite("tests/runtime/test_recovery.py"),
    ),
    Bug(
        "the wake index is not written",
        (Change(_FILING, '"wake_on": wake.on', '"wake_on": None'),),
        Suite("tests/system/test_month.py"),
    ),
    Bug(
        "a contract of another partition is written over",
        (Change(_CABINET, "if not folders[each].stored]", "if False]"),),
        Suite("tests/runtime/test_pump.py"),
    ),
    Bug(
        "one that lost a partition moves its mark back",
        (Change(_BOOKS, "where=grows", "where=None"),),
        Suite("tests/runtime/test_books.py"),
    ),
    Bug(
        "an engine writes back an old mark",
        (Change(_BOOKS, " & (POSITIONS.c.topic != PUBLISHED)", ""),),
        Worlds(),
    ),
    Bug(
        "what was heard of the calendar is not restored",
        (Change(_BOOKS, "return Standing(positions, lines)", "return Standing(positions, [])"),),
        Worlds(),
    ),
)

_OF_ENGINES = (
    Bug(
        "it publishes before it commits",
        (
            Change(
                _ENGINE,
                "        async with self.books.transaction() as tx:\n",
                "        self.publisher.publish(outputs)\n"
                "        async with self.books.transaction() as tx:\n",
            ),
        ),
        Suite("tests/runtime/test_restore.py"),
    ),
    Bug(
        "the cache is kept when a partition is lost",
        (Change(_ENGINE, "        self.fold.folders.clear()\n", ""),),
        Worlds(),
    ),
    Bug(
        "what a failed transaction said is kept",
        (Change(_ENGINE, "        self.fold.work = Work()\n", ""),),
        Suite("tests/runtime/test_recovery.py"),
    ),
    Bug(
        "how far a day had come is kept when it is begun anew",
        (Change(_ENGINE, "        self._woken.clear()\n", ""),),
        Suite("tests/runtime/test_recovery.py"),
    ),
    Bug(
        "a day begun in the middle is forgotten",
        (
            Change(
                _ENGINE,
                "return begun > positions.get((DAYS.name, chunk.partition), 0)",
                "return False",
            ),
        ),
        Suite("tests/runtime/test_restore.py"),
    ),
    Bug(
        "that a day has begun is not written",
        (
            Change(
                _ENGINE,
                "self.journal.positions[BEGUN, partition] = gate.record.offset + 1",
                "pass",
            ),
        ),
        Suite("tests/runtime/test_restore.py"),
    ),
    Bug(
        "markers are not stepped over",
        (Change(_ENGINE, "self.journal.step_over(place, chunk.end)", "pass"),),
        Worlds(),
    ),
    Bug(
        "markers are forgotten when a commit is lost",
        (
            Change(
                _JOURNAL,
                "            for start, end in sorted(steps.items()):\n",
                "            for start, end in ():\n",
            ),
        ),
        Suite("tests/runtime/test_restore.py"),
    ),
    Bug(
        "days are not gated by the ends of the inputs",
        (Change(_GATES, ">= end for topic", ">= 0 for topic"),),
        Worlds(),
    ),
    Bug(
        "days do not wait for the service upstream",
        (Change(_GATES, "if not self._gated:", "if True:"),),
        Worlds(),
    ),
    Bug(
        "terms are taken before their commit",
        (Change(_GATES, "extendleft(reversed(self._taken.pop(partition, [])))", "extendleft([])"),),
        Worlds(),
    ),
    Bug(
        "the order of inputs ignores their time",
        (Change(_ORDER, "((latest[place], _RANK", "((0, _RANK"),),
        Suite("tests/runtime/test_order.py"),
    ),
    Bug(
        "the recorded order leaves out what was skipped",
        (
            Change(
                _ENGINE,
                "        self.journal.take(record)\n        if type(",
                "        if type(",
            ),
        ),
        Worlds(),
    ),
)

_OF_FOLDS = (
    Bug(
        "nothing is deduplicated",
        (Change(_FOLD, "        if known:\n", "        if False:\n"),),
        Worlds(),
    ),
    Bug(
        "what was put aside is remembered as said",
        (Change(_FOLD, "for name in each.names:", "for name in ():"),),
        Suite("tests/runtime/test_fold.py"),
    ),
    Bug(
        "what waited is applied in reverse order",
        (Change(_FOLD, "for each in before:", "for each in reversed(before):"),),
        Suite("tests/runtime/test_fold.py"),
    ),
    Bug(
        "a filed piece is not put back",
        (
            Change(
                _FOLD,
                "state, asked = archive.recall(state, found), asked | wanted",
                "asked |= wanted",
            ),
        ),
        Suite("tests/runtime/test_fold.py"),
    ),
    Bug(
        "what waits is not retried after a success",
        (
            Change(
                _ENGINE,
                "            await self._surely(record, partial(self.fold.retry, "
                "record.event.subject))\n",
                "            pass\n",
            ),
        ),
        Suite("tests/runtime/test_engine.py"),
    ),
)

_OF_PUBLISHERS = (
    Bug(
        "the mark is not in the transaction",
        (
            Change(_LANE, "await producer.send_offsets_to_transaction(mark, ", "str((mark, "),
            Change(_LANE, "group)\n        except ProducerF", "group))\n        except ProducerF"),
        ),
        Worlds(),
    ),
    Bug(
        "the mark is one too low",
        (Change(_LANE, ": rows[-1].seq + 1}", ": rows[-1].seq}"),),
        Worlds(),
    ),
    Bug(
        "the mark is asked for before the last owner is fenced",
        (
            Change(
                _LANE,
                "        producer = await self._outlet.producer(self.partition)\n        try:\n",
                "        early = await self._outlet.published(self.partition)\n"
                "        producer = await self._outlet.producer(self.partition)\n        try:\n",
            ),
            Change(_LANE, "await self._outlet.published(self.partition),\n", "early,\n"),
        ),
        Worlds(),
    ),
    Bug(
        "after an unknown end a lane goes on as if all were out",
        (
            Change(
                _LANE,
                "            self._producer = None\n            await _close(producer)\n",
                "            self.published = rows[-1].seq\n",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "a lane sends again what the last owner had sent",
        (
            Change(
                _LANE,
                "self._producer, self.published = producer, max(marks)",
                "self._producer = producer",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "rows are deleted before they are published",
        (
            Change(
                _PUBLISHER,
                "{p: lane.published for p",
                "{p: lane.published + lane.waiting for p",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "what has one cause is cut",
        (Change(_LANE, "while rows and not rows[-1].last:", "while False:"),),
        Suite("tests/runtime/test_publisher.py"),
    ),
    Bug(
        "the generation of a chunk is ignored",
        (
            Change(_PUMP, "if chunk.generation != self._generation:", "if False:"),
            Change(_PUMP, "if chunk.generation == self._generation:", "if True:"),
        ),
        Worlds(),
    ),
    Bug(
        "the books are not asked after a lost answer",
        (
            Change(
                _PUMP,
                "            await self._restore()\n\n    async def _apart",
                "\n    async def _apart",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "a lane forgets that it was ended",
        (
            Change(
                _LANE,
                "async with asyncio.timeout(_CLOSE_S):\n            await producer.stop()\n",
                "await asyncio.wait_for(producer.stop(), _CLOSE_S)\n",
            ),
        ),
        Suite("tests/runtime/test_publisher.py"),
    ),
    Bug(
        "undecided records are read",
        (
            Change(
                "services/runtime/transport.py",
                'isolation_level="read_committed"',
                'isolation_level="read_uncommitted"',
            ),
        ),
        Suite("tests/runtime/test_transport.py"),
    ),
    Bug(
        "a gate does not count what is undecided",
        (
            Change(
                "services/runtime/reader.py",
                "        consumer = AIOKafkaConsumer(**self._settings.kafka_client())\n",
                "        consumer = AIOKafkaConsumer(\n"
                "            **self._settings.kafka_client(), "
                'isolation_level="read_committed"\n        )\n',
            ),
        ),
        Suite("tests/kafka/test_undecided.py"),
    ),
)

_OF_CLOCKS = (
    Bug(
        "a day is said before the one before is done",
        (
            Change(
                _PACE,
                "return key not in self._said or self._done[key] >= self._said[key]",
                "return True",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "a clock does not recall what another said",
        (Change(_ALMANAC, "self._clock.recall(event)", "pass"),),
        Worlds(),
    ),
    Bug(
        "a clock forgets how far each partition is",
        (
            Change(
                _PACE,
                "                self._passed(partition, event)\n\n    def done",
                "                pass\n\n    def done",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "terms are taken under another's subject",
        (Change(_CLOCK, 'if event.subject != "@".join(message.business_key()):', "if False:"),),
        Suite("tests/runtime/test_clock.py"),
    ),
    Bug(
        "no day is ever late",
        (Change(_CLOCK, "+ A_DAY) <= instant", "+ A_DAY) <= datetime.min.replace(tzinfo=UTC)"),),
        Suite("tests/runtime/test_clock.py"),
    ),
)

_OF_RULES = (
    Bug(
        "dunning: the youngest receivable sets the age",
        (
            Change(
                "services/dunning/escalation/rules.py",
                "return min(claimed(account), key=oldest_first",
                "return max(claimed(account), key=oldest_first",
            ),
        ),
        Suite("tests/vectors"),
    ),
    Bug(
        "dunning: what is paid under a wrong number is demanded all the same",
        (
            Change(
                "services/dunning/ledger/claims.py",
                "credit = receipt.credit",
                "credit = receipt.free",
            ),
        ),
        Suite("tests/dunning/test_owing.py"),
    ),
    Bug(
        "dunning: a refund of ours lessens what the bank can take back",
        (
            Change(
                "services/dunning/open_items.py",
                "return self.amount - self.taken_back\n",
                "return self.amount - self.taken_back - self.refunded\n",
            ),
        ),
        Suite("tests/dunning/test_refunds.py"),
    ),
    Bug(
        "dunning: a chargeback leaves the damages that were paid",
        (
            Change(
                "services/dunning/messages/chargebacks.py",
                "min(amount, paid_damages.booked_on(account, receipt))",
                "0",
            ),
        ),
        Suite("tests/dunning/test_paid_damages.py"),
    ),
    Bug(
        "dunning: a run goes on when all is paid",
        (
            Change(
                "services/dunning/escalation/resets.py",
                "if account.balance <= 0:",
                "if account.balance < 0:",
            ),
        ),
        Suite("tests/vectors"),
    ),
    Bug(
        "dunning: what is filed away is not asked for",
        (
            Change(
                "services/dunning/archive.py", "            missing.add(name)", "            pass"
            ),
        ),
        Suite("tests/dunning/test_archive.py"),
    ),
    Bug(
        "invoicing: a number is given twice",
        (
            Change(
                "services/invoicing/documents/numbers.py",
                "terms.given.get(name, 0) + 1",
                "terms.given.get(name, 0) or 1",
            ),
        ),
        Suite("tests/invoicing"),
    ),
    Bug(
        "numbers that were given are not restored",
        (Change(_ENGINE, "desk.recall(self.journal.given(partition))", "pass"),),
        Worlds(),
    ),
)

BUGS = (*_OF_BOOKS, *_OF_ENGINES, *_OF_FOLDS, *_OF_PUBLISHERS, *_OF_CLOCKS, *_OF_RULES)
