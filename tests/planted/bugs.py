"""The bugs: each is one that somebody might make, small, and in a line that is likely to stay."""

from tests.planted.planting import Bug, Change, Suite, Worlds

_FIGURES = "services/runtime/store/figures.py"
_ENGINE, _FOLD = "services/runtime/engine.py", "services/runtime/stream/fold.py"
_STORE, _BARRIER = "services/runtime/store/store.py", "services/runtime/stream/barrier.py"
_OUTBOX, _INTAKE = "services/runtime/kafka/outbox.py", "services/runtime/kafka/intake.py"
_ROWS, _CACHE = "services/runtime/store/rows.py", "services/runtime/store/cache.py"
_TRANSACTION, _ORDER = "services/runtime/store/transaction.py", "services/runtime/stream/order.py"
_CLOCK, _PACING = "services/runtime/clock/clock.py", "services/runtime/clock/pacing.py"
_KAFKA_CLOCK, _PUBLISHER = "services/runtime/kafka/clock.py", "services/runtime/kafka/publisher.py"

_RECOVERY = "services/runtime/kafka/recovery.py"
_FOLLOWING = "services/runtime/following.py"
_SNAPSHOT = "services/runtime/stream/snapshot.py"
_SNAPSHOTS = "services/runtime/kafka/snapshots.py"
_CHANGED = Suite("tests/simulation/test_changed_rules.py")
_ORDERING, _CHAIN = "services/runtime/store/ordering.py", "services/runtime/store/chain.py"
_INPUT_LOG = "services/runtime/kafka/input_log.py"
_ORDER_LOG = "services/runtime/kafka/order_log.py"
_PROGRESS = "services/runtime/stream/progress.py"
_OUTLET = "services/runtime/kafka/outlet.py"
_LANES = "services/runtime/stream/lanes.py"
_ACTS = "services/runtime/kafka/partition_acts.py"
_PROJECTOR = "services/runtime/projector.py"
_READ_MODEL = "services/runtime/store/read_model.py"
_ROWS_MADE = Suite("tests/runtime/test_projection.py")
_ROWS_IN_WORLDS = Suite("tests/simulation/test_projections.py")
_ACTING = Suite("tests/simulation/test_acts.py")
_DISAGREEMENT = "services/runtime/kafka/disagreement.py"
_BATCHES = "services/runtime/kafka/batches.py"

_OF_STORE = (
    Bug(
        "nobody is fenced",
        (Change(_STORE, "if hit != len(epochs):", "if False:"),),
        Suite("tests/runtime/test_engine.py"),
    ),
    Bug(
        "a claim raises no epoch",
        (Change(_STORE, "epoch=PARTITIONS.c.epoch + 1", "epoch=PARTITIONS.c.epoch"),),
        Suite("tests/runtime/store/test_store.py"),
    ),
    Bug(
        "the position is off by one",
        (Change(_TRANSACTION, "] = record.offset + 1\n", "] = record.offset\n"),),
        Worlds(),
    ),
    Bug(
        "a gap is not refused",
        (Change(_ORDER, "if chunk.start > position:", "if False:"),),
        Suite("tests/runtime/stream/test_order.py"),
    ),
    Bug(
        "the sequence is not restored",
        (Change(_ROWS, "sequence=row.sequence", "sequence=0"),),
        Worlds(),
    ),
    Bug(
        "the day a contract has heard is not written",
        (Change(_ROWS, '"heard": contract.heard', '"heard": None'),),
        Suite("tests/runtime/store/test_recovery.py"),
    ),
    Bug(
        "the wake index is not written",
        (Change(_ROWS, '"wake_on": wake.on', '"wake_on": None'),),
        Suite("tests/system/test_month.py"),
    ),
    Bug(
        "one that lost a partition moves its published offset back",
        (Change(_STORE, "where=grows", "where=None"),),
        Suite("tests/runtime/store/test_store.py"),
    ),
    Bug(
        "an engine writes back an old published offset",
        (Change(_STORE, "not_in((PUBLISHED, REBUILDING))", "not_in((REBUILDING,))"),),
        Worlds(),
    ),
    Bug(
        "what a contract adds to the figures is added again with each commit",
        (Change(_FIGURES, "            contract.adds = after\n", ""),),
        Suite("tests/runtime/store/test_figures.py"),
    ),
    Bug(
        "figures are trusted whoever had the partition in between",
        (Change(_FIGURES, "counted.get(p) in (epoch - 1, epoch)", "p in counted"),),
        Suite("tests/runtime/store/test_figures.py"),
    ),
    Bug(
        "what was heard of the calendar is not restored",
        (
            Change(
                _STORE,
                "return Standing(positions, lines, orders)",
                "return Standing(positions, [], orders)",
            ),
        ),
        Worlds(),
    ),
)

_OF_ENGINES = (
    Bug(
        "it publishes before it commits",
        (
            Change(
                _ENGINE,
                "        async with self.store.transaction() as tx:\n",
                "        self.publisher.publish(outputs)\n"
                "        async with self.store.transaction() as tx:\n",
            ),
        ),
        Suite("tests/runtime/store/test_restore.py"),
    ),
    Bug(
        "the cache is kept when a partition is lost",
        (Change(_ENGINE, "        await self.cache.restore(self._epochs)\n", ""),),
        Worlds(),
    ),
    Bug(
        "what a failed transaction said is kept",
        (Change(_ENGINE, "        self.fold.changes = Changes()\n", ""),),
        Suite("tests/runtime/store/test_recovery.py"),
    ),
    Bug(
        "how far a day had come is kept when it is begun anew",
        (Change(_ENGINE, "        self._wakes.clear()\n", ""),),
        Suite("tests/runtime/store/test_recovery.py"),
    ),
    Bug(
        "a day begun in the middle is forgotten",
        (
            Change(
                _TRANSACTION,
                "return begun > self.positions.get((DAYS.name, partition), 0)",
                "return False",
            ),
        ),
        Suite("tests/runtime/store/test_restore.py"),
    ),
    Bug(
        "that a day has begun is not written",
        (
            Change(
                _TRANSACTION,
                "        self.positions[place] = begun\n",
                "pass",
            ),
        ),
        Suite("tests/runtime/store/test_restore.py"),
    ),
    Bug(
        "markers are not stepped over",
        (Change(_ENGINE, "self.transaction.step_over(place, chunk.end)", "pass"),),
        Worlds(),
    ),
    Bug(
        "markers are forgotten when a commit is lost",
        (
            Change(
                _TRANSACTION,
                "            for start, end in sorted(steps.items()):\n",
                "            for start, end in ():\n",
            ),
        ),
        Suite("tests/runtime/store/test_restore.py"),
    ),
    Bug(
        "days are not gated by the ends of the inputs",
        (Change(_BARRIER, ">= end for topic", ">= 0 for topic"),),
        Worlds(),
    ),
    Bug(
        "days do not wait for the service upstream",
        (Change(_BARRIER, "if not self._gated:", "if True:"),),
        Worlds(),
    ),
    Bug(
        "terms are taken before their commit",
        (
            Change(
                _BARRIER, "extendleft(reversed(self._taken.pop(partition, [])))", "extendleft([])"
            ),
        ),
        Worlds(),
    ),
    Bug(
        "the order of inputs ignores their time",
        (Change(_ORDER, "((latest[place], _RANK", "((0, _RANK"),),
        Suite("tests/runtime/stream/test_order.py"),
    ),
    Bug(
        "the recorded order leaves out what was skipped",
        (
            Change(
                _ENGINE,
                "        self.transaction.take(record)\n        if type(",
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
        "what was dead-lettered is remembered as said",
        (Change(_FOLD, "for name in each.names:", "for name in ():"),),
        Suite("tests/runtime/stream/test_fold.py"),
    ),
    Bug(
        "what waited is applied in reverse order",
        (Change(_FOLD, "for each in before:", "for each in reversed(before):"),),
        Suite("tests/runtime/stream/test_fold.py"),
    ),
    Bug(
        "a filed piece is not put back",
        (
            Change(
                "services/runtime/stream/pieces.py",
                "state, asked = archive.recall(state, found), asked | wanted",
                "asked |= wanted",
            ),
        ),
        Suite("tests/runtime/stream/test_fold.py"),
    ),
    Bug(
        "what waits is not retried after a success",
        (
            Change(
                _ENGINE,
                "            await self._surely(record, partial(self.fold.retry, key))\n",
                "            pass\n",
            ),
        ),
        Suite("tests/runtime/test_engine.py"),
    ),
)

_LOST = Suite("tests/simulation/test_lost_stores.py")
_FOLLOWED = Suite("tests/runtime/store/test_following.py")
_SETTLED = Suite("tests/runtime/kafka/test_settling.py")
_OF_CHAINS = (
    Bug(
        "the order is published behind the outputs",
        (
            Change(
                _OUTBOX,
                "        said += [(row.topic, row.packed) for row in batch.rows]\n",
                "        said = [(row.topic, row.packed) for row in batch.rows] + said\n",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "what of the order is published is not asked",
        (Change(_OUTBOX, "self.said = end.number", "self.said = -1"),),
        Worlds(),
    ),
    Bug(
        "that a day begins is not in the order",
        (Change(_ORDERING, "day=amid.get(partition),", "day=None,"),),
        Suite("tests/runtime/store/test_ordering.py"),
    ),
    Bug(
        "the chain is not asked",
        (
            Change(
                _RECOVERY,
                "(record.number, record.digest) == (at, mine.digest)",
                "record.number == at",
            ),
            Change(_RECOVERY, "return record.digest == following.before", "return True"),
        ),
        Suite("tests/runtime/kafka/test_recovery.py"),
    ),
    Bug(
        "a store that is behind goes on as it is",
        (
            Change(_RECOVERY, "Course(0 if lane.said >= 0 else None)", "Course()"),
            Change(_RECOVERY, "Course(at + 1 if lane.said > at else None)", "Course()"),
            Change(_RECOVERY, "if lane.published >= said and not", "if False and not"),
        ),
        _LOST,
    ),
    Bug(
        "a day that a failed step left is held twice",
        (Change(_FOLLOWING, "        engine.barrier.let_go(partition)\n", ""),),
        _LOST,
    ),
    Bug(
        "a day that was followed is taken again where the store went on without the barrier",
        (Change(_ENGINE, "max(chunk.end, self.transaction.positions.get(place, 0))", "chunk.end"),),
        Suite("tests/runtime/store/test_following.py"),
    ),
    Bug(
        "a snapshot that was cut is taken for whole",
        (
            Change(
                _SNAPSHOT,
                "if self._rest or self._hash.hexdigest() != self._snapshot.content:",
                "if False:",
            ),
        ),
        Suite("tests/runtime/stream/test_snapshot.py"),
    ),
    Bug(
        "what is made anew begins before the newest snapshot",
        (
            Change(
                _RECOVERY, "if newest is not None and (mine is None or", "if False and (not mine or"
            ),
        ),
        Suite("tests/runtime/kafka/test_recovery.py"),
    ),
    Bug(
        "what is published is said again",
        (Change(_ORDERING, "if each.seq > published.get(", "if each.seq >= published.get("),),
        _FOLLOWED,
    ),
    Bug(
        "the last order record is deleted with those before it",
        (Change(_CHAIN, "(CHAIN.c.number < number)", "(CHAIN.c.number <= number)"),),
        Suite("tests/runtime/store/test_ordering.py"),
    ),
    Bug(
        "a day of which the order says that it began is not finished first",
        (Change(_FOLLOWING, "engine.transaction.amid(self._partition, last.day)", "pass"),),
        _FOLLOWED,
    ),
    Bug(
        "a rebuild looks where contracts are now",
        (
            Change(
                _FOLLOWING, "engine.cache.recorded = self._homes", "engine.cache.recorded = None"
            ),
        ),
        _FOLLOWED,
    ),
    Bug(
        "behind the order nobody looks where contracts are",
        (Change(_FOLLOWING, "        self._engine.cache.recorded = None\n", ""),),
        _FOLLOWED,
    ),
    Bug(
        "a store beside the chain is not emptied",
        (Change(_RECOVERY, "if course.anew:", "if False:"),),
        _SETTLED,
    ),
    Bug(
        "a store is emptied before it is known that it can be made again",
        (
            Change(
                _RECOVERY,
                'raise Astray("the order on Kafka has no beginning: restore a copy of the store")',
                "return Course(0, anew=True)",
            ),
        ),
        _SETTLED,
    ),
    Bug(
        "whether the last owner is fenced is not waited for",
        (Change(_RECOVERY, "return lane is not None and lane.opened.is_set()", "return True"),),
        _SETTLED,
    ),
    Bug(
        "a partition is released before it has followed its order",
        (
            Change(
                _RECOVERY,
                "        course = await self._course(partition, lane)\n",
                "        course = await self._course(partition, lane)\n        lane.release()\n",
            ),
        ),
        _SETTLED,
    ),
    Bug(
        "what is published stands in the outbox again",
        (
            Change(
                _RECOVERY, "published=lane.published)\n        try", "published=-1)\n        try"
            ),
            Change(_RECOVERY, "            await engine.store.forget(published)\n", ""),
        ),
        _SETTLED,
    ),
    Bug(
        "a partition is silent one output too far",
        (
            Change(
                _RECOVERY,
                "published_until(partition, lane.published)",
                "published_until(partition, lane.published + 1)",
            ),
        ),
        _SETTLED,
    ),
    Bug(
        "a partition is loud one output too early",
        (
            Change(
                _ORDERING,
                "        self._published[partition] = published\n",
                "        self._published[partition] = published - 1\n",
            ),
            Change(_RECOVERY, "            await engine.store.forget(published)\n", ""),
        ),
        _SETTLED,
    ),
    Bug(
        "an order that lacks a record is followed",
        (Change(_RECOVERY, "if record.number != expected:", "if False:"),),
        _SETTLED,
    ),
    Bug(
        "an order into which somebody wrote is followed",
        (Change(_RECOVERY, 'if record.before != (last.digest if last else ""):', "if False:"),),
        _SETTLED,
    ),
    Bug(
        "an order of other rules is followed",
        (Change(_RECOVERY, "if record.rules != self._engine.worker.rules:", "if False:"),),
        _SETTLED,
    ),
    Bug(
        "more is published than the store says, and it goes on",
        (
            Change(
                _RECOVERY, "if lane.published >= said and not", "if lane.published > said and not"
            ),
        ),
        _SETTLED,
    ),
    Bug(
        "inputs that the store has are fetched again",
        (
            Change(
                _RECOVERY,
                "begin = max(start, min(until, at.get((topic, partition), 0)))",
                "begin = start",
            ),
        ),
        _SETTLED,
    ),
    Bug(
        "what the store knows to be published and Kafka does not is not seen",
        (
            Change(
                _RECOVERY, "lane.published >= following.first", "lane.published > following.first"
            ),
        ),
        Suite("tests/runtime/kafka/test_recovery.py"),
    ),
    Bug(
        "other rules begin without a snapshot",
        (Change(_SNAPSHOTS, "if not await self._is_due(partition):", "if True:"),),
        _CHANGED,
    ),
    Bug(
        "a snapshot is written beside outputs that are not published",
        (Change(_SNAPSHOTS, "while not self._is_published(partition, lane):", "while False:"),),
        _CHANGED,
    ),
    Bug(
        "who keeps a partition does not finish its snapshot",
        (Change(_RECOVERY, "self._publisher.unsettled() | mine", "self._publisher.unsettled()"),),
        _CHANGED,
    ),
    Bug(
        "inputs that the order leaves out are passed over",
        (Change(_INPUT_LOG, "if record.offset != start + len(found):", "if False:"),),
        Suite("tests/runtime/kafka/test_input_log.py"),
    ),
    Bug(
        "a mark hides the order record in front of it",
        (Change(_ORDER_LOG, "first < number", "first <= number"),),
        Suite("tests/runtime/kafka/test_order_log.py"),
    ),
    Bug(
        "the end of the order is the first of the last transaction",
        (Change(_ORDER_LOG, "found = some[-1]", "found = some[0]"),),
        Suite("tests/runtime/kafka/test_order_log.py"),
    ),
    Bug(
        "the end of the order is not asked what is published",
        (Change(_OUTBOX, "                end.until,\n", ""),),
        Suite("tests/runtime/kafka/test_publisher.py"),
    ),
    Bug(
        "another cluster is taken for the known one",
        (Change(_DISAGREEMENT, "if cluster.id != cluster_id:", "if False:"),),
        Suite("tests/runtime/kafka/test_disagreement.py"),
    ),
    Bug(
        "a position is shown before its order is published",
        (Change(_PROGRESS, " and steps[0][0][1] <= said", ""),),
        Suite("tests/runtime/stream/test_order.py"),
    ),
)

_OF_PUBLISHERS = (
    Bug(
        "the published offset is not in the transaction",
        (
            Change(
                _OUTBOX, "await producer.send_offsets_to_transaction(offsets, ", "str((offsets, "
            ),
            Change(
                _OUTBOX, "group)\n        except ProducerF", "group))\n        except ProducerF"
            ),
        ),
        Worlds(),
    ),
    Bug(
        "the published offset is one too low",
        (
            Change(
                _OUTLET,
                "OffsetAndMetadata(seq + 1, self.store_id)",
                "OffsetAndMetadata(seq, self.store_id)",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "the published offset is asked for before the last owner is fenced",
        (
            Change(
                _OUTBOX,
                "        producer = await self._producers.producer(self.partition)\n        try:\n",
                "        early = await self._producers.published(self.partition)\n"
                "        end = await self._producers.order_end(self.partition)\n"
                "        producer = await self._producers.producer(self.partition)\n        try:\n",
            ),
            Change(_OUTBOX, "await self._producers.published(self.partition),\n", "early,\n"),
            Change(
                _OUTBOX, "            end = await self._producers.order_end(self.partition)\n", ""
            ),
        ),
        Worlds(),
    ),
    Bug(
        "after an unknown end a lane goes on as if all were out",
        (
            Change(
                _OUTBOX,
                "            self._producer = None\n            await close_producer(producer)\n",
                "            self.published = until\n",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "a lane sends again what the last owner had sent",
        (
            Change(
                _OUTBOX,
                "self._producer, self.published = producer, max(found)",
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
                "{p: outbox.published for p",
                "{p: outbox.published + outbox.waiting for p",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "what has one cause is cut",
        (Change(_OUTBOX, "while rows and not rows[-1].last:", "while False:"),),
        Suite("tests/runtime/kafka/test_publisher.py"),
    ),
    Bug(
        "the generation of a chunk is ignored",
        (
            Change(_INTAKE, "if chunk.generation != self._generation:", "if False:"),
            Change(_INTAKE, "if chunk.generation == self._generation:", "if True:"),
        ),
        Worlds(),
    ),
    Bug(
        "the store is not asked after a lost answer",
        (
            Change(
                _INTAKE,
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
                _OUTLET,
                "async with asyncio.timeout(_CLOSE_S):\n            await producer.stop()\n",
                "await asyncio.wait_for(producer.stop(), _CLOSE_S)\n",
            ),
        ),
        Suite("tests/runtime/kafka/test_publisher.py"),
    ),
    Bug(
        "undecided records are read",
        (
            Change(
                "services/runtime/kafka/consumer.py",
                'isolation_level="read_committed"',
                'isolation_level="read_uncommitted"',
            ),
        ),
        Suite("tests/runtime/kafka/test_consumer.py"),
    ),
    Bug(
        "a gate does not count what is undecided",
        (
            Change(
                "services/runtime/kafka/reader.py",
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
                _PACING,
                "return key not in self._said or self._done[key] >= self._said[key]",
                "return True",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "a clock does not recall what another said",
        (Change(_KAFKA_CLOCK, "self._clock.recall(event)", "pass"),),
        Worlds(),
    ),
    Bug(
        "a clock forgets how far each partition is",
        (
            Change(
                _PACING,
                "                self._passed(partition, event)\n\n    def done",
                "                pass\n\n    def done",
            ),
        ),
        Worlds(),
    ),
    Bug(
        "terms are taken under another's subject",
        (Change(_CLOCK, 'if event.subject != "@".join(message.business_key()):', "if False:"),),
        Suite("tests/runtime/clock/test_clock.py"),
    ),
    Bug(
        "no day is ever late",
        (Change(_CLOCK, "+ A_DAY) <= instant", "+ A_DAY) <= datetime.min.replace(tzinfo=UTC)"),),
        Suite("tests/runtime/clock/test_clock.py"),
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
        "dunning: what is disputed is demanded all the same",
        (
            Change(
                "services/dunning/ledger/claims.py",
                "instalments.less(item, item.disputed, on=item.issued_on)",
                "item",
            ),
        ),
        Suite("tests/dunning/test_disputes.py"),
    ),
    Bug(
        "dunning: money pays what is disputed before all else",
        (
            Change(
                "services/dunning/ledger/allocation.py",
                "disputed = {item.receivable_id: item.disputed for",
                "disputed = {item.receivable_id: 0 for",
            ),
        ),
        Suite("tests/dunning/test_disputes.py"),
    ),
    Bug(
        "dunning: instalments lapse on the last day of grace",
        (
            Change(
                "services/dunning/messages/instalments.py",
                "if _ends(each, agreement) < day]",
                "if _ends(each, agreement) <= day]",
            ),
        ),
        Suite("tests/dunning/test_instalments.py"),
    ),
    Bug(
        "dunning: a debt in instalments is demanded as a whole",
        (
            Change(
                "services/dunning/ledger/claims.py",
                "return _less_credit(account, due)",
                "return _less_credit(account, items)",
            ),
        ),
        Suite("tests/dunning/test_instalments.py"),
    ),
    Bug(
        "dunning: instalments to come are paid before what is due",
        (
            Change(
                "services/dunning/ledger/ledger.py",
                "account.items, wishes=wishes, on=on, later=later)",
                "account.items, wishes=wishes, on=on)",
            ),
        ),
        Suite("tests/dunning/test_instalments.py"),
    ),
    Bug(
        "dunning: an instalment that is returned is as old as before",
        (
            Change(
                "services/dunning/ledger/instalments.py",
                "anchor_on=max([each.on, *again])",
                "anchor_on=each.on",
            ),
        ),
        Suite("tests/dunning/test_instalments.py"),
    ),
    Bug(
        "dunning: a reset forgets the letter that may have left",
        (
            Change(
                "services/dunning/escalation/former.py",
                "after_its_run=is_here and",
                "after_its_run=False and",
            ),
        ),
        Suite("tests/dunning/test_under_way.py"),
    ),
    Bug(
        "dunning: a letter is written while another may have left",
        (
            Change(
                "services/dunning/escalation/rules.py",
                "    if letters.is_any_under_way(run):\n",
                "    if False:\n",
            ),
        ),
        Suite("tests/dunning/test_under_way.py"),
    ),
    Bug(
        "dunning: what left after a reset is said again",
        (
            Change(
                "services/dunning/escalation/rules.py",
                "    if letters.has_left_before(run, asked.item.anchor, level):\n",
                "    if False:\n",
            ),
        ),
        Suite("tests/dunning/test_under_way.py"),
    ),
    Bug(
        "dunning: the fee of a letter that has left after all stays credited",
        (
            Change(
                "services/dunning/escalation/evaluation.py",
                "reminder.charged_on is not None and not reminder.fee_taken_back",
                "reminder.charged_on is not None",
            ),
        ),
        Suite("tests/dunning/test_under_way.py"),
    ),
    Bug(
        "dunning: what is paid as a letter demanded is credit",
        (
            Change(
                "services/dunning/ledger/paid_damages.py",
                "        part = min(available, each.amount)\n        available -= part\n",
                "        part = 0\n",
            ),
        ),
        Suite("tests/dunning/test_paid_damages.py"),
    ),
    Bug(
        "dunning: a fee is demanded beside the lump sum",
        (
            Change(
                "services/dunning/damages/fees.py",
                "    return min(said, max(0, run.said + said - run.lump_sums - run.fees))",
                "    return said",
            ),
        ),
        Suite("tests/dunning/test_damages.py"),
    ),
    Bug(
        "dunning: a letter waits for a base rate that is not loaded",
        (
            Change(
                "services/dunning/damages/damages.py",
                'skips=entity.missing_base_rate == "skip"',
                "skips=False",
            ),
        ),
        Suite("tests/dunning/test_paid_damages.py"),
    ),
    Bug(
        "dunning: exactly the amount of an invoice pays older dust",
        (
            Change(
                "services/dunning/messages/designation.py",
                "        return exact[:1]\n",
                "        return []\n",
            ),
        ),
        Suite("tests/dunning/test_paid_damages.py"),
    ),
    Bug(
        "a letter that is cancelled under way is made anew at once",
        (
            Change(
                "services/dunning/escalation/resets.py",
                "    here = [each for each in drafts if each.intended_on is None]\n",
                "    here = list(drafts)\n",
            ),
        ),
        Suite("tests/dunning/test_dispatch.py"),
    ),
    Bug(
        "a letter that has left though it was cancelled does not count",
        (
            Change(
                "services/dunning/messages/dispatch.py",
                "            account = reminders.changed(account, reminder, cancelled=False)\n",
                "",
            ),
        ),
        Suite("tests/dunning/test_dispatch.py"),
    ),
    Bug(
        "what is used under an earlier grouping is not rated",
        (
            Change(
                "services/usage/rating/rating.py",
                "        if own:\n            yield Series",
                "        if own and own[-1] is stretches[-1]:\n            yield Series",
            ),
        ),
        Suite("tests/usage/test_charges.py"),
    ),
    Bug(
        "whoever is told to leave works all records at hand off first",
        (Change("services/runtime/turns.py", "        if is_over():\n", "        if False:\n"),),
        Suite("tests/runtime/store/test_restore.py"),
    ),
    Bug(
        "dunning: a promise is broken on its own day",
        (
            Change(
                "services/dunning/messages/promises.py",
                "if each.held_until < day]",
                "if each.held_until <= day]",
            ),
        ),
        Suite("tests/dunning/test_promises.py"),
    ),
    Bug(
        "dunning: what is credited keeps a promise",
        (
            Change(
                "services/dunning/messages/promises.py", "owed=each.owed + moved", "owed=each.owed"
            ),
        ),
        Suite("tests/dunning/test_promises.py"),
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
        "dunning: what was meant for another contract makes a debt younger",
        (
            Change(
                "services/dunning/ledger/ledger.py",
                "since = item.anchor_on if ages_from == AS_BEFORE else ages_from",
                "since = on if ages_from == AS_BEFORE else ages_from",
            ),
        ),
        Suite("tests/dunning/test_reassignments.py"),
    ),
    Bug(
        "dunning: more of a payment is moved than is left",
        (
            Change(
                "services/dunning/messages/reassignments.py",
                "if amount > receipt.left:",
                "if amount > receipt.amount:",
            ),
        ),
        Suite("tests/dunning/test_reassignments.py"),
    ),
    Bug(
        "dunning: a discount stays when the payment that earned it is returned",
        (
            Change(
                "services/dunning/ledger/early_payment.py",
                "return min(most, item.discounted + item.open)",
                "return min(max(most, item.discounted), item.discounted + item.open)",
            ),
        ),
        Suite("tests/dunning/test_early_payment.py"),
    ),
    Bug(
        "dunning: a credit note counts as money that came early",
        (
            Change(
                "services/dunning/ledger/ledger.py",
                "came_on = None if receipt.credits_any(item) else receipt.booked_on",
                "came_on = receipt.booked_on",
            ),
        ),
        Suite("tests/dunning/test_early_payment.py"),
    ),
    Bug(
        "books: a discount corrects no tax",
        (
            Change(
                "services/bookkeeping/booked.py",
                "-each.net.minor, -each.tax.minor)",
                "-each.net.minor - each.tax.minor, 0)",
            ),
        ),
        Suite("tests/bookkeeping/test_datev.py"),
    ),
    Bug(
        "books: what was handed over is handed over again",
        (
            Change(
                "services/bookkeeping/closing.py",
                "if p.booked.entry.posted.entry_id not in known)",
                "if known is not None)",
            ),
        ),
        Suite("tests/bookkeeping/test_closing.py"),
    ),
    Bug(
        "books: what is booked late stands in the month that was handed over",
        (
            Change(
                "services/bookkeeping/closing.py",
                "if last is None or posting.on > last.until:",
                "if last is None or posting.on >= last.until:",
            ),
        ),
        Suite("tests/bookkeeping/test_closing.py"),
    ),
    Bug(
        "dunning: what a letter demanded is booked again though it was claimed",
        (
            Change(
                "services/dunning/messages/claims.py",
                "    account = paid_damages.claimed(account, damage)\n",
                "",
            ),
        ),
        Suite("tests/dunning/test_claims.py"),
    ),
    Bug(
        "dunning: a debt that was paid in time costs a lump sum",
        (
            Change(
                "services/dunning/damages/damages.py",
                "before.amount > 0 and max(start",
                "max(start",
            ),
        ),
        Suite("tests/dunning/test_claims.py"),
    ),
    Bug(
        "books: a credit note that pays something else is cancelled by that",
        (
            Change(
                "services/bookkeeping/booked.py",
                "if not posted.money.minor and (posted.assigned or gross_of(parts)):",
                "if False:",
            ),
        ),
        Suite("tests/bookkeeping/test_books.py"),
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
                "context.counters.get(name, 0) + 1",
                "context.counters.get(name, 0) or 1",
            ),
        ),
        Suite("tests/invoicing"),
    ),
    Bug(
        "numbers that were given are not restored",
        (Change(_ENGINE, "calendar.recall(self.transaction.given(partition))", "pass"),),
        Worlds(),
    ),
    Bug(
        "invoicing: a minimum waits for no usage",
        (
            Change(
                "services/invoicing/timeline/bounds.py",
                "    return last + timedelta(days=max(delay_of(each.plan) for each in some))",
                "    return last",
            ),
        ),
        Suite("tests/invoicing/test_settling.py"),
    ),
    Bug(
        "invoicing: usage that is late changes no minimum",
        (
            Change(
                "services/invoicing/messages/reach.py",
                "            yield min(message.period.from_, last)",
                "            yield FOREVER",
            ),
        ),
        Suite("tests/invoicing/test_settling.py"),
    ),
    Bug(
        "invoicing: the next part makes good for a gift",
        (
            Change(
                "services/invoicing/billed.py",
                "return self.left + self.given",
                "return self.left",
            ),
        ),
        Suite("tests/invoicing/test_settling.py"),
    ),
    Bug(
        "invoicing: two documents of one message take one number",
        (
            Change(
                "services/invoicing/processor.py",
                "        context = context.counting(*number)",
                "        pass",
            ),
        ),
        Suite("tests/invoicing/test_settling.py"),
    ),
    Bug(
        "invoicing: what ends under another rate keeps the one it was to have",
        (
            Change(
                "services/invoicing/documents/credits.py",
                "if _is_taxed_otherwise(contract, line, last, entity):",
                "if False:",
            ),
        ),
        Suite("tests/invoicing/test_tax_of_ends.py"),
    ),
    Bug(
        "invoicing: an end after the period bills on",
        (
            Change(
                "services/invoicing/timeline/components.py",
                "    if contract.run_out is None:\n        yield each",
                "    if True:\n        yield each",
            ),
        ),
        Suite("tests/invoicing/test_rhythms.py"),
    ),
    Bug(
        "dunning: others credit what invoicing bills",
        (
            Change(
                "services/dunning/messages/documents.py",
                "if account.registered.has_plan and not message.is_ours:",
                "if False:",
            ),
        ),
        Suite("tests/dunning/test_documents.py"),
    ),
    Bug(
        "the year's books: the VAT id is today's",
        (
            Change(
                "services/bookkeeping/heard.py",
                "buyer = bill.customer or (known",
                "buyer = (known",
            ),
        ),
        Suite("tests/bookkeeping/test_datev.py"),
    ),
)

_CHARGES, _LATENESS = Suite("tests/usage/test_charges.py"), Suite("tests/usage/test_lateness.py")
_OF_USAGE = (
    Bug(
        "usage: a minimum counts what a balance paid as not used",
        (
            Change(
                "services/invoicing/documents/supplies.py",
                '        return "prepaid"',
                '        return "usage"',
            ),
        ),
        Suite("tests/invoicing/test_usage.py"),
    ),
    Bug(
        "usage: a threshold and an order bill under one name",
        (
            Change(
                "services/invoicing/billing/reconciliation.py",
                'purpose="threshold"',
                'purpose="interim"',
            ),
        ),
        Suite("tests/invoicing/test_usage.py"),
    ),
    Bug(
        "usage: a new invoice counts twice what a clerk gave away",
        (
            Change(
                "services/invoicing/documents/replacing.py",
                "        whole_until=old.whole_until,",
                "        whole_until=old.whole_until, given=old.given,",
            ),
        ),
        Suite("tests/invoicing/test_usage.py"),
    ),
    Bug(
        "usage: the order of coming decides",
        (
            Change(
                "services/usage/metering/aggregation.py",
                "sorted(uses, key=lambda each: each.order)",
                "list(uses)",
            ),
        ),
        _CHARGES,
    ),
    Bug(
        "usage: a line is rounded for each call",
        (
            Change(
                "services/tariffs/cumulative.py",
                "    return walk([(charge, measured)])[0].amount",
                "    return Fraction(round(100 * walk([(charge, measured)])[0].amount), 100)",
            ),
        ),
        Suite("tests/usage/test_laws.py"),
    ),
    Bug(
        "usage: the day is that of Greenwich",
        (
            Change(
                "services/usage/model.py",
                "instant.astimezone(ZoneInfo(self.zone)).date()",
                'instant.astimezone(ZoneInfo("UTC")).date()',
            ),
        ),
        _CHARGES,
    ),
    Bug(
        "usage: a retraction leaves the quantity",
        (
            Change(
                "services/usage/model.py",
                "            units=self.units - other.units,",
                "            units=self.units,",
            ),
        ),
        _LATENESS,
    ),
    Bug(
        "usage: what was charged is charged again",
        (
            Change(
                "services/usage/rating/charging.py",
                "return self.line.net - (self.before.net if self.before else 0)",
                "return self.line.net",
            ),
        ),
        _LATENESS,
    ),
    Bug(
        "usage: a mark is told again and again",
        (
            Change(
                "services/usage/messages/closing.py",
                "contract = replace(contract, told=(*contract.told, mark.name))",
                "pass",
            ),
        ),
        _LATENESS,
    ),
    Bug(
        "usage: a level does not go on into a period that runs already",
        (
            Change(
                "services/usage/rating/running.py",
                "of_days(contract.sums, *period), levels)",
                "of_days(contract.sums, *period), contract.levels)",
            ),
        ),
        _CHARGES,
    ),
    Bug(
        "usage: no prefix costs nothing",
        (
            Change(
                "services/tariffs/events.py",
                "        if entry is None:\n            return None",
                "        if entry is None:\n            return Measured(NOTHING)",
            ),
        ),
        Suite("tests/tariffs/test_events.py"),
    ),
    Bug(
        "usage: what is absorbed is not counted",
        (
            Change(
                "services/usage/absorbing.py",
                "        events=pending.events + 1,",
                "        events=1,",
            ),
        ),
        Suite("tests/usage/test_laws.py"),
    ),
)

_OF_BALANCES_AND_BOUNDS = (
    Bug(
        "usage: what is on a bound is in two periods",
        (
            Change(
                "services/usage/metering/counting.py",
                "if from_on <= parts_of(key)[1] < until}",
                "if from_on <= parts_of(key)[1] <= until}",
            ),
        ),
        _CHARGES,
    ),
    Bug(
        "usage: a second retraction takes off again",
        (
            Change(
                "services/usage/messages/usage.py", "    if event.retracted:\n", "    if False:\n"
            ),
        ),
        _LATENESS,
    ),
    Bug(
        "usage: what is too late may come a day more",
        (
            Change(
                "services/usage/timeline/life.py",
                "return today - timedelta(days=days) if",
                "return today - timedelta(days=days + 1) if",
            ),
        ),
        _LATENESS,
    ),
    Bug(
        "usage: each event has the whole allowance",
        (
            Change(
                "services/tariffs/cumulative.py",
                "left.take(charge, measured, before=before, total=total)",
                "left.take(charge, measured, before=NOTHING, total=total)",
            ),
        ),
        _CHARGES,
    ),
    Bug(
        "usage: a maximum holds for each group",
        (
            Change(
                "services/usage/rating/lines.py",
                "min(total, _part(contract, charge.maximum.minor, period, terms))",
                "min(total, len(own) * _part(contract, charge.maximum.minor, period, terms))",
            ),
        ),
        _CHARGES,
    ),
    Bug(
        "usage: a threshold counts what was charged already",
        (
            Change(
                "services/usage/messages/balances.py",
                "            net += 0 if is_all_held(each, paid) else each.net",
                "            net += 0 if is_all_held(each, paid) else each.line.net",
            ),
        ),
        _LATENESS,
    ),
    Bug(
        "usage: a balance pays again what it has paid",
        (
            Change(
                "services/usage/rating/prepaid.py",
                "return Payment(_moved(contract, drawn), drawn)",
                "return Payment(contract, drawn)",
            ),
        ),
        Suite("tests/usage/test_prepaid.py"),
    ),
    Bug(
        "usage: bands know no summer time",
        (
            Change(
                "services/tariffs/bands.py",
                "    minute = local.hour",
                "    local -= local.dst() or timedelta(0)\n    minute = local.hour",
            ),
        ),
        Suite("tests/vectors/usage/test_vectors.py"),
    ),
    Bug(
        "usage: what a balance is to hold is charged",
        (Change("services/usage/rating/prepaid.py", "if is_held else paid", "if False else paid"),),
        Suite("tests/usage/test_prepaid.py"),
    ),
    Bug(
        "usage: what is held is never charged",
        (
            Change(
                "services/usage/messages/balances.py",
                "    if not contract.held:\n",
                "    if True:\n",
            ),
        ),
        Suite("tests/usage/test_prepaid.py"),
    ),
    Bug(
        "usage: a balance pays documents on the day it expires",
        (
            Change(
                "services/invoicing/granted.py", "day < self.expires_on", "day <= self.expires_on"
            ),
        ),
        Suite("tests/invoicing/test_prepaid.py"),
    ),
    Bug(
        "usage: a credit note gives back to balances before money",
        (
            Change(
                "services/invoicing/documents/prepaid.py",
                "sum(invoice.drawn.values()) - max(left, 0)",
                "sum(invoice.drawn.values())",
            ),
        ),
        Suite("tests/invoicing/test_prepaid.py"),
    ),
    Bug(
        "usage: a discount is off what the maximum took off",
        (
            Change(
                "services/invoicing/billing/targets.py",
                "_towards_nothing(sold * part, left[key])",
                "max(_NOTHING, min(sold * part, left[key]))",
            ),
        ),
        Suite("tests/system/test_discounts.py"),
    ),
    Bug(
        "usage: what a balance paid of an invoice is dunned",
        (
            Change(
                "services/dunning/messages/documents.py",
                "amount = ledger.money_of(account, issued.payable)",
                "amount = ledger.money_of(account, issued.gross)",
            ),
        ),
        Suite("tests/dunning/test_documents.py"),
    ),
)

_OF_ACTS = (
    Bug(
        "an act begins before its intent is published",
        (Change(_LANES, "if self._held[effect_id].seq > published:", "if False:"),),
        _ACTING,
    ),
    Bug(
        "an act is begun and nobody is told before",
        (Change(_ACTS, "[note(ActBegan, act) for act in began]", "[]"),),
        _ACTING,
    ),
    Bug(
        "a new owner begins before he has heard which acts are over",
        (Change(_ACTS, "while not engine.has_committed(place, end):", "while False:"),),
        _ACTING,
    ),
    Bug(
        "a letter that may have left is sent again",
        (Change(_ACTS, 'if act.phase == "began" and effect.unknown == "ask":', "if False:"),),
        _ACTING,
    ),
    Bug(
        "a letter of which nobody knows is tried again in the same process",
        (Change(_ACTS, 'ActPutOff if effect.unknown == "again" else ActUnknown', "ActPutOff"),),
        _ACTING,
    ),
    Bug(
        "the next act of a contract begins on an outcome that is not taken",
        (
            Change(
                _ACTS,
                "        self._ended.append((act, said))\n",
                "        self._ended.append((act, said))\n        self._lanes.remove(act.id)\n",
            ),
        ),
        _ACTING,
    ),
    Bug(
        "an outcome of what nobody intended is decided from",
        (Change(_FOLD, "and not acts.find(contract.acts, message.effect_id)", "and False"),),
        Suite("tests/runtime/test_effects.py"),
    ),
)

_OF_LETTERS = (
    Bug(
        "dunning: the last day of a letter is cut short",
        (
            Change(
                "services/dunning/escalation/notice.py",
                "days = [each.notice_until + A_DAY for",
                "days = [each.notice_until for",
            ),
        ),
        Suite("tests/dunning/test_catch_up.py"),
    ),
    Bug(
        "dunning: a letter follows another at once",
        (
            Change(
                "services/dunning/escalation/rules.py",
                "return TOO_EARLY if first is not None and asked.on < first else None",
                "return None",
            ),
        ),
        Suite("tests/dunning/test_letters.py"),
    ),
    Bug(
        "dunning: an invoice is reminded of below its level",
        (
            Change(
                "services/dunning/escalation/letters.py",
                "if each.level > level for",
                "if each.level > 99 for",
            ),
        ),
        Suite("tests/dunning/test_letters.py"),
    ),
    Bug(
        "a later end lifts the one that we asked for",
        (
            Change(
                "schemas/ends.py",
                "return replace(self._unawaited(), agreed=day)",
                "return Ends(agreed=day)",
            ),
        ),
        Suite("tests/system/test_ends.py"),
    ),
    Bug(
        "a request ends the contract that was revoked by name before it came",
        (
            Change(
                "schemas/ends.py",
                "        if process_id in self.barred:\n            return self\n        day =",
                "        day =",
            ),
        ),
        Suite("tests/schemas/test_ends.py"),
    ),
    Bug(
        "a revocation by name asks not whether anybody has asked for an end",
        (
            Change(
                "schemas/ends.py",
                "        self._check_heard(process_id)\n        ask =",
                "        ask =",
            ),
        ),
        Suite("tests/schemas/test_ends.py"),
    ),
    Bug(
        "usage: a change counts before its day",
        (
            Change(
                "services/usage/messages/contracts.py",
                "changed.effective_on is None or changed.effective_on <= today",
                "True",
            ),
        ),
        Suite("tests/usage/test_lateness.py"),
    ),
    Bug(
        "dunning: others credit a contract on our plan",
        (
            Change(
                "services/dunning/messages/documents.py",
                "if account.registered.has_plan and not message.is_ours:",
                "if account.registered.has_plan and message.is_ours is None:",
            ),
        ),
        Suite("tests/dunning/test_documents.py"),
    ),
    Bug(
        "invoicing: a year of thirty days a month has thirty days",
        (Change("services/tariffs/proration.py", "return 30 * months + min(", "return min("),),
        Suite("tests/invoicing/test_proration.py"),
    ),
    Bug(
        "invoicing: what comes to sixteen digits is issued",
        (
            Change(
                "services/invoicing/billing/limits.py",
                "if total >= MOST * minor_units(currency):",
                "if total < 0:",
            ),
        ),
        Suite("tests/invoicing/test_limits.py"),
    ),
    Bug(
        "invoicing: a free period of the plan is one of a yearly component, too",
        (
            Change(
                "services/invoicing/timeline/timeline.py",
                "(of_plan if each.component_id is None else each.component_id == component_id)",
                "each.component_id in (None, component_id)",
            ),
        ),
        Suite("tests/invoicing/test_rhythms.py"),
    ),
    Bug(
        "invoicing: what is due for one cause is a document a period",
        (
            Change(
                "services/invoicing/billing/reconciliation.py",
                "found[max(piece.bills_on, merged_on)].append(piece)",
                "found[piece.bills_on].append(piece)",
            ),
        ),
        Suite("tests/invoicing/test_billing.py"),
    ),
    Bug(
        "an end counts of which the wish was taken back meanwhile",
        (Change("schemas/ends.py", "if self.outdated:", "if self.outdated > 9:"),),
        Suite("tests/schemas/test_ends.py"),
    ),
    Bug(
        "what has ended goes on by a later end",
        (
            Change(
                "schemas/ends.py",
                "has_ended = self.on is not None and self.on <= today",
                "has_ended = False",
            ),
        ),
        Suite("tests/system/test_ends.py"),
    ),
    Bug(
        "money of next year settles today",
        (
            Change(
                "services/runtime/stream/fold.py",
                "        dating.check(message, record.event, calendar.terms, entity=entity)\n",
                "",
            ),
        ),
        Suite("tests/system/test_ledger.py"),
    ),
    Bug(
        "a date may be seconds since 1970",
        (Change("schemas/values.py", "    BeforeValidator(_as_written),\n", ""),),
        Suite("tests/schemas/test_values.py"),
    ),
)

_OF_AGREEMENTS = (
    Bug(
        "a store ahead of which Kafka is is taken",
        (Change(_DISAGREEMENT, "if published.offset > said:", "if False:"),),
        Suite("tests/runtime/kafka/test_disagreement.py"),
    ),
    Bug(
        "the store of others is taken",
        (
            Change(
                _DISAGREEMENT,
                "if published.metadata and published.metadata != store_id:",
                "if False:",
            ),
        ),
        Suite("tests/runtime/kafka/test_disagreement.py"),
    ),
    Bug(
        "a topic whose acknowledged records may be lost is taken",
        (
            Change(
                _DISAGREEMENT,
                '"min.insync.replicas", least)) < least',
                '"min.insync.replicas", least)) < 1',
            ),
        ),
        Suite("tests/runtime/kafka/test_disagreement.py"),
    ),
    Bug(
        "one replica beside other brokers is taken",
        (Change(_DISAGREEMENT, "if wanted == 1 < brokers:", "if False:"),),
        Suite("tests/runtime/kafka/test_disagreement.py"),
    ),
    Bug(
        "records that are gone unread are passed over",
        (Change(_DISAGREEMENT, "if begin > at:", "if False:"),),
        Suite("tests/runtime/kafka/test_disagreement.py"),
    ),
    Bug(
        "a topic that was made anew is read on",
        (Change(_DISAGREEMENT, "facts.id == topic_id:", "True:"),),
        Suite("tests/runtime/kafka/test_disagreement.py"),
    ),
    Bug(
        "a partition is published although log and store contradict each other",
        (Change(_INTAKE, "own(wanted - faults.keys(), kept", "own(wanted, kept"),),
        Suite("tests/runtime/kafka/test_intake.py"),
    ),
    Bug(
        "a hole between batches is passed over",
        (Change(_BATCHES, "if batch.base_offset > self._next:", "if False:"),),
        Suite("tests/runtime/kafka/test_batches.py"),
    ),
    Bug(
        "a position that is not in the log is moved in silence",
        (
            Change(
                "services/runtime/kafka/consumer.py",
                'auto_offset_reset="none"',
                'auto_offset_reset="earliest"',
            ),
        ),
        Suite("tests/runtime/kafka/test_consumer.py"),
    ),
    Bug(
        "a wrong number of partitions leaves rows",
        (
            Change(
                "services/runtime/store/origin.py",
                "if claimed and (missing",
                "if False and (missing",
            ),
        ),
        Suite("tests/runtime/store/test_store.py"),
    ),
    Bug(
        "a contract is registered on two partitions",
        (Change(_FOLD, "return home if home != key[1] and", "return home if False and"),),
        Suite("tests/runtime/stream/test_fold.py"),
    ),
    Bug(
        "what waits is registered on a second partition",
        (Change(_FOLD, "partial(self._retry_on_day, key, record)", "partial(self.retry, key)"),),
        Suite("tests/runtime/test_two_homes.py"),
    ),
    Bug(
        "an amount that no reader takes is said",
        (Change("services/runtime/stream/codec.py", "if _TOO_MUCH.search(data):", "if False:"),),
        Suite("tests/runtime/stream/test_codec.py"),
    ),
    Bug(
        "a replay takes what was found out on a day for known from the start",
        (
            Change(
                "services/runtime/stream/waiting.py",
                'return f"{each.record.place} on {day.place}"',
                "return each.record.place",
            ),
        ),
        Suite("tests/runtime/stream/test_fold.py"),
    ),
    Bug(
        "a replay is not told where the contract of a record was",
        (Change("services/runtime/embedded/replay.py", "engine.fold.homes |= elsewhere", "pass"),),
        Suite("tests/runtime/ops/test_evidence.py"),
    ),
)

_OF_PROJECTIONS = (
    Bug(
        "rows: an edition is read before it has come to its goals",
        (Change(_PROJECTOR, "{place: ends.get(place, 0) for", "{place: 0 for"),),
        _ROWS_MADE,
    ),
    Bug(
        "rows: what others say again counts again",
        (Change(_PROJECTOR, "            if before:\n", "            if False:\n"),),
        _ROWS_MADE,
    ),
    Bug(
        "rows: what a batch says twice counts twice",
        (Change(_PROJECTOR, "known.get(name, seen.get(name))", "known.get(name)"),),
        _ROWS_MADE,
    ),
    Bug(
        "rows: a zombie is not fenced",
        (
            Change(
                _READ_MODEL,
                "            await self.fence(tx, epochs)\n            for name, keys",
                "            for name, keys",
            ),
        ),
        _ROWS_MADE,
    ),
    Bug(
        "rows: positions are not in the transaction",
        (
            Change(
                _READ_MODEL,
                "            await self.write(tx, edition.places, at)\n",
                "        async with self.transaction() as tx:\n"
                "            await self.write(tx, edition.places, at)\n",
            ),
        ),
        _ROWS_IN_WORLDS,
    ),
    Bug(
        "rows: one who is done with his partitions takes the edition for complete",
        (Change(_READ_MODEL, ".scalar_one() < wanted:", ".scalar_one() < 0:"),),
        _ROWS_IN_WORLDS,
    ),
    Bug(
        "rows: an earlier version works on beside a later one",
        (Change(_READ_MODEL, "if last.version > self._projection.version:", "if False:"),),
        _ROWS_MADE,
    ),
    Bug(
        "rows: what a crash left of an earlier edition stays for ever",
        (
            Change(
                _READ_MODEL, "EDITIONS.c.edition < self.edition.number", "EDITIONS.c.edition < 0"
            ),
        ),
        _ROWS_MADE,
    ),
    Bug(
        "rows: where nothing comes nobody hears that they are made anew",
        (Change(_READ_MODEL, "last.edition > self.edition.number:", "False:"),),
        _ROWS_IN_WORLDS,
    ),
    Bug(
        "rows: what is taken away stays in the store",
        (Change(_READ_MODEL, "await tx.execute(delete(table).where(here), values)", "pass"),),
        _ROWS_MADE,
    ),
)

_OF_WORDS = (
    Bug(
        "the first day after a period is told as its last",
        (Change("services/cli/words/language.py", "return day - timedelta(days=1)", "return day"),),
        Suite("tests/cli/test_words_of_days.py"),
    ),
    Bug(
        "what is written off is said to be settled",
        (Change("services/dunning/ledger/entries.py", "lost = item.written_off", "lost = 0"),),
        Suite("tests/dunning/test_write_offs.py"),
    ),
    Bug(
        "December's tax is January's",
        (
            Change(
                "services/bookkeeping/tax_months.py",
                "line.period.until - timedelta(days=1) if line",
                "line.period.until if line",
            ),
        ),
        Suite("tests/bookkeeping/test_tax_months.py"),
    ),
    Bug(
        "who buys elsewhere in the EU buys from outside of it",
        (Change("services/bookkeeping/trade.py", '"eu" if buyer in EU else "third"', '"third"'),),
        Suite("tests/bookkeeping/test_trade.py"),
    ),
    Bug(
        "what is written off counts as paid, by cash",
        (
            Change(
                "services/bookkeeping/takings.py",
                "self.covered[name] - gross_of(claim.given_up))",
                "self.covered[name])",
            ),
        ),
        Suite("tests/bookkeeping/test_cash_accounting.py"),
    ),
    Bug(
        "nobody says ahead that base rates end",
        (Change("services/cli/views/base_rates.py", "elif until + AHEAD >= ends:", "elif False:"),),
        Suite("tests/cli/test_base_rates.py"),
    ),
)

_TOLD, _SENDING = "services/notifications/model.py", "services/notifications/ways/sending.py"
_COMING_BACK = Suite("tests/notifications/test_coming_back.py")
_OF_NOTIFICATIONS = (
    Bug(
        "a template that does not render counts",
        (Change("services/notifications/app.py", "        admits=_admit,\n", ""),),
        Suite("tests/notifications/test_templates.py"),
    ),
    Bug(
        "a courtesy costs a letter",
        (
            Change(
                "services/notifications/ways/choice.py",
                'if mailing.kind in COURTESIES and way == "email":',
                "if False:",
            ),
        ),
        Suite("tests/notifications/test_notices.py"),
    ),
    Bug(
        "what is paid is told to be due",
        (
            Change(
                "services/dunning/escalation/courtesies.py",
                "if item.receivable_id in now and",
                "if False and",
            ),
        ),
        Suite("tests/dunning/test_courtesies.py"),
    ),
    Bug(
        "a statement is drawn before its last day is over",
        (
            Change(
                "services/notifications/messages/statements.py",
                "        if owed.as_of < today:\n",
                "        if owed.as_of <= today:\n",
            ),
        ),
        Suite("tests/notifications/test_statements.py"),
    ),
    Bug(
        "a reminder is sent whose run has ended",
        (Change(_TOLD, " and mailing.process_id not in self.ended_runs", ""),),
        _COMING_BACK,
    ),
    Bug(
        "a copy has the id of what was sent first",
        (Change(_TOLD, '"delivery", *what, mailing.round)', '"delivery", *what)'),),
        _COMING_BACK,
    ),
    Bug(
        "a letter goes though another mailbox has the invoice",
        (Change(_SENDING, "if sending.is_copy or others or not", "if sending.is_copy or not"),),
        _COMING_BACK,
    ),
    Bug(
        "the letter after a refused reminder does not wait for dunning",
        (
            Change(
                _SENDING,
                'if mailing.kind == "reminder":\n        later',
                "if False:\n        later",
            ),
        ),
        Suite("tests/notifications/test_app.py"),
    ),
    Bug(
        "a copy moves the clock",
        (Change(_SENDING, "if is_copy or mailing.kind not in", "if mailing.kind not in"),),
        _COMING_BACK,
    ),
    Bug(
        "what came back closes no address",
        (
            Change(
                "services/notifications/messages/outcomes.py",
                "correspondence.closed | {",
                "correspondence.closed & {",
            ),
        ),
        _COMING_BACK,
    ),
    Bug(
        "a card ends a day early",
        (
            Change(
                "services/notifications/messages/instruments.py",
                "return _months(first, 1)",
                "return _months(first, 1) - _A_DAY",
            ),
        ),
        Suite("tests/notifications/test_instruments.py"),
    ),
)

_OF_NAMES = (
    Bug(
        "two rooms that meet call two types by one name",
        (
            Change(
                "services/dunning/escalation/firing.py",
                "class StepSubject(TypedDict):",
                "class About(TypedDict):",
            ),
        ),
        Suite("tests/test_tidy.py"),
    ),
)

_CHANNELS = "services/notifications/channels"
_OF_CHANNELS = (
    Bug(
        "webhook: events of an endpoint are all the first",
        (
            Change(
                "services/notifications/ways/announcing.py",
                "hook = replace(hook, told=hook.told + 1)",
                "hook = replace(hook, told=1)",
            ),
        ),
        Suite("tests/notifications/test_announcing.py"),
    ),
    Bug(
        "webhook: an endpoint that failed for five days is asked on",
        (
            Change(
                "services/notifications/posting/standings.py",
                "elif circuit.is_dead(after.circuit, at=at):",
                "elif False:",
            ),
        ),
        Suite("tests/notifications/test_hooks.py"),
    ),
    Bug(
        "a mailbox that is full is closed",
        (Change("services/notifications/messages/outcomes.py", "if returned.closes:", "if True:"),),
        Suite("tests/notifications/test_coming_back.py"),
    ),
    Bug(
        "a letter that may have been moved to the printer is put off",
        (
            Change(
                "services/notifications/posting/letters.py",
                "                raise LetterUnknown(reason)",
                "                raise PutOff",
            ),
        ),
        Suite("tests/notifications/test_letter_post.py"),
    ),
    Bug(
        "a name in a header may hold an encoded word",
        (Change(f"{_CHANNELS}/mail/headers.py", 'if "=?" in value:', "if False:"),),
        Suite("tests/notifications/channels/test_headers.py"),
    ),
    Bug(
        "a mail whose answer was lost was surely not sent",
        (
            Change(
                f"{_CHANNELS}/mail/sending.py",
                'return Unknown("mail_server_silent")',
                'return Later("mail_server_unreachable")',
            ),
        ),
        Suite("tests/notifications/channels/test_sending.py"),
    ),
    Bug(
        "a full mailbox closes its address",
        (Change(f"{_CHANNELS}/mail/answers.py", '"5.1.10", "5.2.1"', '"5.1.10", "5.2.2"'),),
        Suite("tests/notifications/channels/test_bounces.py"),
    ),
    Bug(
        "whoever guesses a delivery has its address closed",
        (
            Change(
                f"{_CHANNELS}/mail/return_path.py",
                "if any(hmac.compare_digest(",
                "if seal or any(hmac.compare_digest(",
            ),
        ),
        Suite("tests/notifications/channels/test_return_path.py"),
    ),
    Bug(
        "a person who quotes a report is taken for one",
        (Change(f"{_CHANNELS}/bounces/reading.py", "return is_nobody and ", "return "),),
        Suite("tests/notifications/channels/test_bounces.py"),
    ),
    Bug(
        "an event is posted wherever a name leads",
        (
            Change(
                f"{_CHANNELS}/webhook/sending.py",
                "if not self._egress.permits(str(address[0])):",
                "if False:",
            ),
        ),
        Suite("tests/notifications/channels/test_webhook.py"),
    ),
    Bug(
        "a letter with somebody else in its window is printed",
        (Change(f"{_CHANNELS}/letter/pages.py", 'yield "another_address"', "pass"),),
        Suite("tests/notifications/channels/test_letters.py"),
    ),
    Bug(
        "a batch that may have been moved is put there again",
        (
            Change(
                f"{_CHANNELS}/letter/handover.py",
                "self._is_moving = True",
                "self._is_moving = False",
            ),
        ),
        Suite("tests/notifications/channels/test_handover.py"),
    ),
)

BUGS = (
    *_OF_CHANNELS,
    *_OF_LETTERS,
    *_OF_NAMES,
    *_OF_NOTIFICATIONS,
    *_OF_WORDS,
    *_OF_PROJECTIONS,
    *_OF_AGREEMENTS,
    *_OF_STORE,
    *_OF_ENGINES,
    *_OF_FOLDS,
    *_OF_CHAINS,
    *_OF_PUBLISHERS,
    *_OF_ACTS,
    *_OF_CLOCKS,
    *_OF_RULES,
    *_OF_USAGE,
    *_OF_BALANCES_AND_BOUNDS,
)
