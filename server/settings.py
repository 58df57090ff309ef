"""What may be set from outside, by environment (`FOYER_...`), a file or the command line; nothing else reads the environment.

Every setting may also stand in a file (`server.credentials` says where and in which order), and secrets should. Those marked `SECRET` are never shown:
not in this object's representation, not in what is said of a value that cannot be.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from server import credentials

SECRET: dict[str, Any] = {"secret": True}
"""Marks a setting that is no `SecretStr` and yet holds or names a secret."""


def is_secret(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return field.annotation is SecretStr or (isinstance(extra, dict) and bool(extra.get("secret")))


def _is_path(field: FieldInfo) -> bool:
    return "Path" in str(field.annotation)


class _Files(PydanticBaseSettingsSource):
    """Reads each setting that stands in a file of its own."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        value = credentials.value_of(field_name, is_path=_is_path(field), secret=is_secret(field))
        return value, field_name, False

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in found.items() if value is not None}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FOYER_", extra="ignore", hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Files(settings_cls), env_settings

    database: str = Field(
        default="sqlite:///var/foyer.db",
        description="SQLite path or PostgreSQL address",
        repr=False,
        json_schema_extra=SECRET,
    )
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = Field(
        default="", description="how phones reach this server, such as https://queue.example.gov.uk"
    )
    privacy_notice: str = Field(
        default="",
        pattern=r"^(https?://[^\s\"<>]+)?$",
        description="where the council's privacy notice is read; linked at the foot of visitors' pages. Empty: no link",
    )
    accessibility_statement: str = Field(
        default="",
        pattern=r"^(https?://[^\s\"<>]+)?$",
        description="where the accessibility statement is read; linked at the foot of visitors' pages. Empty: no link",
    )
    moving_to: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@]+)?$",
        description="the address at which kiosks find this server from now on; told to them over the line they have. Empty: it stays",
    )
    data: Path = Field(
        default=Path("var"), description="folder for speech, clips and other files the server makes"
    )
    paper_keys: Path | None = Field(
        default=None,
        description="file with the keys of what visitors hand in; by default keys/papers.key in the data folder",
        json_schema_extra=SECRET,
    )
    audit_keys: Path | None = Field(
        default=None,
        description="file with the keys the audit is sealed with; by default keys/audit.key in the data folder",
        json_schema_extra=SECRET,
    )
    audit_anchor: Path | None = Field(
        default=None,
        description="file outside this machine's database that the newest seal of the audit is added to now and then; empty: the log only",
    )
    releases: Path | None = Field(
        default=None,
        description="folder with release files that devices may be brought to; empty: devices are not updated from here",
    )
    clamd: str = Field(
        default="",
        description="virus scanner for what visitors hand in: unix:/run/clamav/clamd.ctl or tcp:host:3310; empty: none",
    )
    reading_languages: str = Field(
        default="eng",
        pattern=r"^([A-Za-z_]{2,20}(\+[A-Za-z_]{2,20})*)?$",
        description="languages in which scanned pages are made searchable, as tesseract calls them, such as eng+pol+urd; empty: they are not",
    )
    backup_folder: Path | None = Field(
        default=None, description="folder for backups; empty: backups in the data folder"
    )
    backup_keys: str = Field(
        default="",
        description="public keys that backups are sealed to (age1...), separated by spaces; empty: no backups are made",
    )
    backup_every: int = Field(default=60, ge=5, le=1440, description="minutes from one backup to the next")
    backup_keep: str = Field(
        default="24 14 5 0",
        pattern=r"^\d{1,3} \d{1,3} \d{1,3} \d{1,3}$",
        description="how many hourly, daily, weekly and monthly backups are kept",
    )
    backup_days: int = Field(
        default=35, ge=1, le=400, description="no backup is kept for longer, whatever else is said"
    )
    backup_sftp: str = Field(
        default="", description="another machine for copies: sftp://user@host:port/folder; empty: none"
    )
    backup_sftp_key: Path | None = Field(
        default=None,
        description="file with the private key for that machine, as OpenSSH writes it",
        json_schema_extra=SECRET,
    )
    backup_sftp_known_hosts: Path | None = Field(
        default=None, description="host key of that machine, as OpenSSH writes it"
    )
    backup_copied_by: str = Field(
        default="",
        pattern=r"^([^\r\n]{10,200})?$",
        description="who copies the folder with backups to another place, and how, in a sentence, where Foyer itself does not; empty: nobody",
    )
    acknowledge_days: int = Field(
        default=5, ge=1, le=60, description="working days within which a complaint is acknowledged"
    )
    answer_days: int = Field(
        default=10, ge=1, le=120, description="working days after that within which it is answered"
    )
    demo: bool = Field(default=False, description="sample accounts and levers; listens on loopback only")
    secure_cookies: bool = Field(default=True, description="cookies over TLS only; the demo turns it off")
    trusted_proxies: str = Field(
        default="", description="addresses of proxies whose X-Forwarded-For is believed"
    )
    clock_start: datetime | None = Field(
        default=None, description="pretend it is this time at start (demo and tests)"
    )
    clock_speed: float = Field(default=1.0, gt=0, description="run the day faster (demo and tests)")
    hook_private: str = Field(
        default="",
        description="networks inside that webhooks may call, such as 10.20.0.0/16; empty: public addresses only",
    )
    api_per_minute: int = Field(
        default=600, gt=0, description="how many calls a minute one program's key may make"
    )
    notify_key: SecretStr = Field(
        default=SecretStr(""),
        description="API key of the council's service at GOV.UK Notify; empty: not used",
    )
    notify_url: str = Field(
        default="https://api.notifications.service.gov.uk", description="GOV.UK Notify's API"
    )
    notify_bearer: SecretStr = Field(
        default=SecretStr(""), description="what Notify shows us with receipts and received texts"
    )
    letters: Path | None = Field(
        default=None, description="file naming the templates at GOV.UK Notify, in TOML"
    )
    smtp_host: str = Field(
        default="", description="mail server for e-mail instead of Notify; empty: not used"
    )
    smtp_port: int = Field(
        default=587, ge=1, le=65535, description="465: encrypted from the start; others: STARTTLS"
    )
    smtp_user: str = Field(default="", description="user name at the mail server, if it wants one")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="password at the mail server")
    smtp_from: str = Field(default="", description="the address our e-mail comes from")
    report_domains: str = Field(
        default="",
        description="domains that reports of figures may be e-mailed to, such as leicester.gov.uk; empty: that of FOYER_SMTP_FROM only",
    )
    handoff_folder: Path | None = Field(
        default=None, description="folder below which teams fetch what visitors handed in; empty: not used"
    )
    handoff_known_hosts: Path | None = Field(
        default=None, description="host keys of teams' SFTP servers, as OpenSSH writes them"
    )
    handoff_keys: Path | None = Field(
        default=None,
        description="file with teams' SFTP keys and webhook secrets, in TOML",
        json_schema_extra=SECRET,
    )
    os_places_key: SecretStr = Field(
        default=SecretStr(""),
        description="key of Ordnance Survey's Places API, for addresses; empty: not used",
    )
    os_places_url: str = Field(default="https://api.os.uk", description="Ordnance Survey's APIs")
    logs: str = Field(
        default="auto",
        pattern="^(auto|json|plain)$",
        description="how log lines are written: json, plain, or auto (plain at a terminal)",
    )
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="from which level on"
    )
    metrics_key: SecretStr = Field(
        default=SecretStr(""),
        description="who shows it reads /metrics; empty: nobody does",
    )
    metrics_open: bool = Field(
        default=False,
        description="programs on this machine read /metrics without a key, where none is set; never beside a proxy",
    )
    error_reports: SecretStr = Field(
        default=SecretStr(""),
        description="Sentry-compatible address that faults of the program are told to; empty: none is",
    )
    drain_seconds: float = Field(
        default=0.0,
        ge=0,
        le=120,
        description="how long a server that stops goes on serving after it said that it is not ready; behind a balancer 5 to 10",
    )
    idle_minutes: int = Field(default=30, gt=0, description="a staff session ends after this long unused")
    absolute_hours: int = Field(
        default=10, gt=0, description="a staff session ends after this long whatever happens"
    )

    usual_passwords: Path | None = Field(
        default=None,
        description="file with one password a line that nobody may choose, such as a list of breached ones",
    )
    second_factor: Literal["chosen", "administrators", "managers", "everybody"] = Field(
        default="administrators",
        description="who must use an authenticator app besides their password: administrators, managers (and administrators), everybody, or nobody (chosen); emergency accounts always must",
    )
    confirm_minutes: int = Field(
        default=15, gt=0, description="after this long the gravest acts ask again who is there"
    )
    sso_issuer: str = Field(
        default="",
        description="the council's sign-on, such as https://login.microsoftonline.com/<tenant>/v2.0; empty: not used",
    )
    sso_tenant: str = Field(
        default="",
        description="the one tenant whose people may sign in, by its id; at Entra it is in the issuer",
    )
    sso_client_id: str = Field(default="", description="the id that Foyer has at the council's sign-on")
    sso_client_secret: SecretStr = Field(
        default=SecretStr(""), description="the secret that goes with it; better is a certificate"
    )
    sso_certificate: Path | None = Field(
        default=None, description="file with certificate and private key for the council's sign-on, in PEM"
    )
    sso_proxy: str = Field(
        default="",
        pattern=r"^(https?://[^\s/?#@]+/?)?$",
        description="the proxy by which this server reaches the council's sign-on, such as http://proxy.council.test:8080; empty: directly",
    )
    sso_proxy_login: SecretStr = Field(
        default=SecretStr(""), description="name:password at that proxy, if it wants them"
    )
    sso_authority: Path | None = Field(
        default=None,
        description="file with the certificates, in PEM, that such a proxy seals anew with; believed on the line to the council's sign-on alone",
    )
    sso_name: str = Field(
        default="your council account", max_length=60, description="what staff call the council's sign-on"
    )

    @field_validator("clamd")
    @classmethod
    def _scanner(cls, address: str) -> str:
        """A slip here would leave everything marked as not looked at, for ever."""
        if not re.fullmatch(r"(unix:/.+|tcp:.+:[0-9]{1,5})?", address):
            raise ValueError("write unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310")
        return address

    @field_validator("hook_private")
    @classmethod
    def _networks(cls, text: str) -> str:
        """A slip here must be a sentence at start, not a webhook that fails weeks later."""
        for part in text.replace(",", " ").split():
            ipaddress.ip_network(part)
        return text
