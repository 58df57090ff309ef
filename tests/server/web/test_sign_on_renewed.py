"""What the council's sign-on is set to, and its secret or certificate renewed without a stop."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from demo.provider import CLIENT, TENANT, CouncilSignOn
from server.actions import sign_on
from server.connectors import sign_on as line
from server.jobs.renewing import renew
from server.settings import Settings
from tests.server.web.rehearsal import Served, serving, sign_in
from tests.server.web.test_second_factor import second
from tests.server.web.test_sign_on import (
    ADVISER,
    AMIRA,
    HERE,
    IVAN,
    SECRET,
    become_emergency,
    come,
    house,
    one_house,
    provider,
    refusals,
    settings_for,
)
from wire.vocabulary import Role

__all__ = ["house", "one_house", "provider"]


def test_the_application_s_secret_is_renewed_without_a_stop(
    house: Served, provider: CouncilSignOn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "client-secret"
    path.write_text(SECRET)
    path.chmod(0o600)
    monkeypatch.setenv("FOYER_SSO_CLIENT_SECRET_FILE", str(path))
    monkeypatch.setattr(provider.application, "secrets", {SECRET, "next year's"})
    assert come(house.client()).status_code == 303, "both are good for a while"
    path.write_text("next year's\n")
    assert house.run(renew(house.house)) == ["sso_client_secret"]
    provider.application.secrets = {"next year's"}
    assert come(house.client()).status_code == 303
    provider.application.secrets = {"another"}
    assert come(house.client()).status_code == 403
    assert refusals(house)[-1] == "code"
    path.write_text(SECRET)
    assert house.run(renew(house.house)) == ["sso_client_secret"]


def test_a_certificate_stands_in_for_the_secret_and_is_renewed_by_its_file(
    house: Served, provider: CouncilSignOn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "foyer.pem"
    known: dict[str, bytes] = {}
    monkeypatch.setattr(provider.application, "certificates", known)
    monkeypatch.setattr(provider.application, "secrets", set())
    house.house.sign_on.certificate = path
    for _ in ("this year's", "next year's"):
        thumbprint, public = made_certificate(path)
        assert come(house.client()).status_code == 403, "the council does not know it yet"
        known[thumbprint] = public
        assert come(house.client()).status_code == 303


def made_certificate(path: Path) -> tuple[str, bytes]:
    """A new certificate with its key in one file; its thumbprint and public key."""
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=foyer -keyout - -out -"
    path.write_bytes(subprocess.run(made.split(), check=True, capture_output=True).stdout)
    _, thumbprint = line.read_certificate(path)
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    kind = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return thumbprint, certificate.public_key().public_bytes(*kind)


@pytest.mark.parametrize(
    ("settings", "say"),
    [
        ({"sso_issuer": "http://login.test/x/v2.0"}, "https://"),
        ({"sso_issuer": "https://login.microsoftonline.com/common/v2.0"}, "anybody's organisation"),
        ({"sso_issuer": "https://login.microsoftonline.com/leicester.gov.uk/v2.0"}, "not a domain's name"),
        ({"sso_issuer": f"https://login.microsoftonline.com/{TENANT}"}, "/v2.0"),
        ({"sso_issuer": "https://login.test"}, "FOYER_SSO_TENANT"),
        ({"sso_client_id": ""}, "FOYER_SSO_CLIENT_ID"),
        ({"sso_client_secret": ""}, "FOYER_SSO_CERTIFICATE or"),
        ({"sso_certificate": "/nowhere/foyer.pem"}, "/nowhere/foyer.pem"),
        ({"public_url": ""}, "FOYER_PUBLIC_URL"),
    ],
)
def test_settings_that_cannot_be_are_sentences(settings: dict[str, str], say: str) -> None:
    right = {
        "sso_issuer": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "sso_client_id": CLIENT,
        "sso_client_secret": "s",
        "public_url": HERE,
    }
    assert line.open_sign_on(Settings(**right)).faults == ()
    (fault,) = line.open_sign_on(Settings(**{**right, **settings})).faults
    assert say in fault


def test_it_is_the_same_on_postgresql(postgres_url: str, provider: CouncilSignOn) -> None:
    provider.faults.clear()
    provider.people[:] = [AMIRA, IVAN]
    with serving(postgres_url, **settings_for(provider)) as served:
        ada = served.actor("ada")
        table = {Role.ADVISER: (ADVISER,)}
        served.run(
            served.house.change(ada, "table", lambda tx: sign_on.set_table(tx, served.ids.centre, table))
        )
        client = served.client()
        assert come(client).status_code == 303
        assert client.get("/counter").status_code == 200
        assert come(served.client(), IVAN).status_code == 403
        assert refusals(served) == ["role"]
        client.get("/sign-on/logged-out", params={"sid": f"sid-{AMIRA.oid}", "iss": provider.issuer})
        served.app.state.identity.forget()
        assert client.get("/counter").status_code == 303
        codes = become_emergency(served)[0]
        other = served.client()
        sign_in(other, "ada")
        assert second(other, recovery=codes[0]).status_code == 303
        assert "An emergency account was used" in other.get("/admin/sign-on").text
