"""What has to agree with Kafka's own clients."""

import pytest

from services.runtime.partitions import partition_of


@pytest.mark.parametrize(
    ("key", "partition"),
    # By the hashes that the Java client is tested with: -973932308, -790332482, -985981536.
    [("21", 0), ("foobar", 6), ("a-little-bit-long-string", 8)],
)
def test_a_key_goes_where_the_java_client_would_put_it(key, partition):
    assert partition_of(key, 12) == partition
