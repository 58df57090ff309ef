"""The gravest acts: what gives somebody else rights, keys or a way in. Whoever last showed who they are longer ago than `FOYER_CONFIRM_MINUTES` is asked
again, so that a desk left unlocked, or a stolen cookie, does not become somebody else's administrator."""

from __future__ import annotations

GRAVE: frozenset[tuple[str, str]] = frozenset(
    ("POST", path)
    for path in (
        "/account/second-factor/begin",
        "/account/second-factor/codes",
        "/account/second-factor/remove",
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
        "/admin/releases/add",
        "/admin/releases/start",
        "/admin/releases/rings",
        "/admin/releases/rollout/send-on",
        "/admin/releases/rollout/go-on",
        "/admin/releases/rollout/any-time",
        "/admin/devices/approve",
        "/admin/devices/{device_id}/machine",
        "/admin/devices/{device_id}/replace",
        "/admin/connections/calendars",
        "/admin/connections/keys",
        "/admin/connections/webhooks",
        "/admin/connections/webhooks/{hook_id}",
        "/admin/connections/webhooks/{hook_id}/{deed}",
    )
)
"""As the route is written, or with what is filled in where one route has several deeds. What stops something (to disable, to revoke, to pause) is never asked
about again: it must be quick. To restore a backup is done at the server itself and has no route."""
