"""An emergency from its publishing to its report: the page of tasks, and the frame of a wall that is open."""

import pytest

from data.settings import Settings
from tests.browser.mapping import browser_page, until, wall_over

pytestmark = pytest.mark.browser
READY = "Boolean(window.shell?.state.view && window.mapRoom?.state.drawn > 0 && shell.live.isStreaming())"
TASKS, FORCES = (f"document.querySelector('#wall-emergency-{part}')" for part in ("tasks", "forces"))
INKED = """(() => {
  const sheet = document.querySelector('.map-sheet--ground');
  const {data} = sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height);
  return data.some((value) => value > 0);
})()"""
FRAME = "document.querySelector('.page--wall').classList.contains('is-emergency')"


def test_a_round_reaches_the_open_wall_and_leaves_it(demo_store):
    with wall_over(demo_store, Settings()) as base, browser_page(1920, 1080, base) as wall:
        wall.goto(f"{base}?lang=zh&layers=areas")
        until(wall, READY)
        assert not wall.evaluate(FRAME)
        desk = wall.context.browser.new_context(storage_state=wall.context.storage_state()).new_page()
        desk.goto(f"{base}emergency?lang=zh")
        form = desk.locator("[data-publish=emergency]")
        form.locator("summary").click()
        form.locator("[name=title]").fill("龙王塘街道防汛")
        form.locator("[name=message]").fill("各社区上堤巡查")
        form.locator("[name=area][value='*']").check()
        desk.get_by_role("button", name="发布并转入应急").click()
        desk.locator("[data-emergency]").first.wait_for()

        until(wall, FRAME)
        assert wall.locator(".emergency__text").text_content() == "应急：龙王塘街道防汛"
        assert wall.locator("a.emergency__open").get_attribute("href") == "/emergency"
        usual = wall.evaluate("() => JSON.stringify(mapRoom.state.goal || mapRoom.state.camera)")
        wall.get_by_role("button", name="左右面板换成").click()
        until(wall, f"{TASKS}.querySelectorAll('.emergency__task').length > 3")
        until(wall, f"{FORCES}.querySelectorAll('.forces__one').length > 0")
        assert not wall.locator("[data-panel=kpis]").is_visible()
        assert "layout=emergency" in wall.url
        until(wall, f"JSON.stringify(mapRoom.state.goal || mapRoom.state.camera) !== {usual!r}")
        until(wall, INKED, what="the areas have a border")

        task = desk.locator("[data-emergency] tbody tr").first
        task.get_by_role("button", name="报名", exact=True).click()
        task.get_by_role("button", name="退出").wait_for()
        task.locator("[name=text]").fill("水位 2 米")
        task.get_by_role("button", name="上报").click()
        until(wall, f"{TASKS}.textContent.includes('1 / 20')")
        until(wall, f"{FORCES}.querySelector('.emergency__log')?.textContent.includes('水位 2 米')")

        wall.locator(".tools [data-act=publish]").click()
        form = wall.locator(".publish__form")
        form.get_by_role("button", name="发布并转入应急").click()
        until(wall, "document.querySelector('.publish__said').textContent.includes('区域')")
        form.get_by_label("标题").fill("港湾火灾")
        form.get_by_label("任务说明").fill("疏散")
        form.get_by_label("青泥洼桥街道").check()
        form.get_by_role("button", name="发布并转入应急").click()
        until(wall, f"{TASKS}.querySelector('h2').title === '港湾火灾'")
        assert not wall.locator(".publish").is_visible()
        assert [one.text_content() for one in wall.locator(".emergency__pick option").all()] == [
            "港湾火灾", "龙王塘街道防汛"]
        wall.locator(".emergency__acts summary").click()
        wall.get_by_role("button", name="确认转平并生成报告").click()
        wall.locator("[data-act=end]").wait_for()
        wall.goto(f"{base}?lang=zh&layers=areas&layout=emergency")
        until(wall, READY)
        until(wall, f"{TASKS}.querySelector('h2')?.title === '龙王塘街道防汛'")

        wall.locator(".emergency__acts summary").click()
        wall.get_by_role("button", name="确认转平并生成报告").click()
        wall.locator("[data-act=end]").wait_for()
        assert wall.locator("[data-act]").evaluate_all("rows => rows.map((row) => row.dataset.act)") == [
            "publish", "sign_up", "report", "end"]
        wall.go_back()
        until(wall, READY)
        until(wall, f"!{FRAME} && document.querySelector('.emergency').hidden")
        assert wall.locator("[data-panel=kpis]").is_visible()
        assert [fault for fault in wall.faults if "400" not in fault] == []
