"""The pages of the system by hand: filter, verdict, export, a wall display from issue to revocation."""

import csv
import io

import pytest
from axe_playwright_python.sync_playwright import Axe

from app import create_app
from data.access.audit import Entry
from data.readers import build_readers
from data.settings import Settings
from tests.browser.mapping import Address, browser_page, serving, until
from tests.signed_in import access_of, an_account, now, signed_in

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"><svg onload=alert(3)>=1+1"
ROLES = ("auditor", "security_admin", "system_admin")
PAGES = (
    ("auditor", "system/audit"), ("auditor", "system/audit?from=soon"), ("security_admin", "system/screens"),
    ("security_admin", "system/rights"), ("security_admin", "system/rights/{account}"),
    ("system_admin", "system/accounts"),
)  # fmt: skip


@pytest.fixture(scope="module")
def office(demo_store):
    """The address of the application, and the bundle behind it."""
    settings = Settings()
    readers, access = build_readers(demo_store, settings), access_of(demo_store, settings)
    readers.snapshot.refresh()
    for number in range(120):
        access.audit.record(Entry(account_id=None, account_name=f"wang{number % 3}", address="10.0.0.1",
                                  action="person_opened", object_kind="officer", object_id=f"O{number}",
                                  reason=HOSTILE, detail={"said": HOSTILE}), now=now())
    with serving(create_app(settings, readers=readers, access=access).server) as address:
        yield f"{address}/", access
    readers.snapshot.stop()


@pytest.fixture(scope="module")
def cookies(office):
    return {role: signed_in(office[1], roles=[role]) for role in ROLES}


def opened(office, cookies, role, width=1920, height=1080):
    return browser_page(width, height, Address(office[0], cookies[role]))


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_and_nothing_runs_or_sticks_out(office, cookies, width, height, lang):
    account, _ = an_account(office[1], display_name=HOSTILE)
    found = {}
    for role in ROLES:
        with opened(office, cookies, role, width, height) as page:
            page.on("dialog", lambda dialog: found.setdefault("dialog", dialog.message) and dialog.dismiss())
            for path in [path for who, path in PAGES if who == role]:
                page.goto(office[0] + path.format(account=account.account_id)
                          + f"{'&' if '?' in path else '?'}lang={lang}")
                faults = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
                found[path] = [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in faults
                               if fault["impact"] in ("critical", "serious")]
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                found[f"{path} is wider by"] = max(0, wide)
            # a page that refuses a time answers 400, which the browser says aloud; a policy would say more
            found[f"{role} console"] = [said for said in page.faults if "400" not in said]
    assert {key: value for key, value in found.items() if value} == {}


def test_the_log_is_filtered_verified_and_taken_away_by_hand(office, cookies):
    with opened(office, cookies, "auditor") as page:
        page.goto(f"{office[0]}system/audit?lang=en")
        assert page.locator("tbody tr").count() == 100
        page.locator("[name=account]:visible").fill("wang1")
        page.locator("[name=action]:visible").select_option("person_opened")
        page.get_by_role("button", name="Show").click()
        until(page, "document.querySelectorAll('tbody tr').length === 40", what="40 of 120 rows are wang1's")
        assert page.locator("tbody td[data-name=Account]").all_text_contents() == ["wang1"] * 40
        with page.expect_download() as started:
            page.get_by_role("button", name="Export CSV").click()
        content = started.value.path().read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(content, newline="")))
        assert {row[2] for row in rows[1:]} == {"wang1"}
        assert len(rows) == 41
        page.get_by_role("button", name="Verify").click()
        assert page.locator(".sys__verdict--ok").count() == 1
        assert page.locator("[name=account]:visible").input_value() == "wang1"
        assert page.locator("tbody tr").count() == 40
        page.get_by_role("link", name="Clear").click()
        page.get_by_role("link", name="Older").click()
        assert "Page 2" in page.locator(".doc__pager").inner_text()
        assert page.faults == []


def test_a_wall_display_from_issue_to_revocation(office, cookies):
    with opened(office, cookies, "security_admin") as page:
        page.goto(f"{office[0]}system/screens?lang=en")
        if not page.get_by_label("Name", exact=True).is_visible():
            page.locator("summary").click()
        page.get_by_label("Name", exact=True).fill("Command hall")
        page.get_by_label("Whole district").check()
        page.get_by_role("button", name="Issue", exact=True).click()
        address = page.locator(".doc__secret").inner_text()
        page.goto(f"{office[0]}system/screens")
        assert page.locator(".doc__secret").count() == 0
        screen = page.context.browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        screen.goto(f"{address}?layers=areas")
        until(screen, "document.querySelectorAll('#wall-kpis .tile').length === 6")
        assert screen.url.startswith(f"{office[0]}?")
        assert "layers=areas" in screen.url
        ours = "form[action='/sign-out'], a[href^='/account'], a[href^='/system']"
        assert screen.locator(ours).count() == 0
        for path in ("account", "system/audit", "system/screens"):
            assert screen.goto(office[0] + path).status == 403
        page.get_by_role("button", name="Revoke “Command hall”").click()
        until(page, "document.querySelectorAll('.sys__state--off').length === 1")
        assert screen.goto(office[0]).url.startswith(f"{office[0]}sign-in")
        assert screen.request.get(f"{office[0]}api/status").status == 401
