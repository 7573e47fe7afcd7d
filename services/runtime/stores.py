"""Addresses of stores: which are known, and which connections to them are not encrypted."""

from sqlalchemy.engine import URL, make_url

_DATABASES = ("postgresql+asyncpg://", "sqlite+aiosqlite:///")
# What the driver is told of a connection, beside where it goes; libpq says sslmode for ssl.
_ENCRYPTED = ("require", "verify-ca", "verify-full")
_SSL = ("disable", "allow", "prefer", *_ENCRYPTED)
_OPTIONS = ("host", "port", "ssl", "sslmode", "prepared_statement_cache_size")


def address(said: str) -> str:
    """Return the address as its driver takes it; raise ValueError, in words, where none does."""
    if not said.startswith(_DATABASES):
        raise ValueError("the store is at postgresql+asyncpg://USER:PASSWORD@HOST/NAME")
    return _with_ssl(said) if said.startswith(_DATABASES[0]) else said


def unencrypted(said: str) -> tuple[str, ...]:
    """Return which machines or folders are reached without encryption."""
    url = make_url(said)
    return () if url.query.get("ssl") in _ENCRYPTED else _hosts(url)


def _with_ssl(said: str) -> str:
    """Return the address of a PostgreSQL as its driver takes it; raise ValueError in words."""
    url = make_url(said)
    unknown = sorted(url.query.keys() - set(_OPTIONS))
    if unknown:
        raise ValueError(f"?{unknown[0]}= is not understood; known are {', '.join(_OPTIONS)}")
    mode = url.query.get("ssl", url.query.get("sslmode"))
    if mode is not None and mode not in _SSL:
        raise ValueError(f"?ssl= is one of {', '.join(_SSL)}")
    if "sslmode" not in url.query:
        return said
    told = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": str(mode)})
    return told.render_as_string(hide_password=False)


def _hosts(url: URL) -> tuple[str, ...]:
    """Return which machines or folders *url* names; none where the driver's own default counts."""
    named = url.query.get("host", ())
    named = (named,) if isinstance(named, str) else named
    return (*((url.host,) if url.host else ()), *(each for each in named if each))
