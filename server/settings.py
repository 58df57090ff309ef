"""What may be set from outside, by environment (`FOYER_...`) or the command line; nothing else reads the environment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FOYER_", extra="ignore")

    database: str = Field(default="sqlite:///var/foyer.db", description="SQLite path or PostgreSQL address")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = Field(
        default="", description="how phones reach this server, such as https://queue.example.gov.uk"
    )
    data: Path = Field(
        default=Path("var"), description="folder for speech, clips and other files the server makes"
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
    idle_minutes: int = Field(default=30, gt=0, description="a staff session ends after this long unused")
    absolute_hours: int = Field(
        default=10, gt=0, description="a staff session ends after this long whatever happens"
    )
