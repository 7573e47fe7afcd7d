"""Which addresses are connected to: what the whole world reaches, and nothing of ours."""

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Network = IPv4Network | IPv6Network

# IANA's special-purpose registries (RFC 6890 and after), and multicast; the library's own table
# changes between versions of Python.
_CLOSED = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
    *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    # A public address at which each machine of one provider finds its secrets.
    "168.63.129.16/32",
    # Teredo and 6to4 hold an IPv4 address that a relay of ours would connect to.
    *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
)
_CLOSED_NETWORKS = tuple(map(ip_network, _CLOSED))
# What is beyond is no unicast address of the world: loopback, mapped IPv4, NAT64, private, link.
_WORLD = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """What may be connected to beside the world: networks that the operator opened."""

    opened: tuple[Network, ...] = ()

    def permits(self, address: str) -> bool:
        """Say whether *address*, as a socket is given it, may be connected to."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.scope_id is not None:
            return False
        return any(found in each for each in self.opened) or _is_of_the_world(found)


def _is_of_the_world(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _WORLD:
        return False
    return not any(address in each for each in _CLOSED_NETWORKS)
