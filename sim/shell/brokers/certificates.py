"""A private certificate authority: one certificate for each device and one for the broker, all X.509 v3.

Keys are ECDSA over P-256, which every TLS library has; profiles follow RFC 5280. A certificate is good
for one side only (extended key usage), so that a stolen server certificate does not log in as a device.
"""

import datetime as dt
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3_650
CERTIFICATE_DAYS = 365
BACKDATED = dt.timedelta(hours=1)
"""How long before its making a certificate is already good, for machines whose clock is late."""

COMMON_NAME_CHARACTERS_MAX = 64
"""RFC 5280, appendix A.1: `ub-common-name`."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key, both as PEM.

    Attributes:
        certificate: may be shown to anybody.
        key: PKCS #8 without encryption; it never shows in a traceback or a log.
    """

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What people ask of a certificate: whose it is, its number, and from when to when it is good."""

    common_name: str
    serial: int
    not_before: dt.datetime
    not_after: dt.datetime


@dataclass(frozen=True, slots=True)
class Revocation:
    """A certificate that is good no more: its serial number, and since when."""

    serial: int
    at: dt.datetime


def facts_of(certificate: str) -> Facts:
    """Return what a certificate (PEM) says of itself."""
    loaded = x509.load_pem_x509_certificate(certificate.encode())
    (name,) = loaded.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Facts(
        str(name.value), loaded.serial_number, loaded.not_valid_before_utc, loaded.not_valid_after_utc
    )


class Authority:
    """A certificate authority of one household; whoever has its key can make any device's certificate.

    Args:
        own: its self-signed certificate and key, as `Authority.new` made them.
    """

    def __init__(self, own: Certificate) -> None:
        key = load_pem_private_key(own.key.encode(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)  # we made it
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(own.certificate.encode())

    @staticmethod
    def new(name: str, now: dt.datetime) -> Certificate:
        """Return the certificate and key of a new authority, good for ten years.

        Args:
            name: common name, at most 64 characters.
            now: with a zone.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _started(name, name, key, now, now + dt.timedelta(days=AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return _pem(certificate, key)

    def client(self, common_name: str, now: dt.datetime, *, days: int = CERTIFICATE_DAYS) -> Certificate:
        """Return a new certificate and key with which somebody logs in, good for no server.

        Args:
            common_name: broker user name, at most 64 characters.
            now: with a zone.
            days: how long it is good, at most as long as the authority.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        return self._issued(self._leaf(common_name, key, now, days), ExtendedKeyUsageOID.CLIENT_AUTH, key)

    def server(self, names: Iterable[str], now: dt.datetime) -> Certificate:
        """Return a new certificate and key for a broker, good for no client.

        Args:
            names: host names and addresses under which it is reached; the first is its common name.
            now: with a zone.
        """
        wanted = tuple(dict.fromkeys(names))
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._leaf(wanted[0][:COMMON_NAME_CHARACTERS_MAX], key, now, CERTIFICATE_DAYS)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in wanted]), critical=False
        )
        return self._issued(builder, ExtendedKeyUsageOID.SERVER_AUTH, key)

    def revocations(self, revoked: Iterable[Revocation], now: dt.datetime) -> str:
        """Return the list of revoked certificates (CRL, PEM).

        It is due again only when the authority itself expires: OpenSSL refuses everybody once a list is
        overdue, and a household has nobody who renews it by the week.
        """
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(now - BACKDATED)
            .next_update(self._certificate.not_valid_after_utc)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(self._issuer_key(), critical=False)
        )
        for one in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(one.serial).revocation_date(one.at).build()
            )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def _leaf(
        self, common_name: str, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
    ) -> x509.CertificateBuilder:
        (own,) = self._certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        until = min(now + dt.timedelta(days=days), self._certificate.not_valid_after_utc)
        return _started(common_name, str(own.value), key, now, until)

    def _issued(
        self,
        builder: x509.CertificateBuilder,
        purpose: x509.ObjectIdentifier,
        key: ec.EllipticCurvePrivateKey,
    ) -> Certificate:
        certificate = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(self._issuer_key(), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _pem(certificate, key)

    def _issuer_key(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())


def _started(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, now: dt.datetime, until: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Certificate:
    return Certificate(
        certificate.public_bytes(Encoding.PEM).decode(),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )
