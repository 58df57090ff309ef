"""The council's sign-on over the line: its description and keys, where to send a browser, a code for a token, a token for what it says.

Only the host of the issuer that is set is ever called, over TLS (but for a provider on this very machine, for the demonstration and tests), without
following redirects, within seconds and a few hundred KiB. Where only a proxy gets out, it carries what is sealed
for that host from end to end (`FOYER_SSO_PROXY`; what other programs' variables say of proxies is not looked at); one that opens it
and seals it anew is gone through where the authority it seals with is named (`FOYER_SSO_AUTHORITY`), and only for this line. The description and the keys are fetched before anybody needs them and kept; while the
council's sign-on is away, what is kept goes on for a day. A token signed with a key that is not known makes the keys be fetched again, at most once a
minute, so a changed key is met at once and nobody can make us call it all day. A token is never believed by what it says of itself: the
algorithm must be one of ours and fit the key, and the key must be the provider's own of that name.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import secrets
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from server.clock import Clock
from server.domain.sign_on import ALGORITHMS, Expected, NotLetIn, Why
from server.settings import Settings

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("foyer.sign_on")
logging.getLogger("httpx").setLevel(logging.WARNING)

SECONDS = 6.0
"""One call, from its first byte to its last: somebody stands before a screen."""
MOST_BYTES = 512 * 1024
MOST_TOKEN = 16 * 1024
FRESH = 3600.0
KEPT = 24 * 3600.0
UNKNOWN_KEY_EVERY = 60.0
ASSERTION_SECONDS = 300
SCOPE = "openid profile"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OF_ENTRA = re.compile(r"/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class _Kept:
    """Something fetched, when, and when it was last tried for."""

    value: dict[str, Any] | None = None
    at: float = float("-inf")
    tried_at: float = float("-inf")
    missed: bool = False
    """Whether the last try failed: said once, and not each time."""
    tries: int = 0
    """How often it was fetched or tried for: who waited while another tried, does not try as well, or the tenth in line would wait a minute."""


@dataclass
class Provider:
    """The council's sign-on as it is set. `seconds` is a clock for how long things are kept; `wall` the real time."""

    issuer: str
    client_id: str
    tenant: str = ""
    secret: Callable[[], str] = lambda: ""
    certificate: Path | None = None
    proxy: str | None = None
    proxy_login: Callable[[], str] = lambda: ""
    """Name and password at the proxy, as `name:password`; empty where it wants none."""
    authority: Path | None = None
    """Certificates believed besides the public ones, on this line alone."""
    seconds: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = lambda: Clock().wall().timestamp()
    faults: tuple[str, ...] = ()
    _description: _Kept = field(default_factory=_Kept)
    _keys: _Kept = field(default_factory=_Kept)
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def expected(self) -> Expected:
        return Expected(self.issuer, self.client_id, self.tenant)

    async def make_ready(self) -> bool:
        """Fetch description and keys if they are not fresh; whether there is something to go by. Never raises."""
        try:
            await self._described()
            await self._key_set()
        except NotLetIn:
            return False
        return True

    # Out and back ----------------------------------------------------------------------------------------------

    async def address_of(
        self, back: str, state: str, nonce: str, verifier: str, *, again: bool = False
    ) -> str:
        """Where to send the browser. `again`: the person shall show anew who they are, though they are signed in there."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        more = {"prompt": "login", "max_age": "0"} if again else {}
        made: str = prepare_grant_uri(
            (await self._described())["authorization_endpoint"],
            client_id=self.client_id,
            response_type="code",
            redirect_uri=back,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            response_mode="query",
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            **more,
        )
        return made

    async def exchange(self, code: str, verifier: str, back: str) -> dict[str, Any]:
        """The claims of the token that this code is for; raises NotLetIn."""
        where = (await self._described())["token_endpoint"]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
            "client_id": self.client_id,
            "scope": SCOPE,
            **self._credential(where),
        }
        answer = await self._call("POST", where, Why.CODE, form)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotLetIn(Why.TOKEN)
        return await self.claims_in(token)

    async def goodbye(self, back: str) -> str:
        """Where to sign out at the council too; empty when it says no such address."""
        try:
            where = (await self._described()).get("end_session_endpoint")
        except NotLetIn:
            return ""
        if not isinstance(where, str) or not self._is_theirs(where):
            return ""
        query = urlencode({"post_logout_redirect_uri": back, "client_id": self.client_id})
        return f"{where}{'&' if '?' in where else '?'}{query}"

    def _credential(self, where: str) -> dict[str, str]:
        """What shows the provider that it is us: a statement signed with our key (RFC 7523), or the secret. Both are read at each use, so that a new
        one is taken without a restart."""
        if self.certificate is None:
            secret = self.secret()
            return {"client_secret": secret} if secret else {}
        return {
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(where),
        }

    def _assertion(self, where: str) -> str:
        from joserfc import jwt
        from joserfc.jwk import RSAKey

        assert self.certificate is not None
        pem, thumbprint = read_certificate(self.certificate)
        now = int(self.wall())
        header = {"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}
        claims = {
            "aud": where,
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_SECONDS,
        }
        return jwt.encode(header, claims, RSAKey.import_key(pem), algorithms=["PS256"])

    # Tokens ----------------------------------------------------------------------------------------------------

    async def claims_in(self, token: str) -> dict[str, Any]:
        """What a token says whose signature is the provider's; raises NotLetIn. What it says is judged in `server.domain.sign_on`."""
        header = _header_of(token)
        if header.get("alg") not in ALGORITHMS:
            raise NotLetIn(Why.ALGORITHM)
        if "crit" in header or not isinstance(header.get("kid"), str):
            raise NotLetIn(Why.KEY)
        key = _key_named(await self._key_set(), header["kid"]) or _key_named(
            await self._key_set(missed=True), header["kid"]
        )
        if key is None or not self._signs_for_us(key):
            raise NotLetIn(Why.KEY)
        return _verified(token, key, header["alg"])

    def _signs_for_us(self, key: Mapping[str, Any]) -> bool:
        """Entra writes beside each key whose tokens it signs (`issuer`, with or without a place for the tenant), for its sets hold keys of others too."""
        whose = key.get("issuer", self.issuer)
        return isinstance(whose, str) and whose.replace("{tenantid}", self.tenant) == self.issuer

    async def _key_set(self, *, missed: bool = False) -> dict[str, Any]:
        description = await self._described()
        return await self._keep(self._keys, description["jwks_uri"], _keys_in, missed=missed)

    async def _described(self) -> dict[str, Any]:
        where = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        return await self._keep(self._description, where, self._description_in)

    def _description_in(self, told: dict[str, Any]) -> dict[str, Any]:
        """The provider must call itself what we call it, or another could stand in for it; and send us nowhere else."""
        if told.get("issuer") != self.issuer:
            raise NotLetIn(Why.ISSUER)
        if not all(isinstance(told.get(name), str) and self._is_theirs(told[name]) for name in _ENDPOINTS):
            raise NotLetIn(Why.ISSUER)
        return told

    def _is_theirs(self, where: str) -> bool:
        ours, theirs = urlsplit(self.issuer), urlsplit(where)
        return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc) and not theirs.fragment

    async def _keep(
        self,
        kept: _Kept,
        where: str,
        read: Callable[[dict[str, Any]], dict[str, Any]],
        *,
        missed: bool = False,
    ) -> dict[str, Any]:
        """What is fetched seldom. `missed`: something was not in it, so fetch it again if the last try is a minute ago."""
        if kept.value is not None and not missed and self.seconds() - kept.at < FRESH:
            return kept.value
        tries = kept.tries
        async with self._one_at_a_time:
            now = self.seconds()
            is_fresh = now - kept.at < (UNKNOWN_KEY_EVERY if missed else FRESH)
            rested = now - kept.tried_at >= UNKNOWN_KEY_EVERY or kept.value is None
            if not is_fresh and rested and kept.tries == tries:  # or somebody asked while we waited
                kept.tried_at = now
                try:
                    kept.value, kept.at = read(await self._call("GET", where, Why.UNREACHABLE)), now
                    kept.missed = False
                except NotLetIn as error:
                    if not kept.missed:
                        log.warning("the council's sign-on cannot be asked: %s", error.why)
                    kept.missed = True
                    if error.why is not Why.UNREACHABLE:
                        kept.value = None
                        raise
                finally:
                    kept.tries += 1
            if kept.value is None or self.seconds() - kept.at > KEPT:
                raise NotLetIn(Why.UNREACHABLE)
            return kept.value

    # The line --------------------------------------------------------------------------------------------------

    async def _call(
        self, method: str, where: str, why: Why, form: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        import httpx  # brings 18 MB with it; a house without the council's sign-on needs none of them

        if not self._is_theirs(where):
            raise NotLetIn(Why.ISSUER)
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._line() as client,
            ):
                headers = {"accept": "application/json"}
                async with client.stream(method, where, data=form, headers=headers) as answer:
                    body = await _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise NotLetIn(Why.UNREACHABLE) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise NotLetIn(Why.UNREACHABLE)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if answer.status_code != 200 or kind not in ("application/json", "application/jwk-set+json"):
            raise NotLetIn(why)
        try:
            told = json.loads(body)
        except ValueError:
            raise NotLetIn(why) from None
        if not isinstance(told, dict):
            raise NotLetIn(why)
        return told

    def _line(self) -> httpx.AsyncClient:
        """Certificate and password are read at each use, as new ones may have come. Raises OSError when the first cannot be."""
        import httpx

        trust = httpx.create_ssl_context(trust_env=False)
        if self.authority is not None:
            trust.load_verify_locations(self.authority)
        proxy: httpx.Proxy | None = None
        if self.proxy is not None:
            name, _, word = self.proxy_login().partition(":")
            sealed = trust if self.proxy.startswith("https:") else None
            proxy = httpx.Proxy(self.proxy, auth=(name, word) if name else None, ssl_context=sealed)
        return httpx.AsyncClient(trust_env=False, proxy=proxy, verify=trust)


async def _bounded(answer: httpx.Response) -> bytes:
    parts, length = [], 0
    async for part in answer.aiter_bytes():
        length += len(part)
        if length > MOST_BYTES:
            raise NotLetIn(Why.UNREACHABLE)
        parts.append(part)
    return b"".join(parts)


def _header_of(token: str) -> dict[str, Any]:
    from joserfc import jws
    from joserfc.errors import JoseError

    if len(token) > MOST_TOKEN or not token.isascii() or token.count(".") != 2:
        raise NotLetIn(Why.TOKEN)
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise NotLetIn(Why.TOKEN) from None
    return dict(header)


def _keys_in(told: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(told.get("keys"), list) or len(told["keys"]) > 100:
        raise NotLetIn(Why.UNREACHABLE)
    return told


_KINDS = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}


def _key_named(keys: Mapping[str, Any], kid: str) -> dict[str, Any] | None:
    """The one key of this name that signs. Two of one name are none: it could be either."""
    found = [
        each
        for each in keys["keys"]
        if isinstance(each, dict) and each.get("kid") == kid and each.get("use", "sig") == "sig"
    ]
    return found[0] if len(found) == 1 else None


def _verified(token: str, key: Mapping[str, Any], algorithm: str) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, RSAKey

    if key.get("kty") != _KINDS[algorithm] or key.get("alg", algorithm) != algorithm:
        raise NotLetIn(Why.ALGORITHM)
    kind = RSAKey if key["kty"] == "RSA" else ECKey
    names = ("kty", "n", "e") if key["kty"] == "RSA" else ("kty", "crv", "x", "y")
    try:
        public = kind.import_key({name: str(key.get(name, "")) for name in names})
        return dict(jwt.decode(token, public, algorithms=[algorithm]).claims)
    except (JoseError, ValueError, TypeError):
        raise NotLetIn(Why.SIGNATURE) from None


def read_certificate(path: Path) -> tuple[bytes, str]:
    """The private key in PEM, and the certificate's thumbprint as a provider knows it by. Raises ValueError or OSError."""
    import base64

    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    text = path.read_bytes()
    certificate = x509.load_pem_x509_certificate(text)
    key = serialization.load_pem_private_key(text, password=None)
    if key.public_key() != certificate.public_key():
        raise ValueError("the key is not the certificate's")
    digest = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return plain, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def expiry_of(path: Path) -> datetime:
    """When the certificate runs out. Raises ValueError or OSError."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


def open_sign_on(settings: Settings) -> Provider | None:
    """The provider as it is set; None when none is. Faults are said and nobody can sign in by it until they are mended; emergency accounts can."""
    if not settings.sso_issuer:
        return None
    tenant = settings.sso_tenant.strip().casefold() or _tenant_in(settings.sso_issuer)
    return Provider(
        issuer=settings.sso_issuer,
        client_id=settings.sso_client_id,
        tenant=tenant,
        secret=partial(_secret_of, settings),
        certificate=settings.sso_certificate,
        proxy=settings.sso_proxy or None,
        proxy_login=partial(_login_of, settings),
        authority=settings.sso_authority,
        faults=tuple(_faults(settings, tenant)),
    )


def _secret_of(settings: Settings) -> str:
    """As it is now: the setting may have been renewed."""
    return settings.sso_client_secret.get_secret_value()


def _login_of(settings: Settings) -> str:
    return settings.sso_proxy_login.get_secret_value()


def _tenant_in(issuer: str) -> str:
    """Entra writes the tenant into the issuer: https://login.microsoftonline.com/<tenant>/v2.0."""
    parts = urlsplit(issuer).path.strip("/").split("/")
    return parts[0].casefold() if len(parts) == 2 and parts[1] == "v2.0" else ""


def _faults(settings: Settings, tenant: str) -> list[str]:
    faults: list[str] = []
    where = urlsplit(settings.sso_issuer)
    if where.scheme != "https" and where.hostname not in _LOOPBACK:
        faults.append("FOYER_SSO_ISSUER must begin with https://.")
    if tenant in ("common", "organizations", "consumers"):
        faults.append(
            f"FOYER_SSO_ISSUER names '{tenant}', by which anybody's organisation could sign in. Put your own tenant's id there."
        )
    elif where.hostname == "login.microsoftonline.com" and not _OF_ENTRA.fullmatch(where.path):
        faults.append(
            "FOYER_SSO_ISSUER must be https://login.microsoftonline.com/<tenant id>/v2.0, with the Directory (tenant) ID and not a domain's name: so Entra calls itself."
        )
    elif not tenant:
        faults.append("FOYER_SSO_TENANT must name the council's tenant by its id.")
    if not settings.sso_client_id:
        faults.append("FOYER_SSO_CLIENT_ID must be the application (client) ID of Foyer's app registration.")
    if not settings.public_url:
        faults.append("FOYER_PUBLIC_URL must be set: the council's sign-on sends people back to it.")
    faults += _faults_of_the_line(settings)
    if settings.sso_certificate is not None:
        try:
            read_certificate(settings.sso_certificate)
        except (OSError, ValueError, TypeError) as error:
            faults.append(
                f"The file {settings.sso_certificate} (FOYER_SSO_CERTIFICATE) must hold a certificate and its private key in PEM: {error}."
            )
    elif not settings.sso_client_secret.get_secret_value():
        faults.append("FOYER_SSO_CERTIFICATE or FOYER_SSO_CLIENT_SECRET must be set.")
    return faults


def _faults_of_the_line(settings: Settings) -> list[str]:
    faults: list[str] = []
    if _login_of(settings) and not _login_of(settings).partition(":")[1]:
        faults.append("FOYER_SSO_PROXY_LOGIN must be name:password, as the proxy knows this server by.")
    if settings.sso_authority is not None:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(settings.sso_authority)
        except OSError as error:
            faults.append(
                f"The file {settings.sso_authority} (FOYER_SSO_AUTHORITY) must hold the proxy's certificates in PEM: {error}."
            )
    return faults
