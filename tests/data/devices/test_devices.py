"""Devices: what a token gives, how it ends, and what the command line shows."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

import app
from data.access.audit import Audit
from data.access.scope import Scope
from data.access.viewer import CONSOLE, Viewer
from data.devices.devices import DeviceError, Devices
from data.devices.tables import device as table
from data.settings import Settings
from data.tables import officer, resource
from tests.data.devices.conftest import NOW, OFFICER, STREET

COMMAND = next(command for command in app.COMMANDS if command.words == ("device",))


def issue(devices, officer_id=OFFICER, **about):
    return devices.issue(officer_id, **{"name": "PDA", "issued_by": CONSOLE, "now": NOW, **about})


def test_only_the_hash_of_a_token_is_kept(devices, district):
    device_id, token = issue(devices)
    assert len(token) == 43
    with district.engine.connect() as connection:
        kept = connection.execute(sa.select(table.c.token_hash).where(
            table.c.device_id == device_id)).scalar_one()
        everything = str([connection.execute(sa.text(f"SELECT * FROM {name}")).all()
                          for name in ("device", "audit_log", "meta")])
    assert kept == hashlib.sha256(token.encode()).hexdigest()
    assert token not in everything


def test_a_token_is_that_of_one_officer(devices):
    device_id, token = issue(devices, name="  PDA 17 ")
    found = devices.find(token, now=NOW)
    assert (found.device_id, found.name, found.street_code, found.officer_id) == (
        device_id, "PDA 17", STREET, OFFICER)


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 42, "x" * 10_000, "é" * 43, "\0" * 43, "' OR 1=1 --"])
def test_unknown_tokens_find_nothing(devices, token):
    issue(devices)
    assert devices.find(token, now=NOW) is None


def test_a_revoked_device_is_none_and_cannot_be_revoked_again(devices):
    device_id, token = issue(devices)
    assert devices.revoke(device_id, by=CONSOLE, now=NOW)
    assert devices.find(token, now=NOW) is None
    assert not devices.revoke(device_id, by=CONSOLE, now=NOW)


def test_a_device_expires(devices):
    _, token = issue(devices, expires_at=NOW + timedelta(days=1))
    assert devices.find(token, now=NOW + timedelta(hours=23)) is not None
    assert devices.find(token, now=NOW + timedelta(days=1)) is None


def test_a_device_of_someone_who_left_is_none(devices, district):
    _, token = issue(devices)
    with district.engine.begin() as connection:
        connection.execute(sa.update(officer).where(officer.c.officer_id == OFFICER).values(deleted_at=NOW))
    assert devices.find(token, now=NOW) is None


@pytest.mark.parametrize(("about", "message"), [
    ({"officer_id": "nobody"}, "officer_id must be that of one officer, got 'nobody', which 0 have"),
    ({"officer_id": "a\0b"}, "officer_id must be that of one officer, got a text with a zero sign"),
    ({"name": " \n"}, "name must be a text of 1 to 60 signs"),
    ({"crs": "epsg:1"}, "crs must be one of wgs84, gcj02, bd09; got 'epsg:1'"),
    ({"expires_at": NOW}, "expires_at must be after now"),
])
def test_what_cannot_be_is_refused(devices, about, message):
    with pytest.raises(DeviceError, match=message):
        issue(devices, **about)
    assert devices.listing() == []


def test_nobody_issues_a_device_outside_their_scope(devices):
    issuer = Viewer(account_id=None, name="sec", roles=frozenset({"security_admin"}),
                    scope=Scope(frozenset({"510108002"})))
    with pytest.raises(DeviceError, match="which 0 have"):
        issue(devices, issued_by=issuer)


def test_a_sign_of_life_is_kept_to_the_minute(devices):
    _, token = issue(devices)
    for seconds in (0, 30, 59):
        devices.find(token, now=NOW + timedelta(seconds=seconds))
        assert devices.listing()[0].seen_at == NOW
    devices.find(token, now=NOW + timedelta(seconds=60))
    assert devices.listing()[0].seen_at == NOW + timedelta(seconds=60)


def test_issue_and_revoke_are_on_record(devices, district):
    device_id, _ = issue(devices)
    devices.revoke(device_id, by=CONSOLE, now=NOW)
    rows = [row for row in Audit(district).listing() if row.object_kind == "device"]
    assert [(row.action, row.object_id) for row in rows] == [
        ("device_revoked", str(device_id)), ("device_issued", str(device_id))]
    assert rows[1].detail["officer_id"] == OFFICER


def test_the_command_line_issues_lists_and_revokes(district, devices, capsys):
    settings = Settings(database_url=district.url)

    def command(*arguments):
        status = app.run_command(COMMAND, arguments, settings, NOW)
        return status, capsys.readouterr()

    status, said = command("issue", OFFICER, "--name", "PDA 17", "--crs", "gcj02")
    token = said.out.split("token ")[1].split(";")[0]
    found = devices.find(token, now=NOW)
    assert (status, found.name, found.crs) == (0, "PDA 17", "gcj02")
    devices.note_refused(found.device_id, 3, "lon must be degrees")
    listed = json.loads(command("list", "--json")[1].out)
    assert [(one["device_id"], one["state"], one["refused"]) for one in listed] == [
        (found.device_id, "live", 3)]
    assert token not in str(listed)
    assert "refused 3, last: lon must be degrees" in command("list")[1].out
    assert command("revoke", str(found.device_id))[0] == 0
    assert devices.find(token, now=NOW) is None
    status, said = command("sensor", "smoke-1")
    assert (status, "got 'smoke-1', which 0 have" in said.err) == (2, True)
    with devices._store.engine.begin() as connection:
        connection.execute(sa.insert(resource).values(
            street_code=STREET, resource_id="smoke-1", kind="smoke", name="s"))
    status, said = command("sensor", "smoke-1", "--name", "Yard 3")
    assert (status, "POST /api/readings" in said.out) == (0, True)
    sensor = devices.find(said.out.split("token ")[1].split(";")[0], now=NOW)
    assert (sensor.kind, sensor.sends_for, sensor.name) == ("smoke", "smoke-1", "Yard 3")
    assert "Yard 3  smoke smoke-1" in command("list")[1].out
    assert command("revoke", str(found.device_id))[0] == 1
    status, said = command("issue", "nobody")
    assert status == 2
    assert "officer_id must be that of one officer" in said.err
    assert command("issue", OFFICER, "--days", "0")[0] == 2


def test_the_tokens_of_two_devices_differ(devices):
    assert issue(devices)[1] != issue(devices)[1]
    assert len(Devices(devices._store).listing()) == 2
