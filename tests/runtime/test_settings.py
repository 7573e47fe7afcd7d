"""Settings: what is refused, what wins, and what reaches the clients."""

import pytest
import trustme
from pydantic import SecretStr, ValidationError
from sqlalchemy.ext.asyncio import create_async_engine

from services.runtime.kafka.app import _credentials
from services.runtime.settings import Settings

BOOKS = "postgresql+asyncpg://u:geheim@db/x?ssl=require"


@pytest.mark.parametrize(
    "kafka",
    [
        "127.0.0.1:9092",
        "127.1.2.3:9092",
        "localhost:9092",
        "[::1]:9092",
        "localhost:9092, 127.0.0.1:9093",
        "localhost",
    ],
)
def test_this_machine_may_be_spoken_to_unencrypted(kafka):
    assert Settings(kafka=kafka).kafka == kafka


@pytest.mark.parametrize(
    "kafka",
    [
        "kafka:9092",
        "10.0.0.1:9092",
        "localhost:9092,kafka:9092",
        "localhost.example.com:9092",
        "127.example.com:9092",
        "127.0.0.1.example.com:9092",
        "[::2]:9092",
        "::1.example.com:9092",
        "localhost@kafka:9092",
        "",
        "localhost:9092,",
    ],
)
@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SASL_PLAINTEXT"])
def test_plaintext_beyond_this_machine_must_be_asked_for(kafka, protocol):
    told = {"kafka": kafka, "security_protocol": protocol}
    told |= {"sasl_username": "u", "sasl_password": SecretStr("p")}
    with pytest.raises(ValidationError, match="is not this machine"):
        Settings(**told)

    assert Settings(**told, allow_plaintext=True).kafka == kafka


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_with_tls_any_machine_may_be_spoken_to(protocol):
    made = Settings(
        kafka="kafka:9092", security_protocol=protocol, sasl_username="u", sasl_password="p"
    )
    client = made.kafka_client()
    assert (client["security_protocol"], client["ssl_context"] is not None) == (protocol, True)
    assert client["ssl_context"].check_hostname is True


@pytest.mark.parametrize("missing", ["sasl_username", "sasl_password"])
def test_sasl_needs_a_name_and_a_password(missing):
    told = {"sasl_username": "u", "sasl_password": "p"}
    del told[missing]
    with pytest.raises(ValidationError, match="needs sasl_username and sasl_password"):
        Settings(security_protocol="SASL_SSL", **told)


def test_every_client_is_told_how_to_authenticate():
    made = Settings(security_protocol="SASL_SSL", sasl_username="u", sasl_password="geheim")
    client = made.kafka_client()
    assert {name: client[name] for name in client if name.startswith("sasl")} == {
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "u",
        "sasl_plain_password": "geheim",
    }
    theirs = _credentials(made)
    assert (theirs.username, theirs.password, theirs.protocol.value) == ("u", "geheim", "SASL_SSL")
    assert theirs.ssl_context is not None


def test_without_tls_nothing_is_told_to_faust():
    assert _credentials(Settings()) is None
    assert Settings().kafka_client() == {
        "bootstrap_servers": "127.0.0.1:19092",
        "security_protocol": "PLAINTEXT",
        "ssl_context": None,
    }


def test_no_error_and_no_text_of_settings_shows_a_password():
    told = {"sasl_username": "u", "sasl_password": "geheim"}
    with pytest.raises(ValidationError) as raised:
        Settings(kafka="kafka:9092", database=BOOKS, **told)
    assert "geheim" not in str(raised.value)
    with pytest.raises(ValidationError) as raised:
        Settings(partitions="geheim", **told)
    assert "geheim" not in str(raised.value)
    assert "geheim" not in repr(Settings(database=BOOKS, **told))


def test_the_environment_wins_over_the_file_and_arguments_over_both(tmp_path, monkeypatch):
    (tmp_path / "duestream.toml").write_text("partitions = 3\nport = 3\nbatch_most = 3\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUESTREAM_PORT", "4")
    monkeypatch.setenv("DUESTREAM_BATCH_MOST", "4")
    made = Settings(batch_most=5)
    assert (made.partitions, made.port, made.batch_most) == (3, 4, 5)


def test_a_misspelled_setting_in_the_file_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "duestream.toml").write_text("partitons = 3\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValidationError, match="partitons"):
        Settings()


@pytest.mark.parametrize(
    "wrong",
    [
        {"partitions": 0},
        {"port": -1},
        {"batch_most": 0},
        {"cached_contracts": -1},
        {"session_timeout_s": 5},
        {"security_protocol": "TLS"},
        {"sasl_mechanism": "GSSAPI"},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_the_books_are_in_files_unless_a_database_is_named(tmp_path):
    made = Settings(state_dir=tmp_path / "new" / "state")
    assert made.database_url("dunning") == (
        f"sqlite+aiosqlite:///{tmp_path}/new/state/dunning.sqlite"
    )
    assert (tmp_path / "new" / "state").is_dir()
    named = Settings(database="postgresql+asyncpg://u@127.0.0.1/x")
    assert named.database_url("dunning") == "postgresql+asyncpg://u@127.0.0.1/x"


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1/x", "localhost:5433/x", "/x?host=/run/postgresql", "[::1]/x", "/x"],
)
def test_books_on_this_machine_may_be_reached_unencrypted(address):
    url = f"postgresql+asyncpg://u:geheim@{address}"
    assert Settings(database=url).database == url


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("db.example.org/x", "db.example.org"),
        ("10.0.0.1/x", "10.0.0.1"),
        ("db/x?ssl=prefer", "db"),
        ("db/x?sslmode=disable", "db"),
        ("/x?host=db", "db"),
        ("/x?host=localhost:5432&host=db:5432", "db:5432"),
        ("localhost/x?host=db", "db"),
    ],
)
def test_plaintext_to_a_postgresql_elsewhere_must_be_asked_for(address, host):
    url = f"postgresql+asyncpg://u:geheim@{address}"
    with pytest.raises(ValidationError, match=f"database: {host} is not this machine") as refused:
        Settings(database=url)
    assert "geheim" not in str(refused.value)

    assert Settings(database=url, allow_plaintext=True).database is not None


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
@pytest.mark.parametrize("name", ["ssl", "sslmode"])
def test_an_encrypted_postgresql_is_asked_for_as_libpq_does_or_as_the_driver_does(name, mode):
    made = Settings(database=f"postgresql+asyncpg://u:p%40ss@db:5433/x?{name}={mode}")

    assert made.database == f"postgresql+asyncpg://u:p%40ss@db:5433/x?ssl={mode}"
    create_async_engine(made.database_url("dunning"))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sslrootcert=/ca.pem", r"\?sslrootcert= is not understood; known are host, port, ssl"),
        ("ssl=true", "one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("sslmode=yes", "one of disable, allow, prefer, require, verify-ca, verify-full"),
    ],
)
def test_what_the_driver_does_not_know_is_refused_in_words(query, words):
    with pytest.raises(ValidationError, match=words) as refused:
        Settings(database=f"postgresql+asyncpg://u:geheim@db/x?{query}")
    assert "geheim" not in str(refused.value)


def test_what_kubernetes_says_of_a_service_is_no_setting(monkeypatch):
    for name in ("DUNNING_SERVICE_HOST", "SERVICE_PORT_HTTP", "DUNNING_PORT_8080_TCP_ADDR"):
        monkeypatch.setenv(f"DUESTREAM_{name}", "10.0.0.1")

    assert Settings().kafka == "127.0.0.1:19092"


def test_a_variable_that_is_no_setting_is_refused(monkeypatch):
    monkeypatch.setenv("DUESTREAM_KAFAK", "127.0.0.1:1")

    with pytest.raises(ValidationError, match="kafak"):
        Settings()


@pytest.mark.parametrize(
    "database",
    ["", "nonsense", "mysql://h/n", "postgresql://u:geheim@h/n", "sqlite:///books.sqlite"],
)
def test_a_database_without_our_driver_is_refused_and_its_password_not_said(database):
    with pytest.raises(ValidationError, match=r"postgresql\+asyncpg://USER") as refused:
        Settings(database=database)

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("said", ["dunning,invoicing", "invoicing, dunning"])
def test_a_day_passes_through_the_services_in_one_order_however_they_are_named(monkeypatch, said):
    monkeypatch.setenv("DUESTREAM_SERVICES", said)
    told = Settings()

    assert told.services == ("invoicing", "dunning")
    assert told.days_follow == "dunning.days"


def test_where_only_invoicing_is_deployed_the_days_follow_it(monkeypatch):
    monkeypatch.setenv("DUESTREAM_SERVICES", "invoicing")

    assert Settings().days_follow == "invoicing.days"


@pytest.mark.parametrize("said", ["", "dunning,dunnning", "billing"])
def test_a_service_that_does_not_exist_is_refused(monkeypatch, said):
    monkeypatch.setenv("DUESTREAM_SERVICES", said)

    with pytest.raises(
        ValidationError, match="some of usage, invoicing, dunning, notifications, by commas"
    ):
        Settings()


def test_a_prefix_stands_before_every_name_on_the_broker(monkeypatch):
    monkeypatch.setenv("DUESTREAM_TOPIC_PREFIX", "test7.")
    settings = Settings()

    assert settings.on_kafka("invoices") == "test7.invoices"
    assert settings.off_kafka("test7.invoices") == "invoices"


def test_a_prefix_that_no_topic_may_have_is_refused(monkeypatch):
    monkeypatch.setenv("DUESTREAM_TOPIC_PREFIX", "all/")

    with pytest.raises(ValidationError, match="topic_prefix"):
        Settings()


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"smtp": "mail.example.org:25", "smtp_tls": "none"}, "smtp: it is not this machine"),
        ({"smtp": "127.0.0.1.example.org:25", "smtp_tls": "none"}, "smtp: it is not this machine"),
        ({"smtp": "mail.example.org"}, "String should match pattern"),
        ({"smtp_username": "u"}, "come together"),
        ({"smtp_password": SecretStr("p")}, "come together"),
        (
            {
                "smtp": "localhost:25",
                "smtp_tls": "none",
                "smtp_username": "u",
                "smtp_password": SecretStr("p"),
            },
            "a password is told over TLS alone",
        ),
        ({"mail_returns_to": "bounces+x@example.org"}, "String should match pattern"),
        ({"mail_returns_key": SecretStr("fifteen letters")}, "at least 16"),
    ],
    ids=str,
)
def test_a_mail_server_that_would_betray_something_is_refused(said, complaint):
    with pytest.raises(ValidationError, match=complaint) as refused:
        Settings(**said)

    assert "fifteen letters" not in str(refused.value)


def test_mail_on_this_machine_may_go_unencrypted_and_elsewhere_where_that_is_asked_for():
    assert Settings(smtp="localhost:25", smtp_tls="none").smtp == "localhost:25"
    assert Settings(smtp="mail:25", smtp_tls="none", allow_plaintext=True).smtp == "mail:25"


def test_no_secret_of_mail_is_shown():
    made = Settings(
        smtp="mail:587",
        smtp_username="u",
        smtp_password=SecretStr("geheim-geheim-1"),
        mail_returns_key=SecretStr("geheim-geheim-16"),
    )

    assert "geheim" not in f"{made!r} {made} {made.model_dump()}"


def test_where_nothing_is_said_notifications_are_not_deployed(monkeypatch):
    assert (Settings().services, Settings().days_follow) == (
        ("usage", "invoicing", "dunning"),
        "dunning.days",
    )

    monkeypatch.setenv("DUESTREAM_SERVICES", "notifications,dunning")
    assert (Settings().services, Settings().days_follow) == (
        ("dunning", "notifications"),
        "notifications.days",
    )


PRINTER = {
    "letters_sftp": "us@printer.example:22/in",
    "letters_sftp_known_hosts": "known_hosts",
    "letters_sftp_key_file": "key",
}


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ({"letters_sftp": "printer.example/in"}, "String should match pattern"),
        ({"letters_sftp": "us@printer.example:22/a b"}, "String should match pattern"),
        ({"letters_dir": "letters"}, "letters go one way"),
        ({"letters_sftp_known_hosts": None}, "who the printer is"),
        ({"letters_sftp_key_file": None}, "letters_sftp_key_file or letters_sftp_password"),
        ({"letters_sftp_password": SecretStr("p")}, "letters_sftp_key_file or"),
    ],
    ids=str,
)
def test_a_printers_server_is_known_and_knows_us_in_one_way(said, complaint):
    with pytest.raises(ValidationError, match=complaint):
        Settings(**PRINTER | said)


def test_a_printers_server_has_its_key_and_ours():
    assert Settings(**PRINTER).letters_sftp == "us@printer.example:22/in"


def test_networks_of_endpoints_are_named_by_commas(monkeypatch):
    monkeypatch.setenv("DUESTREAM_WEBHOOK_NETWORKS", "10.1.0.0/16, fd00::/64")
    assert [str(each) for each in Settings().webhook_networks] == ["10.1.0.0/16", "fd00::/64"]

    monkeypatch.setenv("DUESTREAM_WEBHOOK_NETWORKS", "10.1.0.5/16")
    with pytest.raises(ValidationError, match="not a valid IPv4 network"):
        Settings()


def test_how_endpoints_stand_is_noted_beside_the_stores_unless_said():
    assert str(Settings(state_dir="s").standings) == "s/endpoints"
    assert str(Settings(endpoints_dir="shared").standings) == "shared"


@pytest.fixture(scope="module")
def pems(tmp_path_factory):
    folder, authority = tmp_path_factory.mktemp("pems"), trustme.CA()
    mine, other = (authority.issue_cert(f"{each}@example.com") for each in ("anna", "bert"))
    authority.cert_pem.write_to_path(folder / "ca.pem")
    mine.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    mine.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    mine.private_key_pem.write_to_path(folder / "key.pem")
    other.private_key_pem.write_to_path(folder / "other.pem")
    (folder / "text").write_text("no certificate")
    return folder


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"ca": "nobody.pem"}, "ssl_ca_file: {0}/nobody.pem: no such file or directory"),
        ({"ca": "."}, "ssl_ca_file: {0}: is a directory"),
        ({"ca": "text"}, r"ssl_ca_file: {0}/text has no certificate \(PEM\)"),
        ({"cert": "nobody.pem"}, "ssl_cert_file: {0}/nobody.pem: no such file or directory"),
        (
            {"cert": "cert.pem", "key": "nobody.pem"},
            "ssl_key_file: {0}/nobody.pem: no such file or directory",
        ),
        ({"key": "key.pem"}, "ssl_key_file needs ssl_cert_file, the certificate of that key"),
        ({"cert": "cert.pem"}, "ssl_cert_file: {0}/cert.pem with its key is no PEM"),
        (
            {"cert": "cert.pem", "key": "other.pem"},
            "ssl_cert_file: {0}/cert.pem, or its key in {0}/other.pem, is of another key",
        ),
    ],
)
def test_a_file_for_tls_that_cannot_be_used_is_named(pems, files, said):
    told = {f"ssl_{name}_file": pems / file for name, file in files.items()}

    with pytest.raises(ValidationError, match=said.format(pems)):
        Settings(security_protocol="SSL", **told)


@pytest.mark.parametrize(
    "files", [{}, {"ca": "ca.pem"}, {"cert": "both.pem"}, {"cert": "cert.pem", "key": "key.pem"}]
)
def test_files_for_tls_that_can_be_used_are_taken(pems, files):
    told = {f"ssl_{name}_file": pems / file for name, file in files.items()}

    assert Settings(security_protocol="SSL", **told).tls() is not None


def test_without_tls_its_files_are_not_looked_at(pems):
    assert Settings(ssl_ca_file=pems / "nobody.pem").tls() is None
