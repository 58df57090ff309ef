"""A sign-on like a council's, on this machine: Microsoft Entra ID as Foyer meets it, for the demonstration and for tests.

It speaks real HTTP and refuses what Entra refuses: an application or a redirect address that is not registered, a sign-in without PKCE, a code that
is used twice, too late, with another verifier or by another application, a wrong secret, a statement by a key that is not registered. Whoever
comes picks who they are from a list; there are no passwords in it. `faults` makes it misbehave on purpose, one named way at a time, in what it signs
and in how it answers. It never runs but on loopback.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import html
import json
import secrets
import sys
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from server.clock import Clock

TENANT = "7b3f6a52-0d1c-4e8e-9f5a-2c4d6e8f0a1b"
OTHER_TENANT = "11111111-2222-4333-8444-555555555555"
CLIENT = "c0ffee00-1234-4abc-8def-001122334455"
CODE_SECONDS, TOKEN_SECONDS = 60, 3600


def _now() -> float:
    return Clock().wall().timestamp()


@dataclass(frozen=True)
class Person:
    """Somebody the council employs. `oid` never changes; everything else may."""

    name: str
    username: str
    roles: tuple[str, ...] = ()
    oid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Application:
    """Foyer's registration. Several secrets and certificates may be valid at once, as at Entra."""

    redirect: list[str]
    client_id: str = CLIENT
    secrets: set[str] = field(default_factory=set)
    certificates: dict[str, bytes] = field(default_factory=dict)
    """By thumbprint (SHA-256, base64url): the public key in PEM."""


@dataclass
class _Code:
    person: Person
    query: Mapping[str, str]
    at: float
    used: bool = False


@cache
def _some_key(number: int) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig", "alg": "RS256"}, private=True)


@dataclass
class CouncilSignOn:
    """Started by `start`, ended by `stop`. `faults` holds the names of what it does wrong."""

    application: Application
    people: list[Person] = field(default_factory=list)
    faults: set[str] = field(default_factory=set)
    more_claims: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The paths that were called, in their order."""
    _codes: dict[str, _Code] = field(default_factory=dict)
    _key: int = 0
    _published: list[int] = field(default_factory=lambda: [0])
    _nonce: str = ""
    _server: ThreadingHTTPServer | None = None
    _let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def issuer(self) -> str:
        return f"{self.url}/{TENANT}/v2.0"

    def start(self) -> CouncilSignOn:
        provider = self

        class Answering(_Answering):
            house = provider

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        self._let_go.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def rotate(self, *, publish: bool = True, keep: bool = True) -> None:
        """Sign with a new key from now on. `keep`: the old one stays published, as Entra does for a while."""
        self._key += 1
        if publish:
            self._published = [*(self._published if keep else []), self._key]

    # What it says ----------------------------------------------------------------------------------------------

    def description(self) -> dict[str, Any]:
        at = f"{self.url}/{TENANT}"
        elsewhere = "http://127.0.0.2:9" if "endpoints elsewhere" in self.faults else self.url
        return {
            "issuer": f"{at}/v1.0" if "other issuer described" in self.faults else self.issuer,
            "authorization_endpoint": f"{at}/oauth2/v2.0/authorize",
            "token_endpoint": f"{elsewhere}/{TENANT}/oauth2/v2.0/token",
            "end_session_endpoint": f"{at}/oauth2/v2.0/logout",
            "jwks_uri": f"{at}/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "frontchannel_logout_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        whose = (
            f"{self.url}/{OTHER_TENANT}/v2.0"
            if "another's key of that name" in self.faults
            else f"{self.url}/{{tenantid}}/v2.0"
        )
        return {
            "keys": [
                {**_some_key(number).as_dict(private=False), "issuer": whose} for number in self._published
            ]
        }

    def claims(self, person: Person, nonce: str) -> dict[str, Any]:
        now = int(_now())
        made: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.application.client_id,
            "azp": self.application.client_id,
            "tid": TENANT,
            "oid": person.oid,
            "sub": hashlib.sha256(person.oid.encode()).hexdigest()[:40],
            "sid": f"sid-{person.oid}",
            "name": person.name,
            "preferred_username": person.username,
            "nonce": nonce,
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_SECONDS,
            "auth_time": now,
            "ver": "2.0",
        }
        if person.roles:
            made["roles"] = list(person.roles)
        for fault in self.faults & set(CLAIM_FAULTS):
            CLAIM_FAULTS[fault](made, self)
        self._nonce = nonce
        return {**made, **self.more_claims}

    def sign(self, claims: Mapping[str, Any]) -> str:
        key = _some_key(self._key)
        header = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
        if "alg none" in self.faults:
            return f"{_part({**header, 'alg': 'none'})}.{_part(claims)}."
        if "HS256 by the public key" in self.faults:
            head = f"{_part({**header, 'alg': 'HS256'})}.{_part(claims)}"
            return f"{head}.{_b64(hmac.digest(key.as_pem(private=False), head.encode(), 'sha256'))}"
        if "unknown kid" in self.faults:
            header["kid"] = "nobody-s"
        if "another's key" in self.faults:
            key = _some_key(99)
        if "no kid" in self.faults:
            del header["kid"]
        token = jwt.encode(dict(header), dict(claims), key)
        if "changed on the way" in self.faults:
            head, body, seal = token.split(".")
            told = json.loads(base64.urlsafe_b64decode(body + "=="))
            return f"{head}.{_part({**told, 'roles': ['Foyer.Administrator']})}.{seal}"
        return token

    def logout_token(self, **claims: Any) -> str:
        now = int(_now())
        told = {
            "iss": self.issuer,
            "aud": self.application.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **claims,
        }
        return self.sign(told)

    # What it takes ---------------------------------------------------------------------------------------------

    def fault_of(self, query: Mapping[str, str]) -> str:
        """Why this browser is not asked who it is; Entra shows such a fault and sends nobody back."""
        if query.get("client_id") != self.application.client_id:
            return "AADSTS700016: Application was not found in the directory."
        if query.get("redirect_uri") not in self.application.redirect:
            return "AADSTS50011: The redirect URI does not match those configured for the application."
        if query.get("response_type") != "code" or "openid" not in query.get("scope", "").split():
            return "AADSTS90014: A required field is missing from the request."
        if not query.get("nonce") or not query.get("state"):
            return "AADSTS90014: The required field 'nonce' is missing."
        if query.get("code_challenge_method") != "S256" or len(query.get("code_challenge", "")) != 43:
            return "AADSTS9002325: Proof Key for Code Exchange is required."
        return ""

    def come_back(self, query: Mapping[str, str], person: Person | None) -> str:
        """Where the browser goes with its code; nobody picked: the person pressed Cancel."""
        if person is None:
            told = {"error": "access_denied", "error_description": "AADSTS65004: User declined."}
        else:
            code = secrets.token_urlsafe(40)
            self._codes[code] = _Code(person, query, _now())
            told = {"code": code}
        state = "another-state" if "another state" in self.faults else query["state"]
        mixed = {"iss": "https://elsewhere.test"} if "mix-up" in self.faults else {}
        return f"{query['redirect_uri']}?{urlencode({**told, 'state': state, **mixed})}"

    def token(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        kept = self._codes.get(form.get("code", ""))
        if form.get("grant_type") != "authorization_code":
            return 400, _error("unsupported_grant_type", "AADSTS70003")
        if not self._is_ours(form):
            return 401, _error("invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if kept is None or kept.used or _now() - kept.at > CODE_SECONDS:
            return 400, _error(
                "invalid_grant", "AADSTS54005: OAuth2 Authorization code was already redeemed."
            )
        kept.used = True
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if challenge != kept.query["code_challenge"]:
            return 400, _error("invalid_grant", "AADSTS501481: The Code_Verifier does not match.")
        if form.get("redirect_uri") != kept.query["redirect_uri"]:
            return 400, _error("invalid_grant", "AADSTS500112: The reply address does not match.")
        token = self.sign(self.claims(kept.person, kept.query["nonce"]))
        answer = {"token_type": "Bearer", "expires_in": TOKEN_SECONDS, "access_token": "x", "id_token": token}
        if "no token" in self.faults:
            del answer["id_token"]
        return 200, answer

    def _is_ours(self, form: Mapping[str, str]) -> bool:
        if form.get("client_id") != self.application.client_id:
            return False
        if "client_assertion" not in form:
            return form.get("client_secret", "") in self.application.secrets
        try:
            head = json.loads(base64.urlsafe_b64decode(form["client_assertion"].split(".")[0] + "=="))
            public = RSAKey.import_key(self.application.certificates[head["x5t#S256"]])
            said = jwt.decode(form["client_assertion"], public, algorithms=["PS256", "RS256"]).claims
        except (JoseError, KeyError, ValueError):
            return False
        fits = said.get("aud") == f"{self.url}/{TENANT}/oauth2/v2.0/token"
        ours = said.get("iss") == said.get("sub") == self.application.client_id
        return fits and ours and said.get("nbf", 0) <= _now() + 60 and said.get("exp", 0) > _now()


def _error(kind: str, why: str) -> dict[str, Any]:
    return {"error": kind, "error_description": why}


def _set(**claims: Any) -> Callable[[dict[str, Any], CouncilSignOn], None]:
    """Sets these; None takes one out. A number is added to the present moment."""

    def change(made: dict[str, Any], provider: CouncilSignOn) -> None:
        for name, value in claims.items():
            if value is None:
                made.pop(name, None)
            else:
                made[name] = int(_now()) + value if isinstance(value, int) else value

    return change


CLAIM_FAULTS: Mapping[str, Callable[[dict[str, Any], CouncilSignOn], None]] = {
    "another tenant": _set(tid=OTHER_TENANT),
    "no tenant": _set(tid=None),
    "another issuer": _set(iss=f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"),
    "wrong audience": _set(aud="99999999-0000-4000-8000-000000000000"),
    "wrong party": _set(azp="99999999-0000-4000-8000-000000000000"),
    "two audiences and no party": _set(aud=[CLIENT, "another"], azp=None),
    "expired": _set(iat=-7200, nbf=-7200, exp=-3600),
    "not yet valid": _set(nbf=3600),
    "made tomorrow": _set(iat=86400, nbf=None, exp=90000),
    "valid for a year": _set(exp=365 * 86400),
    "no end": _set(exp=None),
    "no nonce": _set(nonce=None),
    "another nonce": _set(nonce="somebody-else-s"),
    "replayed nonce": lambda made, provider: made.update(nonce=provider._nonce),
    "missing oid": _set(oid=None),
    "e-mail only": _set(oid=None, tid=TENANT, email="ada@council.test", sub="ada@council.test"),
    "oid is an address": _set(oid="ada@council.test"),
    "roles are no list": _set(roles="Foyer.Administrator"),
    "huge": _set(padding="x" * 40_000),
}
SIGNING_FAULTS = (
    "alg none",
    "HS256 by the public key",
    "unknown kid",
    "another's key",
    "no kid",
    "changed on the way",
)
ANSWERING_FAULTS = ("no token", "wrong content type", "no JSON", "endless", "server error", "redirects")


def _b64(what: bytes) -> str:
    return base64.urlsafe_b64encode(what).decode().rstrip("=")


def _part(what: Mapping[str, Any]) -> str:
    return _b64(json.dumps(what).encode())


class _Answering(BaseHTTPRequestHandler):
    house: CouncilSignOn
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """It says nothing on the terminal."""

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(where.query).items()}
        self.house.asked.append(where.path)
        end = where.path.removeprefix(f"/{TENANT}")
        if end == "/v2.0/.well-known/openid-configuration":
            self._json(200, self.house.description())
        elif end == "/discovery/v2.0/keys":
            self._json(200, self.house.keys())
        elif end == "/oauth2/v2.0/authorize":
            self._authorize(query)
        elif end == "/oauth2/v2.0/logout":
            self._goodbye(query)
        else:
            self._page(404, "Not found")

    def do_POST(self) -> None:
        self.house.asked.append(self.path)
        length = min(int(self.headers.get("content-length", "0")), 64_000)
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        if self.path == f"/{TENANT}/oauth2/v2.0/token":
            self._json(*self.house.token(form))
        else:
            self._page(404, "Not found")

    def _authorize(self, query: dict[str, str]) -> None:
        if fault := self.house.fault_of(query):
            self._page(400, html.escape(fault))
        elif "as" in query:
            person = next((each for each in self.house.people if each.oid == query["as"]), None)
            del query["as"]
            self._away(self.house.come_back(query, person))
        else:
            links = "".join(
                f'<li><a href="?{html.escape(urlencode({**query, "as": each.oid}))}">{html.escape(each.name)}</a>'
                f" {html.escape(each.username)}</li>"
                for each in self.house.people
            )
            cancel = html.escape(urlencode({**query, "as": "nobody"}))
            self._page(200, f"<h1>Pick an account</h1><ul>{links}</ul><p><a href='?{cancel}'>Cancel</a></p>")

    def _goodbye(self, query: Mapping[str, str]) -> None:
        back = query.get("post_logout_redirect_uri", "")
        roots = [where.split("/sign-on/")[0] for where in self.house.application.redirect]
        if any(back == root or back.startswith(f"{root}/") for root in roots):
            self._away(back)
        else:
            self._page(200, "<h1>You are signed out</h1>")

    def _away(self, where: str) -> None:
        self.send_response(302)
        self.send_header("location", where)
        self.send_header("content-length", "0")
        self.end_headers()

    def _json(self, status: int, told: Mapping[str, Any]) -> None:
        faults, kind, body = self.house.faults, "application/json; charset=utf-8", json.dumps(told).encode()
        if "slow" in faults:
            self.house._let_go.wait(30)
        if "server error" in faults:
            status = 503
        if "redirects" in faults:
            self._away(f"{self.house.url}{quote(self.path)}")
            return
        if "no JSON" in faults:
            body = b"<html>Sign in</html>"
        if "wrong content type" in faults:
            kind = "text/html"
        if "endless" in faults:
            body = b'{"padding": "' + b"x" * 2_000_000 + b'"}'
        self._send(status, kind, body)

    def _page(self, status: int, inside: str) -> None:
        head = "<link rel=icon href='data:,'><meta name=viewport content='width=device-width'>"
        text = f"<!doctype html><html lang=en>{head}<title>Council sign-on (rehearsal)</title><body>{inside}</body></html>"
        self._send(status, "text/html; charset=utf-8", text.encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # who asked did not wait


def main(arguments: Sequence[str]) -> int:
    """`python -m demo.provider http://127.0.0.1:8000`: run it for a Foyer at this address, until Ctrl-C, and say how that is told of it."""
    url = (arguments[0] if arguments else "http://127.0.0.1:8000").rstrip("/")
    everybody = [
        Person("Amira Khan", "amira.khan@council.test", ("Foyer.Adviser.york-house",)),
        Person("Owen Price", "owen.price@council.test", ("Foyer.Manager.york-house",)),
        Person("Sunita Rao", "sunita.rao@council.test", ("Foyer.Administrator.york-house",)),
        Person("Ivan Petrov", "ivan.petrov@council.test"),
    ]
    secret = secrets.token_urlsafe(24)
    provider = CouncilSignOn(Application([f"{url}/sign-on/done"], secrets={secret}), everybody).start()
    told = {
        "PUBLIC_URL": url,
        "SSO_ISSUER": provider.issuer,
        "SSO_CLIENT_ID": CLIENT,
        "SSO_CLIENT_SECRET": secret,
    }
    sys.stdout.write("".join(f"export FOYER_{name}={value}\n" for name, value in told.items()))
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    provider.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
