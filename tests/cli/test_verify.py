"""``duestream verify`` where it cannot look; what it finds is tested on Kafka and on evidence."""

from tests.support.console import duestream


def test_without_books_it_says_where_it_looked(tmp_path):
    result = duestream("verify", DUESTREAM_STATE_DIR=str(tmp_path))

    assert result.exit_code == 1
    assert "there is no store of usage" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_nobody_knows_is_no_success():
    result = duestream("verify", "billing")

    assert result.exit_code == 1
    assert "no service is called billing" in result.stderr
