"""A household's certificate authority, by handshakes in memory: who is believed, as what, and when."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from sim.shell.brokers.certificates import Authority, Certificate, Revocation, facts_of

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)  # noqa: TID251  # TLS holds certificates against the real time
DAY = dt.timedelta(days=1)
OWN = Authority.new("carhome wang", NOW)
AUTHORITY = Authority(OWN)
SERVER = AUTHORITY.server(("localhost", "127.0.0.1", "broker"), NOW)
PHONE = AUTHORITY.client("wang.phone", NOW)


def context(
    folder: Path, side: int, certificate: Certificate | None, revoked: str | None = None
) -> ssl.SSLContext:
    """Return one side of a connection that demands a certificate of the household from the other."""
    made = ssl.SSLContext(side)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(cadata=OWN.certificate)
    if revoked is not None:
        (folder / "crl.pem").write_text(revoked)
        made.load_verify_locations(folder / "crl.pem")
        made.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    if certificate is not None:
        (folder / "one.pem").write_text(certificate.certificate + certificate.key)
        made.load_cert_chain(folder / "one.pem")
    return made


def meet(
    folder: Path,
    client: Certificate | None,
    *,
    server: Certificate = SERVER,
    host: str = "localhost",
    revoked: str | None = None,
) -> str:
    """Shake hands in memory; return whom the server believes the client to be.

    Raises:
        ssl.SSLError: from whichever side refuses the other.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ear = context(folder, ssl.PROTOCOL_TLS_SERVER, server, revoked).wrap_bio(
        to_server, to_client, server_side=True
    )
    caller = context(folder, ssl.PROTOCOL_TLS_CLIENT, client).wrap_bio(
        to_client, to_server, server_hostname=host
    )
    for side in (caller, ear, caller, ear):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    seen = ear.getpeercert(binary_form=True)
    assert seen is not None
    return facts_of(ssl.DER_cert_to_PEM_cert(seen)).common_name


def test_device_and_broker_believe_each_other(tmp_path: Path) -> None:
    """A device's certificate says who it is, and the broker's is good for every name it was made for."""
    assert {meet(tmp_path, PHONE, host=host) for host in ("localhost", "127.0.0.1", "broker")} == {
        "wang.phone"
    }


@pytest.mark.parametrize(
    ("client", "reason"),
    [
        (None, "PEER_DID_NOT_RETURN_A_CERTIFICATE"),
        (Authority(Authority.new("carhome wang", NOW)).client("wang.phone", NOW), "signature failure|issuer"),
        (AUTHORITY.client("wang.phone", NOW - 60 * DAY, days=30), "certificate has expired"),
        (AUTHORITY.client("wang.phone", NOW + 2 * DAY), "not yet valid"),
        (SERVER, "unsuitable certificate purpose|unsupported certificate purpose"),
    ],
    ids=["none", "foreign", "expired", "not-yet-valid", "server"],
)
def test_other_certificate_is_refused(tmp_path: Path, client: Certificate | None, reason: str) -> None:
    """No certificate, another authority's of the same name, one out of its time, and the broker's own."""
    with pytest.raises(ssl.SSLError, match=reason):
        meet(tmp_path, client)


def test_device_cannot_pose_as_the_broker(tmp_path: Path) -> None:
    """A device's certificate is good for no server, whatever name it has."""
    with pytest.raises(ssl.SSLError, match="purpose"):
        meet(tmp_path, PHONE, server=AUTHORITY.client("localhost", NOW))


def test_broker_is_not_believed_under_another_name(tmp_path: Path) -> None:
    """The names in the broker's certificate are all it may be called."""
    with pytest.raises(ssl.SSLError, match="Hostname mismatch"):
        meet(tmp_path, PHONE, host="somewhere")


def test_device_signs_no_certificates(tmp_path: Path) -> None:
    """What a device signs with its own key is believed by nobody."""
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        meet(tmp_path, Authority(PHONE).client("wang.su7", NOW))


def test_revoked_certificate_is_refused_and_others_are_not(tmp_path: Path) -> None:
    """The list names certificates by number: one device's old one is refused, its new one is not."""
    renewed = AUTHORITY.client("wang.phone", NOW)
    listed = AUTHORITY.revocations([Revocation(facts_of(PHONE.certificate).serial, NOW)], NOW)

    assert meet(tmp_path, renewed, revoked=listed) == "wang.phone"
    with pytest.raises(ssl.SSLError, match="certificate revoked"):
        meet(tmp_path, PHONE, revoked=listed)


def test_list_of_revoked_certificates_is_never_overdue() -> None:
    """It is good as long as its authority: overdue, it would shut everybody out."""
    listed = x509.load_pem_x509_crl(AUTHORITY.revocations((), NOW).encode())

    assert listed.next_update_utc == facts_of(OWN.certificate).not_after


def test_certificate_lasts_a_year_and_never_longer_than_its_authority() -> None:
    """A year less than the authority has left is cut to what it has."""
    late = NOW + 3_600 * DAY

    assert facts_of(PHONE.certificate).not_after == NOW + 365 * DAY
    assert facts_of(PHONE.certificate).not_before < NOW
    assert facts_of(AUTHORITY.client("a", late).certificate).not_after == NOW + 3_650 * DAY


def test_key_does_not_show() -> None:
    """A certificate in a traceback or a log does not bring its key along."""
    assert "PRIVATE KEY" in PHONE.key
    assert "PRIVATE KEY" not in repr(PHONE)
