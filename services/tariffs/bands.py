"""Bands of time: which price holds at an instant, and where an event is cut (U-52).

Local time is that of the legal entity. Durations are seconds of real time: an hour that does not
exist has none, one that comes twice has two of its band.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schemas.calendars import A_DAY, is_holiday
from schemas.metering import Band

# Clocks are changed at full quarters of an hour of UTC.
_QUARTER = 15 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Where the days and holidays of a legal entity are those of the place."""

    zone: ZoneInfo
    country: str
    subdivision: str | None = None


class Cut(NamedTuple):
    """A part of an event in one band, in seconds."""

    band: Band
    seconds: Fraction


def band_at(bands: Sequence[Band], instant: datetime, place: Place) -> Band:
    """Return the band in which *instant* lies; a plan has exactly one for each (U-52)."""
    local = instant.astimezone(place.zone)
    minute = local.hour * 60 + local.minute
    for day, at in ((local.date(), minute), (local.date() - A_DAY, minute + 24 * 60)):
        holiday = is_holiday(day, country=place.country, subdivision=place.subdivision)
        for band in bands:
            if band.is_of(day.isoweekday(), is_holiday=holiday) and band.holds(at):
                return band
    raise AssertionError("bands cover each minute, as was checked where they were published")


def cuts(bands: Sequence[Band], start: datetime, seconds: Fraction, place: Place) -> Iterator[Cut]:
    """Yield the parts of an event of *seconds* from *start* on, cut at the bounds of bands."""
    begin = Fraction((start - _EPOCH) // timedelta(microseconds=1), 1_000_000)
    end = begin + seconds
    while begin < end:
        instant = _instant(begin)
        upto = min(end, _next_edge(bands, instant, place))
        yield Cut(band_at(bands, instant, place), upto - begin)
        begin = upto


def _instant(seconds: Fraction) -> datetime:
    return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))


def _next_edge(bands: Sequence[Band], instant: datetime, place: Place) -> Fraction:
    """Return the first moment behind *instant*, in seconds, at which the band may be another."""
    now = Fraction((instant - _EPOCH) // timedelta(microseconds=1), 1_000_000)
    edges = [Fraction((now // _QUARTER + 1) * _QUARTER)]
    local = instant.astimezone(place.zone)
    for clock in {each for band in bands for each in (band.from_, band.until)}:
        for fold in (0, 1):
            at = datetime.combine(local.date(), time.fromisoformat(clock), place.zone)
            moment = Fraction(int(at.replace(fold=fold).timestamp()))
            edges += [moment] if moment > now else []
    return min(edges)
