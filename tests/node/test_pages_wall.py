"""The pages beyond this machine: with TLS of their own or behind a named proxy, never in clear."""

import os
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import trustme

from cordiale.errors import UsageError
from cordiale.node.serving import check_wall
from cordiale.node.settings import Settings
from tests.node.test_serving import founded


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.10", "::", "node.invented.example"])
def test_pages_in_clear_on_a_network_are_refused_with_both_ways_out(host: str) -> None:
    with pytest.raises(UsageError) as wrong:
        check_wall(Settings(pages_host=host))
    assert wrong.value.field == "pages_host"
    assert "pages_certificate" in wrong.value.way_out and "pages_proxy" in wrong.value.way_out


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_this_machine_alone_needs_no_certificate(host: str) -> None:
    check_wall(Settings(pages_host=host))


def test_a_named_proxy_stands_in_for_a_certificate() -> None:
    check_wall(Settings(pages_host="192.0.2.10", pages_proxy="192.0.2.11"))


def test_half_a_pair_and_a_file_that_is_not_there_are_named(tmp_path: Path) -> None:
    there = tmp_path / "chain.pem"
    there.write_text("invented")
    with pytest.raises(UsageError) as half:
        check_wall(Settings(pages_certificate=str(there)))
    assert half.value.field == "pages_key"
    with pytest.raises(UsageError) as absent:
        check_wall(Settings(pages_certificate=str(there), pages_key=str(tmp_path / "none.pem")))
    assert absent.value.field == "pages_key"


def test_served_pages_speak_tls_with_the_certificate_of_the_settings(tmp_path: Path) -> None:
    home, pages, _ = founded(tmp_path)
    issuer = trustme.CA()
    issued = issuer.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    for pem in issued.cert_chain_pems:
        pem.write_to_path(tmp_path / "chain.pem", append=True)
    chosen = {
        "CORDIALE_PAGES_CERTIFICATE": str(tmp_path / "chain.pem"),
        "CORDIALE_PAGES_KEY": str(tmp_path / "key.pem"),
    }
    believed = ssl.create_default_context()
    issuer.configure_trust(believed)
    words = ["serve", "--home", str(home), "--passphrase-file", str(tmp_path / "phrase")]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CORDIALE_")}
    node = subprocess.Popen(
        [sys.executable, "-m", "cordiale.cli", *words],
        env=environment | chosen,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert sign_in_page(f"https://127.0.0.1:{pages}/sign-in", believed)
    finally:
        node.terminate()
        told = node.communicate(timeout=60)[1]
    assert f"https://127.0.0.1:{pages}" in told


def sign_in_page(url: str, believed: ssl.SSLContext) -> bool:
    """Whether it answers under a certificate that we believe, and binds browsers to TLS."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5, context=believed) as reply:
                return "max-age=" in reply.headers["strict-transport-security"]
        except OSError:
            time.sleep(0.2)
    return False
