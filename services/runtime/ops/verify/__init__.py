"""Whether a partition's store and topics agree, checked by a replay."""
