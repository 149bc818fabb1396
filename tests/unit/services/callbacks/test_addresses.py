"""Which addresses a callback may go to: public ones, and what the operator allows; never where credentials are had."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.base.callback_settings import HOSTS, KNOBS, CallbackSettings
from houselights.base.errors import InvalidInput
from houselights.services.callbacks.addresses import Addresses, NotCalled, Unresolved, checked_url, host_of

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8",
          "64:ff9b::808:808"]  # fmt: skip
NOT_PUBLIC = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.1.1",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "192.88.99.1", "3fff::1", "4000::1", "5f00::1",
    "100::1", "198.18.0.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1",
    "ff02::1", "ff0e::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.1.1", "::127.0.0.1",
    "::ffff:0:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe",
]  # fmt: skip
METADATA = ["169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "fd00:ec2::254",
            "168.63.129.16", "169.254.170.2"]  # fmt: skip


def guard(*addresses: str, settings: CallbackSettings | None = None) -> Addresses:
    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return Addresses(settings or CallbackSettings(), resolve)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_called(address: str) -> None:
    assert guard(address).place("https://example.com/hook").addresses == (address,)


@pytest.mark.parametrize("address", NOT_PUBLIC + METADATA)
def test_no_other_address_is_called(address: str) -> None:
    with pytest.raises(NotCalled):
        guard(address).place("https://example.com/hook")


def test_one_bad_address_among_good_ones_is_one_too_many() -> None:
    with pytest.raises(NotCalled, match=r"10\.1\.2\.3 is not a public address"):
        guard("93.184.215.14", "10.1.2.3").place("https://example.com/hook")


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(inner: object) -> None:
    def is_called(text: str) -> bool:
        try:
            guard(text).place("http://example.com/")
        except NotCalled:
            return False
        return True

    number = int(inner)  # type: ignore[call-overload]
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    plain = is_called(str(inner))
    assert is_called(f"::ffff:{inner}") == plain
    assert is_called(f"64:ff9b::{high}:{low}") == plain
    assert plain or not is_called(f"2002:{high}:{low}::")


def test_the_operator_allows_hosts_and_networks() -> None:
    named = CallbackSettings(hosts=frozenset({"localhost"}))
    assert guard("127.0.0.1", settings=named).place("http://LOCALHOST:8080").addresses == ("127.0.0.1",)
    assert guard("::1", settings=named).place("http://localhost./").addresses == ("::1",)
    with pytest.raises(NotCalled):
        guard("127.0.0.1", settings=named).place("http://localhost.example.com/")
    inside = CallbackSettings(networks=(ip_network("10.1.0.0/16"),))
    assert guard("10.1.2.3", settings=inside).place("http://a.internal/").addresses
    assert guard("::ffff:10.1.2.3", settings=inside).place("http://a.internal/").addresses
    with pytest.raises(NotCalled):
        guard("10.2.2.3", settings=inside).place("http://a.internal/")


@pytest.mark.parametrize("address", METADATA)
def test_nobody_allows_to_ask_for_credentials(address: str) -> None:
    everything = CallbackSettings(
        hosts=frozenset({"metadata.internal"}), networks=(ip_network("0.0.0.0/0"), ip_network("::/0"))
    )
    with pytest.raises(NotCalled, match="credentials"):
        guard(address, settings=everything).place("http://metadata.internal/latest")


@pytest.mark.parametrize("url", [
    "ftp://example.com/", "file:///etc/passwd", "gopher://example.com", "//example.com", "example.com", "http://",
    "http:///path", "http://user:pass@example.com/", "http://user@example.com", "http://exa mple.com/",
    "http://example.com/\nHost: evil", "javascript:alert(1)", "http://[::1", "http://example.com:99999/", "",
    "http://example.com:0/", "https://example.com/" + "a" * 2048, "unix:///var/run/docker.sock",
])  # fmt: skip
def test_what_is_no_url_to_call_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_url(url)
    assert refused.value.field == "callback_url"
    assert host_of(url) == ""


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "https://yoursite.com/callback", "https://bücher.example/a?b#c"]
)
def test_what_is_one_is_taken_wherever_it_leads(url: str) -> None:
    assert checked_url(url) == url
    assert host_of(url)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:7f00:1]", "localhost"]
)
def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises((NotCalled, Unresolved)):
        Addresses(CallbackSettings()).place(f"http://{host}/")


def test_a_name_without_an_address_may_have_one_later() -> None:
    with pytest.raises(Unresolved):
        guard().place("http://example.com/")
    with pytest.raises(Unresolved):
        Addresses(CallbackSettings()).place("http://no-such-host.invalid/")


def test_the_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KNOBS, "parallel=3, first_seconds=0.5")
    monkeypatch.setenv(HOSTS, "LocalHost, receiver.internal,10.0.0.0/8,::1")
    found = CallbackSettings.from_environment()
    assert (found.parallel, found.first_seconds) == (3, 0.5)
    assert found.hosts == {"localhost", "receiver.internal"}
    assert found.networks == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(("variable", "text"), [
    (KNOBS, "paralel=3"), (KNOBS, "parallel=0"), (KNOBS, "parallel=x"), (KNOBS, "hosts=a"), (KNOBS, "attempts=1.5"),
    (KNOBS, "first_seconds=inf"),
    (KNOBS, "first_seconds=nan"), (HOSTS, "10.0.0.1/8"), (HOSTS, "http://a"), (HOSTS, "*"),
])  # fmt: skip
def test_what_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(InvalidInput) as refused:
        CallbackSettings.from_environment()
    assert (refused.value.field or "").startswith(variable)
