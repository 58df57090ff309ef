"""The gravest acts: what gives somebody else rights, keys or a way in. Whoever last showed who they are longer ago than `FOYER_CONFIRM_MINUTES` is asked
again, so that a desk left unlocked, or a stolen cookie, does not become somebody else's administrator."""

from __future__ import annotations

GRAVE: frozenset[tuple[str, str]] = frozenset(
    ("POST", path)
    for path in (
        "/account/second-factor/begin",
        "/account/second-factor/codes",
        "/account/second-factor/remove",
        "/account/sign-out-elsewhere",
        "/admin/staff",
        "/admin/staff/join",
        "/admin/staff/{staff_id}/roles",
        "/admin/staff/{staff_id}/enable",
        "/admin/staff/{staff_id}/reset",
        "/admin/staff/{staff_id}/factor",
        "/admin/staff/{staff_id}/emergency",
        "/admin/staff/{staff_id}/sign-on",
        "/admin/sign-on",
        "/admin/secrets/links",
        "/admin/releases/start",
        "/admin/connections/keys",
        "/admin/connections/webhooks",
        "/admin/connections/webhooks/{hook_id}/{deed}",
    )
)
