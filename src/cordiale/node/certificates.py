"""The TLS certificate of a node's contact point: its own small issuer and one certificate for both
directions.

The issuer stands in the node card, so a partner pins it; no public authority takes part. Identity never
rests on it: it rests on the signatures of the envelope. TLS here is the outer wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOOPBACK: Final = "127.0.0.1"
ISSUER_DAYS: Final = 3653  # ten years: partners pin it, and nothing but the outer wall rests on it


@dataclass(frozen=True, slots=True, repr=False)
class Certificate:
    """PEM texts: private key under a password, certificate, the certificate that issued it, and its key."""

    key_pem: str
    certificate_pem: str
    issuer_pem: str
    issuer_key_pem: str


def issue_certificate(
    node: str, begins: datetime, *, days: int, password: str, host: str = LOOPBACK
) -> Certificate:
    """A fresh issuer and a certificate for `node`, for server and client use, at DNS name `node` and
    address `host`. The issuer's key belongs with the offline keys: it is needed to renew the certificate.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    issuer_key_pem, issuer_pem = issue_issuer(node, begins)
    key_pem = _key_text(key, password)
    leaf = renew_certificate(
        node, begins, days=days, host=host, keys=((key_pem, password), (issuer_key_pem, issuer_pem))
    )
    return Certificate(key_pem, leaf, issuer_pem, issuer_key_pem)


def issue_issuer(node: str, begins: datetime) -> tuple[str, str]:
    """A fresh issuer for the certificates of one node: (key, certificate), PEM, the key not locked."""
    issuer_key, issuer = ec.generate_private_key(ec.SECP256R1()), _named(f"{node} issuer")
    until = begins + timedelta(days=ISSUER_DAYS)
    root = (
        _builder(issuer, issuer, begins, until)
        .public_key(issuer_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_usage(issues=True), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    return _key_text(issuer_key, ""), _certificate_text(root)


def renew_certificate(
    node: str, begins: datetime, *, days: int, host: str, keys: tuple[tuple[str, str], tuple[str, str]]
) -> str:
    """A certificate (PEM) for `node` by an issuer it had before. `keys`: (key, password), (issuer's key,
    issuer's certificate).
    """
    (key_pem, password), (issuer_key_pem, issuer_pem) = keys
    key, issuer_key = _private(key_pem, password), _private(issuer_key_pem, "")
    issuer, until = x509.load_pem_x509_certificate(issuer_pem.encode()).subject, begins + timedelta(days=days)
    names: list[x509.GeneralName] = [x509.DNSName(node), _host_name(host)]
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    leaf = (
        _builder(_named(node), issuer, begins, until)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(_usage(issues=False), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return _certificate_text(leaf)


def _private(pem: str, password: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password.encode() if password else None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _builder(
    subject: x509.Name, issuer: x509.Name, begins: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(until)
    )


def _usage(*, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not issues,
        key_cert_sign=issues,
        crl_sign=issues,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_text(key: ec.EllipticCurvePrivateKey, password: str) -> str:
    locked: serialization.KeySerializationEncryption = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked).decode()


def _certificate_text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
