"""Whether a partition's books and topics agree, checked by a replay."""
