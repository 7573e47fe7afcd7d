"""Addresses that nobody outside may make us connect to, however written or resolved."""

from ipaddress import IPv4Address

INNER = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255"),
    *("172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "169.254.169.254"),
    *("169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.192"),
    *("192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("168.63.129.16", "192.0.0.8"),
]

INNER_6 = [
    *("::", "::1", "fe80::1", "febf::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fec0::1"),
    *("ff02::1", "ff05::2", "100::1", "2001:db8::1", "2001::1", "2001:10::1", "3fff::1"),
    *("5f00::1", "4000::1", "64:ff9b:1::1", "2001:20::1", "ffff::1"),
]

# What is beside the world's addresses by one, and open.
OUTER = [
    *("9.255.255.255", "11.0.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255"),
    *("169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"),
    *("100.63.255.255", "100.128.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("1.0.0.0", "8.8.8.8", "168.63.129.15", "168.63.129.17", "192.0.1.0", "192.0.3.0"),
    *("2600::1", "2a00:1450:4001::1", "2000::", "2003::1", "2001:200::1", "2001:4860::8888"),
]


def held_in_six(address):
    """Return *address* in each form of IPv6 that holds one of IPv4."""
    high, low = divmod(int(IPv4Address(address)), 65536)
    words = f"{high:x}:{low:x}"
    return [
        f"::ffff:{address}",
        f"::ffff:0:{words}",
        f"::{words}",
        f"64:ff9b::{words}",
        f"2002:{words}::1",
        f"2001:0:{words}::",
    ]


def written(address):
    """Return hosts of URLs by which a resolver would understand *address*, none its usual one."""
    number = int(IPv4Address(address))
    one, two, three, four = (int(each) for each in address.split("."))
    return [
        str(number),
        hex(number),
        f"0{number:o}",
        f"0x{one:x}.0x{two:x}.0x{three:x}.0x{four:x}",
        f"0{one:o}.0{two:o}.0{three:o}.0{four:o}",
        f"{one}.{two * 65536 + three * 256 + four}",
        f"{one}.{two}.{three * 256 + four}",
        f"{address}.",
        f"000{one}.{two}.{three}.{four}",
        f"{one}.{two}.{three}.0x{four:x}",
        f"0x{one:x}.{two}.{three}.{four}",
        f"{one + 256}.{two}.{three}.{four}",
    ]


RESOLVED = [*INNER, *INNER_6, *(each for address in INNER for each in held_in_six(address))]
WRITTEN = [
    host
    for address in INNER
    for host in written(address)
    # Of small numbers octal and decimal look alike: those are the usual form.
    if host != address
]
