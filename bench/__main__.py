"""Measures on this machine: ``python -m bench [PART ...] [--tiny] [--out FILE]``."""

import argparse
import sys

from bench.throughput import Size, throughput

_SIZES = {"dunning": Size(20_000, 60_000, 6_000, 3), "usage": Size(20_000, 200_000, 8_000, 3)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["dunning", "usage"])
    parser.add_argument("--only", default="")
    parser.add_argument("--runs", type=int)
    asked = parser.parse_args()
    for part in asked.parts:
        size = _SIZES[part]
        if asked.runs:
            size = Size(size.contracts, size.messages, size.stock, asked.runs)
        for variant, row in throughput(part, size, asked.only).items():
            print(part, variant, row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
