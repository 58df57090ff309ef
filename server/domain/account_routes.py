"""The routes of signing in and of accounts, by who may open them; the rule of each list stands in `server.domain.access`.

`SIGNING_IN` is for whoever asks: what comes back from the council's sign-on is judged by its state, its token and the browser's cookie, and a second step by
the key of the half session; `/leaving` tells strangers nothing. `OWN_ACCOUNT` is for everybody who is signed in, even who must choose a password or set up an app first. `ACCOUNTS` is
for administrators.
"""

from __future__ import annotations

Routes = tuple[tuple[str, str], ...]

SIGNING_IN: Routes = (
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/"),
    ("GET", "/sign-in/code"),
    ("POST", "/sign-in/code"),
    ("GET", "/sign-on"),
    ("GET", "/sign-on/done"),
    ("GET", "/sign-on/logged-out"),
    ("POST", "/sign-on/logged-out"),
    ("GET", "/signed-out"),
    ("GET", "/leaving"),
)

OWN_ACCOUNT: Routes = (
    ("POST", "/sign-out"),
    ("GET", "/centre"),
    ("POST", "/centre"),
    ("GET", "/password"),
    ("POST", "/password"),
    ("POST", "/confirm"),
    ("GET", "/account"),
    ("POST", "/account/evacuate"),
    ("POST", "/account/sign-out-one"),
    ("POST", "/account/sign-out-elsewhere"),
    ("GET", "/account/second-factor"),
    ("POST", "/account/second-factor"),
    ("POST", "/account/second-factor/begin"),
    ("POST", "/account/second-factor/codes"),
    ("POST", "/account/second-factor/remove"),
)

ACCOUNTS: Routes = (
    ("GET", "/admin/staff"),
    ("POST", "/admin/staff"),
    ("POST", "/admin/staff/join"),
    ("GET", "/admin/staff/{staff_id}"),
    ("POST", "/admin/staff/{staff_id}/name"),
    ("POST", "/admin/staff/{staff_id}/skills"),
    ("POST", "/admin/staff/{staff_id}/roles"),
    ("POST", "/admin/staff/{staff_id}/disable"),
    ("POST", "/admin/staff/{staff_id}/enable"),
    ("POST", "/admin/staff/{staff_id}/reset"),
    ("POST", "/admin/staff/{staff_id}/factor"),
    ("POST", "/admin/staff/{staff_id}/sign-out"),
    ("POST", "/admin/staff/{staff_id}/emergency"),
    ("POST", "/admin/staff/{staff_id}/sign-on"),
    ("GET", "/admin/sign-on"),
    ("POST", "/admin/sign-on"),
    ("POST", "/admin/sign-on/seen"),
    ("GET", "/admin/secrets"),
    ("POST", "/admin/secrets/links"),
)
