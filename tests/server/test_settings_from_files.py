"""Secrets come from files: in their order, refused when everybody may read them, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.credentials import SettingsUnusable, strangers
from server.papers.keyring import KeysUnusable, new_identity, open_keyring
from server.settings import Settings, is_secret


def put(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_of_systemd_goes_before_a_named_one_and_that_before_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "credentials"
    place.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place))
    monkeypatch.setenv("FOYER_SMTP_PASSWORD", "of the variable")
    assert Settings().smtp_password.get_secret_value() == "of the variable"
    named = put(tmp_path / "named", "of the named file\n")
    monkeypatch.setenv("FOYER_SMTP_PASSWORD_FILE", str(named))
    assert Settings().smtp_password.get_secret_value() == "of the named file"
    put(place / "smtp_password", " of systemd \n", 0o440)
    assert Settings().smtp_password.get_secret_value() == " of systemd ", "only the line's end goes"
    put(place / "database", "postgresql://foyer:hunter2@db/foyer\n")
    assert Settings().database == "postgresql://foyer:hunter2@db/foyer"
    assert Settings(database="sqlite:///here.db").database == "sqlite:///here.db"
    put(place / "paper_keys", new_identity())
    assert Settings().paper_keys == place / "paper_keys", "of a file of keys it is the path"


def test_no_secret_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, field in Settings.model_fields.items():
        if is_secret(field) and "Path" not in str(field.annotation):
            put(tmp_path / name, f"sqlite:///marked-{name}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    settings = Settings()
    assert settings.database == "sqlite:///marked-database"
    assert "marked" not in f"{settings!r}{settings}"
    put(tmp_path / "smtp_password", "\xff marked", 0o600).write_bytes(b"\xff marked")
    with pytest.raises(SettingsUnusable) as refused:
        Settings()
    assert "marked" not in str(refused.value)


@pytest.mark.parametrize("mode", [0o644, 0o602])
def test_a_secret_that_all_may_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    monkeypatch.setenv("FOYER_NOTIFY_KEY_FILE", str(put(tmp_path / "key", "s3cret", mode)))
    with pytest.raises(SettingsUnusable, match="Everybody on this machine") as refused:
        Settings()
    assert "s3cret" not in str(refused.value)
    put(tmp_path / "url", "https://queue.test", 0o644)
    monkeypatch.setenv("FOYER_NOTIFY_KEY_FILE", str(put(tmp_path / "key", "s3cret")))
    monkeypatch.setenv("FOYER_PUBLIC_URL_FILE", str(tmp_path / "url"))
    assert Settings().public_url == "https://queue.test", "what is no secret may be read by all"


@pytest.mark.parametrize("text", ["", "\n", "old\nnew\n"])
def test_a_secret_that_is_half_written_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Taken as empty, the key of the metrics would shut them to whoever watches, and the mail server's password be none."""
    monkeypatch.setenv("FOYER_METRICS_KEY_FILE", str(put(tmp_path / "key", text)))
    with pytest.raises(SettingsUnusable, match="in one line of text, and does not"):
        Settings()


def test_a_named_file_that_is_not_there_and_a_slip_of_the_pen_are_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FOYER_SMTP_PASSWROD", "x")
    assert "FOYER_SMTP_PASSWROD" in strangers(Settings.model_fields)
    assert "FOYER_SMTP_PASSWORD" not in strangers(Settings.model_fields)
    monkeypatch.setenv("FOYER_SMTP_PASSWORD_FILE", "/nowhere/at/all")
    with pytest.raises(SettingsUnusable, match="FOYER_SMTP_PASSWORD_FILE names /nowhere/at/all"):
        Settings()


def test_a_key_file_handed_over_by_systemd_may_be_its_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "paper_keys", new_identity(), 0o440)
    with pytest.raises(KeysUnusable):
        open_keyring(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert open_keyring(path).known
