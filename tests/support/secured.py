"""A broker that speaks TLS, and asks for a user or for a certificate; and who may come."""

from pathlib import Path
from typing import ClassVar

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.support.servers import Kafka, free_port

USER, PASSWORD = "anna", "geheim-und-lang"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_PLAIN = (
    f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
)
# Of two lines for a setting the last counts: the listeners of the other broker come along.
_PROPERTIES = """
listeners={plain},CONTROLLER://127.0.0.1:{controller},USERS://localhost:{users},PAIRS://localhost:{pairs}
advertised.listeners={plain},USERS://localhost:{users},PAIRS://localhost:{pairs}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,USERS:SASL_SSL,PAIRS:SSL
listener.name.users.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.users.scram-sha-512.sasl.jaas.config={scram}
listener.name.users.plain.sasl.jaas.config={by_plain}
listener.name.pairs.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={home}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={home}/ca.pem
"""


class SecuredKafka(Kafka):
    """At ``users`` it asks over TLS for a user by SCRAM or PLAIN, at ``pairs`` for a certificate.

    ``ca.pem``, and ``mine.pem`` of a client, stand in its folder; nobody trusts ``other.pem``.
    """

    words: ClassVar[tuple[str, ...]] = (
        "--add-scram",
        f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]",
    )

    def __init__(self) -> None:
        super().__init__()
        self.users, self.pairs = (f"localhost:{free_port()}" for _ in range(2))
        authority, other = trustme.CA(), trustme.CA()
        authority.cert_pem.write_to_path(self.home / "ca.pem")
        other.cert_pem.write_to_path(self.home / "other.pem")
        _write(authority.issue_cert("localhost"), self.home / "broker.pem")
        _write(authority.issue_cert("anna@example.com"), self.home / "mine.pem")
        settings = self.home / "server.properties"
        [listeners] = [
            line
            for line in settings.read_text().splitlines()
            if line.startswith("listeners=") and "BEHIND" in line
        ]
        found = dict(each.split("://") for each in listeners.removeprefix("listeners=").split(","))
        with settings.open("a") as file:
            file.write(
                _PROPERTIES.format(
                    plain=f"PLAINTEXT://{found['PLAINTEXT']}",
                    controller=found["CONTROLLER"].rpartition(":")[2],
                    users=self.users.rpartition(":")[2],
                    pairs=self.pairs.rpartition(":")[2],
                    scram=_SCRAM,
                    by_plain=_PLAIN,
                    home=self.home,
                )
            )


def _write(certificate: trustme.LeafCert, path: Path) -> None:
    """Write key and chain as Java takes them: PKCS#8, in one file."""
    key = load_pem_private_key(certificate.private_key_pem.bytes(), None)
    told = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = b"".join(each.bytes() for each in certificate.cert_chain_pems)
    path.write_bytes(told + chain)
