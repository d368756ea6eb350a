"""Throw-away TLS authorities and certificates for nodes on the loopback address."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Tls:
    """One node's issuer (PEM) and its certificate and key files."""

    issuer: str
    certificate: Path
    key: Path


def tls(folder: Path, name: str) -> Tls:
    """A new issuer and a certificate of it for 127.0.0.1, in `folder`."""
    authority = trustme.CA()
    made = authority.issue_cert("127.0.0.1", "localhost")
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    key.write_bytes(made.private_key_pem.bytes())
    return Tls(authority.cert_pem.bytes().decode(), certificate, key)
