"""What a provider of letters asks for; lengths in micrometres, from the top left corner."""

import re
from dataclasses import dataclass

A4_WIDTH, A4_HEIGHT = 210_000, 297_000

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class Zone:
    """A rectangle on a page."""

    left_um: int
    top_um: int
    right_um: int
    bottom_um: int

    def holds(self, other: "Zone", *, tolerance_um: int = 0) -> bool:
        """Say whether *other* lies within this one, but for a tolerance."""
        return (
            other.left_um >= self.left_um - tolerance_um
            and other.top_um >= self.top_um - tolerance_um
            and other.right_um <= self.right_um + tolerance_um
            and other.bottom_um <= self.bottom_um + tolerance_um
        )

    def meets(self, other: "Zone") -> bool:
        """Say whether the two have more than an edge in common."""
        return (
            other.left_um < self.right_um
            and other.right_um > self.left_um
            and other.top_um < self.bottom_um
            and other.bottom_um > self.top_um
        )

    def grown(self, by_um: int) -> "Zone":
        """Return this rectangle with so much more on each side, or less."""
        return Zone(
            self.left_um - by_um, self.top_um - by_um, self.right_um + by_um, self.bottom_um + by_um
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One provider, and what it takes.

    In ``window`` stands the address with the return line above it; ``recipient`` is where a
    machine reads the address, narrower for registered letters where ``registered`` says so, and
    none of them where it says nothing. ``quiet_um`` around the window, and ``clear_um`` at each
    edge of each page, hold neither text nor picture; lines alone may stand at an edge, as the marks
    for folding do. ``file_name`` is filled with ``number``, the place in the batch from 1, and
    ``document``.
    """

    name: str
    window: Zone
    recipient: Zone
    registered: Zone | None = None
    quiet_um: int = 2_000
    clear_um: int = 5_000
    most_pages: int = 10
    duplex: bool = True
    colour: bool = False
    file_name: str = "{number:05}_{document}.pdf"

    def recipient_zone(self, *, registered: bool) -> Zone | None:
        """Return where the address of a letter is read; none if the provider takes none such."""
        return self.registered if registered else self.recipient

    def sheets(self, pages: int) -> int:
        """Return on how many sheets of paper so many pages stand."""
        return (pages + 1) // 2 if self.duplex else pages

    def named(self, number: int, document: str) -> str:
        """Return the file name of a letter; raise ValueError where it is no plain one."""
        found = self.file_name.format(number=number, document=document)
        if not _NAME.fullmatch(found) or found.startswith("."):
            raise ValueError("a letter's file name is of letters, digits, dots, - and _")
        return found


# DIN 5008 form B, in an envelope DL with a window. A long address begins at 62.7 mm; the accent of
# a capital in its first line reaches 0.9 mm above that, and a comma of the return line to 61.2 mm.
DIN_5008_B = Profile(
    name="din-5008-b",
    window=Zone(20_000, 45_000, 105_000, 90_000),
    recipient=Zone(25_000, 61_500, 105_000, 90_000),
    registered=Zone(25_000, 68_000, 105_000, 85_500),
)
