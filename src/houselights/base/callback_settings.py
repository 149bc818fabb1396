"""Knobs of callbacks: how often and how long they are tried, and which addresses they may go to besides public ones.

An operator sets them in `HOUSELIGHTS_CALLBACKS="parallel=8,attempts=12"`, and hosts and networks of the own house in
`HOUSELIGHTS_CALLBACK_HOSTS="localhost,receiver.internal,10.1.0.0/16"`. Refuses words that are no knobs, and hosts that
are none.
"""

import os
import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from houselights.base.errors import InvalidInput
from houselights.base.knobs import knobs

KNOBS, HOSTS = "HOUSELIGHTS_CALLBACKS", "HOUSELIGHTS_CALLBACK_HOSTS"
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


@dataclass(frozen=True, slots=True)
class CallbackSettings:
    """`parallel` callbacks are sent at once by one process, `each_host` to one host by all processes together.

    A callback is tried `attempts` times: the second time after about `first_seconds`, then after four times as long
    each time, but never longer than `longest_seconds`. One try may take `timeout_seconds` in all, and reads
    `answer_bytes` of the answer. Callbacks that are over can be read for `keep_days`. A process that has not been heard
    of for `lease_seconds` is taken for dead.

    `hosts` are names, in lower case, that may resolve to any address, `networks` addresses that may be called though
    they are not public.
    """

    parallel: int = 8
    each_host: int = 4
    attempts: int = 12
    first_seconds: float = 15.0
    longest_seconds: float = 3 * 3600.0
    timeout_seconds: float = 15.0
    answer_bytes: int = 4096
    keep_days: int = 90
    lease_seconds: float = 60.0
    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = field(default=())

    @classmethod
    def from_environment(cls) -> "CallbackSettings":
        """Read both variables. Raises InvalidInput naming the one at fault."""
        hosts, networks = set(), []
        for each in filter(None, (part.strip().lower() for part in os.environ.get(HOSTS, "").split(","))):
            try:
                networks.append(ip_network(each))
            except ValueError:
                if "/" in each or not _HOST.fullmatch(each):
                    raise InvalidInput(f'"{each}" is neither a host nor a network', field=HOSTS) from None
                hosts.add(each)
        return replace(knobs(cls, KNOBS), hosts=frozenset(hosts), networks=tuple(networks))
