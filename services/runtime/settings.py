"""The settings of a process: from the environment (DUESTREAM_...) and duestream.toml."""

import re
import ssl
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from schemas.topics import REACHING, SERVICES
from services.runtime import certificates, stores

_LOOPBACK = re.compile(r"(127(\.[0-9]{1,3}){3}|localhost|\[::1\])(:[0-9]+)?")
# What Kubernetes tells a pod of a service that is called duestream or duestream-...
_OF_KUBERNETES = re.compile(r"(.*_)?(service_host|service_port(_.*)?|port(_[0-9]+_(tcp|udp).*)?)")


class _Environment(EnvSettingsSource):
    """The variables, those that are no setting included, so that a slip of the pen is refused."""

    def __call__(self) -> dict[str, Any]:
        """Return the values by the names of their settings, or what stands for a name."""
        found, prefix = super().__call__(), self.env_prefix.lower()
        said = {name.removeprefix(prefix) for name in self.env_vars if name.startswith(prefix)}
        unknown = said - self.settings_cls.model_fields.keys()
        return found | {name: "" for name in unknown if not _OF_KUBERNETES.fullmatch(name)}


class Settings(BaseSettings):
    """Read once at launch and passed down; times in seconds where a name ends in ``_s``."""

    model_config = SettingsConfigDict(
        env_prefix="DUESTREAM_",
        toml_file="duestream.toml",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    kafka: str = Field("127.0.0.1:19092", description="bootstrap servers, host:port, by commas")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_file: Path | None = None
    ssl_cert_file: Path | None = None
    ssl_key_file: Path | None = None
    allow_plaintext: bool = Field(False, description="speak unencrypted beyond this machine")

    database: str | None = Field(
        None,
        repr=False,
        description="SQLAlchemy URL with an async driver; else SQLite files in state_dir",
    )
    state_dir: Path = Path("state")

    topic_prefix: str = Field(
        "",
        pattern=r"^[a-zA-Z0-9._-]{0,100}$",
        description="before the name of every topic, group and transactional id",
    )
    partitions: int = Field(12, ge=1, description="of every topic; fixed at the first start")
    replication: int = Field(1, ge=1, description="of the topics that `topics apply` makes")

    port: int = Field(0, ge=0, description="of /livez /readyz /metrics; 0 for none")
    host: str = "127.0.0.1"
    instance_id: str | None = Field(None, description="static membership; e.g. the pod's name")

    batch_most: int = Field(3_000, ge=1, description="records in one SQL transaction")
    cached_contracts: int = Field(50_000, ge=0, description="kept in memory by one worker")
    session_timeout_s: int = Field(45, ge=6)
    rebalance_timeout_s: int = Field(60, ge=1)
    services: Annotated[tuple[str, ...], NoDecode] = Field(
        tuple(each for each in SERVICES if each not in REACHING),
        description="that are deployed, by commas: each day passes through them all",
    )
    log_format: Literal["console", "json"] = "console"

    # Of notifications alone.
    documents_dir: Path | None = Field(None, description="where documents are kept, for ever")
    letters_dir: Path | None = Field(None, description="where letters are handed over")
    letters_sftp: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]{1,60}@(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}/[!-~]{0,200}$",
        description="in place of that folder the printer's, USER@HOST:PORT/FOLDER",
    )
    letters_sftp_known_hosts: Path | None = None
    letters_sftp_key_file: Path | None = None
    letters_sftp_password: SecretStr | None = None
    smtp: str | None = Field(
        None,
        pattern=r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$",
        description="the mail server, host:port",
    )
    smtp_tls: Literal["starttls", "implicit", "none"] = "starttls"
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_ca_file: Path | None = None
    mail_returns_to: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]{1,60}@[A-Za-z0-9.-]{1,180}$",
        description="the mailbox to which mail comes back",
    )
    mail_returns_key: SecretStr | None = Field(
        None, min_length=16, description="seals what stands behind the + in that mailbox"
    )
    endpoints_dir: Path | None = Field(
        None, description="where it is noted which endpoints fail; else endpoints in state_dir"
    )
    secrets_dir: Path = Field(Path("secrets"), description="where the keys of endpoints are")
    webhook_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="networks of ours, by commas, in which endpoints may be"
    )
    webhook_ca_file: Path | None = None
    operator_email: str | None = Field(None, description="who hears that an endpoint is disabled")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, which wins over the file."""
        told = _Environment(settings_cls)
        return init_settings, told, TomlConfigSettingsSource(settings_cls)

    @field_validator("database")
    @classmethod
    def _has_a_driver_of_ours(cls, said: str | None) -> str | None:
        return None if said is None else stores.address(said)

    @field_validator("services", mode="before")
    @classmethod
    def _are_in_their_order(cls, said: object) -> tuple[str, ...]:
        names = said.split(",") if isinstance(said, str) else list(cast("Iterable[str]", said))
        wanted = {name.strip() for name in names}
        if not wanted or not wanted <= set(SERVICES):
            raise ValueError(f"some of {', '.join(SERVICES)}, by commas")
        return tuple(name for name in SERVICES if name in wanted)

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _are_networks(cls, said: object) -> object:
        names = said.split(",") if isinstance(said, str) else said
        return [each.strip() for each in cast("Iterable[str]", names)]

    @model_validator(mode="after")
    def _store_is_safe(self) -> Self:
        if self.database is None or self.allow_plaintext:
            return self
        for host in stores.unencrypted(self.database):
            # A folder is that of a socket.
            if not (host.startswith("/") or host == "::1" or _LOOPBACK.fullmatch(host)):
                raise ValueError(
                    f"database: {host} is not this machine and the connection is not encrypted; "
                    "add ?ssl=verify-full (or require) to the address, or set allow_plaintext"
                )
        return self

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        exposed = [h for h in self.kafka.split(",") if not _LOOPBACK.fullmatch(h.strip())]
        if exposed and "SSL" not in self.security_protocol and not self.allow_plaintext:
            raise ValueError(
                f"kafka: {exposed[0]} is not this machine and {self.security_protocol} is not "
                "encrypted; set security_protocol to SSL or SASL_SSL, or allow_plaintext to true"
            )
        if self.security_protocol.startswith("SASL") and not (
            self.sasl_username and self.sasl_password
        ):
            raise ValueError("security_protocol SASL_... needs sasl_username and sasl_password")
        return self

    @model_validator(mode="after")
    def _letters_are_safe(self) -> Self:
        if self.letters_sftp is None:
            return self
        if self.letters_dir is not None:
            raise ValueError("letters_dir, letters_sftp: letters go one way")
        if self.letters_sftp_known_hosts is None:
            raise ValueError("letters_sftp needs letters_sftp_known_hosts: who the printer is")
        if (self.letters_sftp_key_file is None) == (self.letters_sftp_password is None):
            raise ValueError("letters_sftp needs letters_sftp_key_file or letters_sftp_password")
        return self

    @model_validator(mode="after")
    def _certificates_are_there(self) -> Self:
        """Refuse files that are missing or hold something else: TLS itself would not name them."""
        if "SSL" in self.security_protocol:
            certificates.check(self.ssl_ca_file, self.ssl_cert_file, self.ssl_key_file)
        return self

    @model_validator(mode="after")
    def _mail_is_safe(self) -> Self:
        if (self.smtp_username is None) != (self.smtp_password is None):
            raise ValueError("smtp_username and smtp_password come together")
        if self.smtp is None or self.smtp_tls != "none":
            return self
        if self.smtp_password is not None:
            raise ValueError("smtp_tls: a password is told over TLS alone")
        if not (_LOOPBACK.fullmatch(self.smtp) or self.allow_plaintext):
            raise ValueError(
                "smtp: it is not this machine and smtp_tls is none; "
                "set it to starttls or implicit, or allow_plaintext to true"
            )
        return self

    def on_kafka(self, name: str) -> str:
        """Return what a topic, group or transactional id of ours is called on the broker."""
        return self.topic_prefix + name

    def off_kafka(self, name: str) -> str:
        """Return the name in the catalogue of what is called *name* on the broker."""
        return name.removeprefix(self.topic_prefix)

    @property
    def days_follow(self) -> str:
        """The topic of the last deployed service, whose ``DayDone`` paces the days."""
        return f"{self.services[-1]}.days"

    def database_url(self, service: str) -> str:
        """Return where the store of *service* is."""
        if self.database:
            return self.database
        self.state_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite+aiosqlite:///{self.store_file(service)}"

    @property
    def standings(self) -> Path:
        """The folder in which it is noted how endpoints stand."""
        return self.endpoints_dir or self.state_dir / "endpoints"

    def store_file(self, service: str) -> Path:
        """Return which file the store of *service* is in, where no database is named."""
        return self.state_dir / f"{service}.sqlite"

    def tls(self) -> ssl.SSLContext | None:
        """Return the TLS context of the connection to Kafka; None where it has none."""
        if "SSL" not in self.security_protocol:
            return None
        return certificates.context(self.ssl_ca_file, self.ssl_cert_file, self.ssl_key_file)

    def kafka_client(self) -> dict[str, Any]:
        """Return what every aiokafka client has to be told to reach the broker."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.kafka,
            "security_protocol": self.security_protocol,
            "ssl_context": self.tls(),
        }
        if self.sasl_password:
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.get_secret_value(),
            }
        return options
