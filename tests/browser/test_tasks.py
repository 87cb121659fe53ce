"""An officer's telephone: a task comes by itself, is taken and told about; what is being written stays."""

import pytest

from data.access.scope import Scope
from data.settings import Settings
from tests.browser.mapping import Address, browser_page, until, wall_over
from tests.signed_in import access_of, now, signed_in

pytestmark = pytest.mark.browser
STREET = "210202003"


def test_a_task_reaches_the_telephone_and_goes(demo_store):
    access = access_of(demo_store)
    cookie = signed_in(access, roles=("officer",), scope=Scope(frozenset({STREET})))
    name = access.sessions.find(cookie, now=now()).viewer.name
    with wall_over(demo_store, Settings()) as base, browser_page(390, 844, Address(base, cookie)) as phone:
        phone.goto(f"{base}tasks?lang=zh")
        until(phone, "document.querySelector('.tasks__line').textContent.startsWith('实时')")
        assert phone.locator("[data-task]").count() == 0
        desk = phone.context.browser.new_context().new_page()
        desk.context.add_cookies([{"name": one["name"], "value": base.cookie, "url": base}
                                  for one in phone.context.cookies() if one["value"] == cookie])
        desk.goto(f"{base}emergency?lang=zh")
        form = desk.locator("[data-publish=emergency]")
        form.locator("summary").click()
        form.locator("[name=title]").fill("沿河巡查")
        form.locator("[name=message]").fill("每两小时上报水位")
        form.locator(f"[name=person][value='{name}']").check()
        form.locator(f"[name=area][value='{STREET}']").check()
        desk.get_by_role("button", name="发布并转入应急").click()
        desk.locator("[data-emergency]").first.wait_for()

        phone.locator("[data-task].is-new").wait_for()
        phone.locator("[name=text]").fill("水位 1 米")
        task = desk.locator("[data-emergency] tbody tr").first
        task.locator("[name=member]").fill("李雷")
        task.get_by_role("button", name="代报").click()
        desk.get_by_text("李雷").first.wait_for()
        until(phone, "document.querySelector('.task__fill').textContent.includes('1 / 20')")
        assert phone.locator("[name=text]").input_value() == "水位 1 米"
        phone.get_by_role("button", name="上报").click()
        phone.get_by_text("水位 1 米").wait_for()
        phone.get_by_role("button", name="我要报名").click()
        phone.get_by_text("您已报名").wait_for()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390

        desk.get_by_role("button", name="转平：结束应急").first.click()
        phone.get_by_text("目前没有召集您的任务").wait_for()
        phone.locator("[data-past] a").wait_for()
        assert phone.faults == []
