"""The chart of accounts: which account takes what, given by data (charts/*.toml)."""

import tomllib
from decimal import Decimal
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from schemas.values import Name, Percent
from services.bookkeeping.breakdown import Supply
from services.bookkeeping.trade import NOBODY, Place, Trade

Account = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{3,7}$|^0[0-9]{3,7}$")]
Key = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,4})?$")]


class NoChart(ValueError):
    """The text is no chart of accounts."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Accounts(_Table):
    """Where a supply goes: what it earns, its tax, what of it is lost, and what comes after all.

    ``automatic`` accounts for revenue, discount and loss take the gross in DATEV and post the tax
    by themselves; ``key`` makes the account for what comes after all do so. What is deducted for
    early payment goes to ``discount``, and is less revenue where a chart has no account for it.
    """

    revenue: Account
    tax: Account
    loss: Account
    recovered: Account
    discount: Account | None = None
    automatic: bool = False
    key: Key = ""

    @property
    def of_discount(self) -> str:
        """Where a discount for early payment goes (R-84a)."""
        return self.discount or self.revenue


class SupplyAccounts(Accounts):
    """The accounts of a category (EN 16931) and rate (percent) of VAT; any rate where none is said.

    ``place`` is where the buyer is, ``small_business`` a seller of § 19 UStG (R-109), ``oss`` VAT
    of another country that goes by the one-stop shop (R-109a).
    """

    category: Name
    rate: Percent | None = None
    place: Place | None = None
    small_business: bool = False
    oss: bool = False

    def takes(self, supply: Supply, trade: Trade) -> bool:
        """Say whether *supply* in *trade* goes there."""
        return (
            self.category == supply.category
            and (self.rate is None or Decimal(self.rate) == Decimal(supply.rate or "0"))
            and self.place in (None, trade.place)
            and (trade.small_business or not self.small_business)
            and self._is_there(supply)
        )

    def _is_there(self, supply: Supply) -> bool:
        """A line that names a rate means that of home, unless it is of the one-stop shop."""
        return self.oss == bool(supply.country) or (not self.oss and self.rate is None)


class Datev(_Table):
    """What the header of a booking batch says of whose books they are."""

    consultant: int = Field(default=1001, ge=1001, le=9_999_999)
    client: int = Field(default=1, ge=1, le=99_999)
    year_begins_in: int = Field(default=1, ge=1, le=12)
    chart: Annotated[str, StringConstraints(pattern=r"^([0-9]{2})?$")] = ""


class Chart(_Table):
    """A small chart of accounts; ``otherwise`` takes each supply that has no line of its own."""

    name: str
    receivables: Account
    money: Account
    damages: Account
    # Default interest; with the other damages where a chart has no account for it.
    interest: Account | None = None
    otherwise: Accounts
    supply: tuple[SupplyAccounts, ...] = ()
    datev: Datev = Datev()
    names: dict[Account, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_accounts_of_one_length(self) -> Self:
        lengths = {len(each) for each in self._all()}
        if len(lengths) > 1:
            raise ValueError("accounts must be of one length")
        return self

    @property
    def of_interest(self) -> str:
        """Where default interest goes that was paid or claimed."""
        return self.interest or self.damages

    @property
    def account_length(self) -> int:
        """How many digits an account has."""
        return len(self.receivables)

    def accounts(self, supply: Supply, trade: Trade = NOBODY) -> Accounts:
        """Return where *supply* in *trade* goes: to the first line that takes it."""
        return next((each for each in self.supply if each.takes(supply, trade)), self.otherwise)

    def name_of(self, account: str) -> str:
        """Return what *account* is called; nothing where the chart does not say."""
        return self.names.get(account, "")

    def _all(self) -> list[str]:
        rows = (self.otherwise, *self.supply)
        found = [self.receivables, self.money, self.damages, self.of_interest]
        return found + [account for row in rows for account in _accounts(row)]


def _accounts(row: Accounts) -> tuple[str, ...]:
    return row.revenue, row.of_discount, row.tax, row.loss, row.recovered


def parse(text: str) -> Chart:
    """Return the chart that *text* (TOML) describes; raise NoChart, which says what is wrong."""
    try:
        return Chart.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise NoChart(str(error)) from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        what = problem["msg"].removeprefix("Value error, ")
        raise NoChart(f"{where}: {what}" if where else what) from error
