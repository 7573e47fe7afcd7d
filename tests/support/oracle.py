"""The ledger once more, as plain dicts and lists: what is owed, and since when.

Written from rules.md alone (R-16, R-70 to R-74, R-80 to R-86, R-98, R-116), to disagree where
dunning is wrong.
"""

from datetime import timedelta


class Oracle:
    """Items, money and chargebacks of one contract; amounts in cents."""

    def __init__(self):
        self.items, self.money, self.backs, self.balance = [], [], {}, 0

    def item(self, name):
        return next(item for item in self.items if item["name"] == name)

    def open_items(self):
        return [item for item in self.items if item["open"]]

    def credit(self):
        return sum(self.free(money) for money in self.money)

    def free(self, money):
        return money["amount"] - sum(part for _, part in money["pays"])

    def unkept(self, money):
        return self.free(money) - sum(kept["amount"] for kept in money["kept"])

    def named(self, name):
        """Return the item of an id or of a printed number; None where there is none yet."""
        return next((item for item in self.items if name in (item["name"], item["number"])), None)

    def exactly(self, amount):
        """Return the invoice that is meant by exactly what is open of it (R-80)."""
        invoices = [i for i in sorted(self.items, key=age_of) if not i["fee"]]
        exact = [i for i in invoices if i["open"] - disputed(i) == amount]
        exact = exact or [i for i in invoices if i["open"] == amount]
        return [item["name"] for item in exact[:1]]

    def owed(self, less=lambda item: 0):
        """Return the open items, less all credit: the longest overdue first (R-16)."""
        credit, left = self.credit(), []
        for item in sorted(self.open_items(), key=lambda i: (i["anchor"], *age_of(i))):
            open_ = item["open"] - less(item)
            part = min(credit, open_)
            credit -= part
            if open_ > part:
                left.append((item, open_ - part))
        return left

    def claimed(self):
        """Return what is owed and not disputed (R-116)."""
        return self.owed(disputed)

    def oldest(self):
        """Return since when the oldest item ages that is owed; None where nothing is."""
        return min((item["anchor"] for item, _ in self.claimed()), default=None)

    def overdue(self, day):
        return {item["name"]: part for item, part in self.claimed() if item["anchor"] < day}

    def begin(self, day):
        """Let what was kept in vain for thirty days pay the oldest (R-80)."""
        for money in self.money:
            if any(kept["until"] < day for kept in money["kept"]):
                money["kept"] = [kept for kept in money["kept"] if kept["until"] >= day]
                self.pay(money, self.unkept(money), day)

    def owe(self, name, amount, due, issued, *, fee=False):
        self.balance += amount
        self.items.append(
            {
                "name": name,
                "number": f"R-{name}",
                "amount": amount,
                "open": amount,
                "given up": 0,
                "due": due,
                "anchor": due,
                "issued": issued,
                "fee": fee,
                "disputed": 0,
            }
        )
        for money in self.money:
            self.pay_kept(money, self.items[-1])
        self.set_off(issued)

    def pay_kept(self, money, item):
        """Let what was kept for *item* pay it; the rest is kept for nothing any more."""
        for kept in money["kept"]:
            if kept["name"] in (item["name"], item["number"]):
                self.take(money, item, min(kept["amount"], item["open"]))
                money["kept"] = [each for each in money["kept"] if each is not kept]

    def receive(self, name, amount, day, named=()):
        money = {"name": name, "amount": amount, "pays": [], "kept": []}
        self.money.append(money)
        self.balance -= amount
        if any(self.named(each) is None for each in named):
            (kept_for,) = named
            until = day + timedelta(days=30)
            money["kept"].append({"name": kept_for, "amount": amount, "until": until})
            return
        self.pay(money, amount, day, [(self.named(each)["name"], amount) for each in named])

    def pay(self, money, amount, day, wishes=()):
        """First what is named, then due before not due, fees last, the oldest first.

        What is disputed is paid when all else is (R-116).
        """
        for name, most in wishes:
            item = self.item(name)
            amount -= self.take(money, item, min(amount, most, item["open"] + item["given up"]))
        for less in (disputed, lambda item: 0):
            for equals in by_age(self.items, day):
                owed = [item["open"] + item["given up"] - less(item) for item in equals]
                for item, part in zip(equals, in_proportion(amount, owed), strict=True):
                    amount -= self.take(money, item, part)

    def take(self, money, item, part):
        if part:
            self.settle(item, part)
            money["pays"].append([item["name"], part])
        return part

    def settle(self, item, part):
        """What was given up is owed again before it is paid (R-86)."""
        again = max(0, part - item["open"])
        item["given up"] -= again
        self.balance += again
        if again and not item["open"]:
            item["anchor"] = item["due"]
        item["open"] += again - part

    def set_off(self, day):
        for money in self.money:
            left = self.unkept(money)
            for less in (disputed, lambda item: 0):
                for equals in by_age(self.open_items(), day):
                    owed = [item["open"] - less(item) for item in equals]
                    for item, part in zip(equals, in_proportion(left, owed), strict=True):
                        left -= self.take(money, item, part)

    def charge_back(self, name, paid, amount, day):
        """What the bank took back is open again, and ages from here."""
        reopened = self.take_off(paid, amount, day)
        self.backs[name] = {"paid": paid, "amount": amount, "reopened": reopened}
        self.set_off(day)

    def move_away(self, paid, amount, day):
        """What was meant for another contract makes nothing younger (R-118)."""
        self.take_off(paid, amount, None)
        self.set_off(day)

    def take_off(self, paid, amount, ages_from):
        """Credit goes first, then what was paid last; return what is open again."""
        money = next(each for each in self.money if each["name"] == paid)
        left = max(0, amount - self.free(money))
        self.keep_less(money, amount)
        money["amount"] -= amount
        self.balance += amount
        reopened = {}
        while left:
            pays = money["pays"][-1]
            part = min(left, pays[1])
            self.reopen(pays[0], part, ages_from)
            reopened[pays[0]] = reopened.get(pays[0], 0) + part
            pays[1] -= part
            left -= part
            if not pays[1]:
                money["pays"].pop()
        return reopened

    def reopen(self, name, part, ages_from):
        item = self.item(name)
        if not item["open"] and ages_from:
            item["anchor"] = max(ages_from, item["due"])
        item["open"] += part

    def forgive(self, name, part):
        """Damages that were paid are taken back before anything else (R-110)."""
        item = self.item(name)
        self.balance -= part
        again = min(part, item["open"])
        item["open"] -= again
        for money in self.money:
            for pays in [each for each in money["pays"] if each[0] == name]:
                off = min(part - again, pays[1])
                pays[1] -= off
                again += off
            money["pays"] = [each for each in money["pays"] if each[1]]

    def reverse(self, name, day, damages):
        back = self.backs.pop(name)
        money = next(each for each in self.money if each["name"] == back["paid"])
        money["amount"] += back["amount"]
        self.balance -= back["amount"]
        wishes = [*back["reopened"].items(), *((each, back["amount"]) for each in damages)]
        self.pay(money, back["amount"], day, wishes)

    def refund(self, amount):
        """What is paid back comes out of the credit, the oldest first."""
        self.balance += amount
        for money in self.money:
            part = min(amount, self.free(money))
            self.keep_less(money, part)
            money["amount"] -= part
            amount -= part

    def keep_less(self, money, amount):
        """What is kept is taken last, and there what was named last goes first."""
        amount -= min(amount, self.unkept(money))
        for kept in reversed(money["kept"]):
            part = min(amount, kept["amount"])
            kept["amount"] -= part
            amount -= part

    def give_up(self):
        for item, part in self.owed():
            self.balance -= part
            item["given up"] += part
            item["open"] -= part

    def defer(self, name, until):
        self.item(name).update(due=until, anchor=until)


def disputed(item):
    """Return what of an open item is disputed: what is paid is off the rest first (R-116)."""
    return min(item["disputed"], item["open"])


def by_age(items, day):
    """Return lists of items of equal rank: due before not due, fees last, the oldest first."""

    def rank(item):
        return item["due"] > day, *age_of(item)

    ranks = sorted({rank(item) for item in items})
    return [[item for item in items if rank(item) == each] for each in ranks]


def age_of(item):
    return item["fee"], item["due"], item["issued"]


def in_proportion(amount, owed):
    """Divide cents in proportion; what is left over goes to the largest remainders (U-42)."""
    if amount >= sum(owed):
        return list(owed)
    parts = [amount * each // sum(owed) for each in owed]
    remainders = [amount * each % sum(owed) for each in owed]
    for at in sorted(range(len(owed)), key=lambda at: (-remainders[at], at)):
        parts[at] += sum(parts) < amount
    return parts
