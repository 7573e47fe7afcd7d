"""The files of a TLS connection: read, or named where they cannot be."""

import ssl
from pathlib import Path


def context(ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    """Return the TLS context of a client: who is trusted, and our certificate where we have one."""
    found = ssl.create_default_context(cafile=ca)
    if cert:
        found.load_cert_chain(cert, key)
    return found


def check(ca: Path | None, cert: Path | None, key: Path | None) -> None:
    """Raise ValueError that names the setting and the file of which TLS itself would name none."""
    if key and not cert:
        raise ValueError("ssl_key_file needs ssl_cert_file, the certificate of that key")
    for name, path in {"ssl_ca_file": ca, "ssl_cert_file": cert, "ssl_key_file": key}.items():
        _must_be_read(name, path)
    try:
        if ca:
            ssl.create_default_context(cafile=ca)
    except ssl.SSLError:
        raise ValueError(f"ssl_ca_file: {ca} has no certificate (PEM)") from None
    try:
        context(ca, cert, key)
    except ssl.SSLError as error:
        why = "is of another key" if error.reason == "KEY_VALUES_MISMATCH" else "is no PEM"
        where = f", or its key in {key}," if key else " with its key"
        raise ValueError(f"ssl_cert_file: {cert}{where} {why}") from None


def _must_be_read(name: str, path: Path | None) -> None:
    if path is None:
        return
    try:
        path.open("rb").close()
    except OSError as error:
        raise ValueError(f"{name}: {path}: {(error.strerror or 'unknown').lower()}") from None
