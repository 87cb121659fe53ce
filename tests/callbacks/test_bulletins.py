"""/bulletins over HTTP: drafted, signed, published; who may read what; files say what the screen says."""

from __future__ import annotations

import html
import io
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import openpyxl
import pypdf
import pytest
from docx import Document

from app import create_app
from data.access.scope import EVERYTHING, Scope
from data.bulletin.carrying import signature
from data.bulletin.mail_settings import MailServer
from data.bulletin.press import press_of
from data.bulletin.schedule import last_over
from data.demo.build import build
from data.engine import Store
from data.readers import build_readers
from data.settings import Settings
from tests.data.bulletin.posts import hook_server, mail_server
from tests.data.bulletin.sources import NOW, ZONE, sources_of
from tests.signed_in import access_of, client_of, now, signed_in

PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
PERIOD = "2019-04-H2"


@pytest.fixture(scope="module")
def own(module_store: Store) -> Any:
    """The application over a store of its own, for bulletins are written into it."""
    build("zhongshan", 7, None, module_store)
    readers = build_readers(module_store, Settings())
    readers.snapshot.refresh()
    access = access_of(module_store)
    yield create_app(Settings(), readers=readers, access=access), access
    readers.snapshot.stop()


@pytest.fixture(scope="module")
def leader(own: Any) -> Any:
    wall, access = own
    return _leader(wall, access)


def _leader(wall: Any, access: Any) -> Any:
    cookie = signed_in(access, roles=("leader",))
    return client_of(wall, cookie, access.sessions.find(cookie, now=now()).csrf)


def post(client: Any, path: str, **form: Any) -> Any:
    return client.post(path, data=form, headers=PAGE)


def page(client: Any, path: str = f"/bulletins/{PERIOD}", status: int = 200) -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == status, answer.text[:400]
    return html.unescape(answer.text)


def test_a_bulletin_goes_from_draft_to_files_that_say_what_the_screen_says(own: Any, leader: Any) -> None:
    wall, access = own
    planner = client_of(wall, signed_in(access, roles=("planner",)))
    assert post(leader, "/bulletins", period=PERIOD).status_code == 303
    page(planner, status=404)  # a draft is read by who may sign it
    edited = post(leader, f"/bulletins/{PERIOD}/edited", seen=1, problems="",
                  lead="汛期将至。\n<b>重点</b>看管网。", steps="逐件销号，电话 13812345678。")
    assert edited.status_code == 303
    text = page(leader)
    assert "逐件销号，电话 ****" in text
    assert "<b>重点</b>" not in leader.get(f"/bulletins/{PERIOD}", headers=PAGE).text
    assert post(leader, f"/bulletins/{PERIOD}/reviewed", seen=1).status_code == 409  # somebody wrote since
    for seen, act in ((2, "reviewed"), (3, "published")):
        assert post(leader, f"/bulletins/{PERIOD}/{act}", seen=seen).status_code == 303
    text = page(planner)
    assert "已签发" in text
    assert "name=\"lead\"" not in text
    streets = text.split('id="section-street"')[1].split("</section>")[0]
    rows = re.findall(r'<td class="doc__number">(\d+)</td><td>[\d–]+</td><td[^>]*>.{1,80}?</td>'
                      r'<td>([^<]+)</td><td class="doc__number">([\d.]+)</td>', streets)
    assert len(rows) >= 8
    closure = re.search(r"结案率（结案÷应结案）</dt><dd>([\d.]+%)", text)
    assert closure
    files = {form: planner.get(f"/export/bulletins/{PERIOD}/4.{form}?lang=zh")
             for form in ("pdf", "docx", "xlsx")}
    assert {answer.status_code for answer in files.values()} == {200}
    _same_word(files["docx"].data, rows, closure[1])
    _same_excel(files["xlsx"].data, rows)
    _same_pdf(files["pdf"].data, rows, closure[1])
    told = dict(re.findall(r"<dt>(\w+)_zh</dt><dd>(\w{64})</dd>", text))
    assert told == {form: sha256(answer.data).hexdigest() for form, answer in files.items()}
    since = re.search(r"自《2019年4月下半月通报》.*?又结案 ([\d,]+) 件，结案率由 ([\d.]+%) 到 ([\d.]+%)",
                      html.unescape(leader.get("/analytics", headers=PAGE).text))
    assert since
    assert since[2] == closure[1]
    assert int(since[1].replace(",", "")) > 0
    assert "通报》" not in leader.get("/analytics?areas=210202010", headers=PAGE).text
    again = {form: planner.get(f"/export/bulletins/{PERIOD}/4.{form}?lang=zh").data for form in files}
    assert again == {form: answer.data for form, answer in files.items()}


def _same_word(data: bytes, rows: Any, closure: str) -> None:
    found = Document(io.BytesIO(data))
    ranking = next(table for table in found.tables if table.rows[0].cells[0].text == "名次")
    assert [(row.cells[0].text, row.cells[3].text, row.cells[4].text) for row in ranking.rows[1:len(rows) + 1]
            ] == rows
    assert any(closure in cell.text for table in found.tables for row in table.rows for cell in row.cells)
    assert "逐件销号，电话 ****。" in [paragraph.text for paragraph in found.paragraphs]
    drawn = next(part for part in found.part.package.iter_parts() if part.content_type == "image/svg+xml")
    svg = drawn.blob.decode()
    assert svg.count("<path") == len(rows)
    assert svg.count("<rect") == 6  # the legend
    assert "svgBlip" in found.element.xml


def _same_excel(data: bytes, rows: Any) -> None:
    book = openpyxl.load_workbook(io.BytesIO(data))
    streets = next(page for page in book if page.title.endswith("街道考核"))
    found = [[cell.value for cell in row] for row in streets.iter_rows(min_row=2)]
    assert [(str(row[0]), row[3], f"{row[4]:.1f}") for row in found] == rows
    assert all(isinstance(row[7], float) and 0 <= row[7] <= 1 for row in found)
    assert len(streets._images) == 1
    communities = next(page for page in book if page.title.endswith("社区考核"))
    assert communities.max_row > 40  # all of them, where the pages show twenty


def _same_pdf(data: bytes, rows: Any, closure: str) -> None:
    found = pypdf.PdfReader(io.BytesIO(data))
    text = "\n".join(page.extract_text() for page in found.pages)
    assert closure in text
    assert all(name in text for _, name, _ in rows)
    fonts = [font for page in found.pages for font in page["/Resources"]["/Font"].values()]
    inner = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
             for font in fonts]
    assert inner
    assert all(one.get("/FontFile3") or one.get("/FontFile2") for one in inner)
    assert not [image for page in found.pages for image in page.images]  # the map is no picture
    assert found.metadata is not None
    assert found.metadata.title == "中山区城市治理半月通报"


def test_a_published_version_stays_while_its_correction_is_written(own: Any, leader: Any) -> None:
    wall, access = own
    planner = client_of(wall, signed_in(access, roles=("planner",)))
    before = planner.get(f"/export/bulletins/{PERIOD}/4.pdf?lang=zh").data
    assert post(leader, f"/bulletins/{PERIOD}/corrected", seen=4).status_code == 303
    assert post(leader, f"/bulletins/{PERIOD}/reckoned", seen=5).status_code == 303
    assert "第 6 版" in page(leader)
    text = page(planner)
    assert "第 4 版" in text
    assert "第 6 版" not in text
    assert planner.get(f"/export/bulletins/{PERIOD}/4.pdf?lang=zh").data == before
    assert planner.get(f"/export/bulletins/{PERIOD}/6.pdf").status_code == 404
    assert leader.get(f"/export/bulletins/{PERIOD}/4.pdf?lang=zh").data == before
    assert "旧版本" in page(leader, f"/bulletins/{PERIOD}?version=4")


@pytest.mark.parametrize("about", [
    {"roles": ("leader",), "scope": Scope(areas=frozenset({"210202010"}))},
    {"roles": ("leader",), "scope": Scope(areas=frozenset({"*"}), departments=frozenset({"urban_mgmt"}))}])
def test_who_sees_a_part_of_the_district_reads_and_signs_none(own: Any, about: Any) -> None:
    wall, access = own
    client = client_of(wall, signed_in(access, **about))
    for path in ("/bulletins", f"/bulletins/{PERIOD}", f"/export/bulletins/{PERIOD}/4.pdf"):
        assert client.get(path, headers=PAGE).status_code == 403
    assert about["scope"] != EVERYTHING


@pytest.mark.parametrize("path", ["/bulletins/2019-04", "/bulletins/soon", "/bulletins/1999-01-H1",
                                  "/bulletins/2019-13-H1", f"/export/bulletins/{PERIOD}/4.exe",
                                  f"/export/bulletins/{PERIOD}/99.pdf"])
def test_what_is_not_there_is_told(leader: Any, path: str) -> None:
    assert leader.get(path, headers=PAGE).status_code == 404


def test_of_a_period_that_cannot_be_made_none_is(leader: Any) -> None:
    answer = post(leader, "/bulletins", period="2031-01-H1")
    assert answer.status_code == 400
    assert post(leader, f"/bulletins/{PERIOD}/edited", seen="x").status_code == 400


def test_what_is_published_goes_to_who_subscribed(module_store: Store) -> None:
    with mail_server() as mails, hook_server() as hooks:
        host, _, port = mails.address.partition(":")
        settings = Settings(
            mail=MailServer(host=host, port=int(port), is_tls=False, sender="wall@zhongshan.example"),
            webhook_hosts=(hooks.address,), secret_key="kQ3vV9zW1xY7uT5sR2pN8mL4jH6gF0dC-aBeZiOqXw_")
        readers = build_readers(module_store, settings)
        readers.snapshot.refresh()
        access = access_of(module_store)
        wall = create_app(settings, readers=readers, access=access)
        leader = _leader(wall, access)
        for kind, target in (("email", "chief@zhongshan.example"), ("webhook", f"{hooks.address}/in")):
            path = "/bulletins/subscriptions"
            assert post(leader, path, kind=kind, target=target, lang="zh").status_code == 303
        elsewhere = post(leader, path, kind="webhook", target="http://169.254.169.254/", lang="zh")
        assert elsewhere.status_code == 400
        assert post(leader, "/bulletins", period="2019-05-H1").status_code == 303
        for seen, act in enumerate(("reviewed", "published"), 1):
            assert post(leader, f"/bulletins/2019-05-H1/{act}", seen=seen).status_code == 303
        wall.press.schedule.look()
        letter, = mails.mails()
        assert "中山区城市治理半月通报" in letter["Subject"]
        sent = {part.get_filename(): part.get_content() for part in letter.iter_attachments()}
        assert sent["bulletin-2019-05-H1-v3-zh.pdf"] == leader.get(
            "/export/bulletins/2019-05-H1/3.pdf?lang=zh").data
        (_, headers, body), = hooks.letters
        text = page(leader, path)
        key = re.search(r"<code[^>]*>(\w{64})</code>", text)
        assert key
        seconds, _, digest = headers["X-Bulletin-Signature"].removeprefix("t=").partition(",sha256=")
        assert digest == signature(key[1].encode(), seconds, body)
        assert text.count("2019-05-H1 已送达") == 2
        readers.snapshot.stop()


def test_drafts_are_made_by_themselves_once_a_half_month_is_over(module_store: Store) -> None:
    sources = sources_of(module_store)
    for moment, made in ((NOW - timedelta(days=20), "2019-04-H1"), (NOW, PERIOD)):
        press = press_of(module_store, sources, now=lambda moment=moment: moment, clock=lambda: NOW,
                         zone=ZONE)
        assert last_over(moment, ZONE).code == made
        press.schedule.look()
        held = len(press.kept.versions(made))
        press.schedule.look()  # there is one of that period
        assert len(press.kept.versions(made)) == held >= 1
    assert press.kept.versions("2019-04-H1")[0].by_name == ""
    assert last_over(datetime(2019, 5, 15, 16, tzinfo=UTC), ZONE).code == "2019-05-H1"  # midnight there
    assert last_over(datetime(2019, 5, 15, 15, 59, tzinfo=UTC), ZONE).code == PERIOD
    sources.readers.snapshot.stop()
