"""Files by hand: a photo is put to a case, a file of data is imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from app import create_app
from data.engine import Store
from data.ingest.command import import_file
from data.ingest.mapping import load_mapping
from data.readers import build_readers
from data.settings import Settings
from tests.browser.mapping import Address, browser_page, serving, until
from tests.data.uploads.pictures import parts, photo
from tests.signed_in import access_of, now, signed_in

pytestmark = pytest.mark.browser
SAMPLE = Path(__file__).parents[1] / "data" / "ingest" / "files" / "boston311_sample.csv.gz"


@pytest.fixture(scope="module")
def served(module_store: Store, tmp_path_factory: pytest.TempPathFactory):
    """The address of an application over the sample's cases, and the bundle behind it."""
    import_file(module_store, "cases", SAMPLE, now=now(), derive_cell_m=2000,
                mapping=load_mapping("boston311", "cases"))
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    readers, access = build_readers(module_store, settings), access_of(module_store)
    readers.snapshot.refresh()
    with serving(create_app(settings, readers=readers, access=access).server) as address:
        yield f"{address}/", access
    readers.snapshot.stop()


def opened(served, *roles, width=1920, height=1080):
    return browser_page(width, height, Address(served[0], signed_in(served[1], roles=roles)))


def test_a_photo_is_put_to_a_case_and_appears(served, module_store: Store, tmp_path: Path) -> None:
    case = module_store.arrow('SELECT case_no, lon, lat FROM "case" WHERE lon IS NOT NULL'
                              " ORDER BY case_no LIMIT 1").to_pylist()[0]
    gps = {1: "N", 2: parts(case["lat"] + 0.003), 3: "W", 4: parts(abs(case["lon"]))}
    (tmp_path / "现场.jpg").write_bytes(photo(width=1200, height=900, gps=gps))
    (tmp_path / "no.jpg").write_bytes(b"<svg onload=alert(1)>")
    with opened(served, "operator") as page:
        page.goto(f"{served[0]}?layers=areas&lang=en&sel=case:{case['case_no']}")
        until(page, "Boolean(document.querySelector('[data-act=add-photo]'))", what="the card takes photos")
        for name, expected in (("现场.jpg", "Added"), ("no.jpg", "Only JPEG, PNG or WebP photos")):
            with page.expect_file_chooser() as chooser:
                page.locator("[data-act=add-photo]").click()
            chooser.value.set_files(tmp_path / name)
            if expected == "Added":
                until(page, "[...document.querySelectorAll('.photos__picture')]"
                            ".some((img) => img.complete && img.naturalWidth === 1200)", what="the photo")
            else:
                told = "document.querySelector('[data-photo-state]').textContent"
                until(page, f"{told}.includes('{expected}')")
            if expected == "Added":
                until(page, "document.querySelector('[data-photo-state]').textContent === 'Added'")
        assert page.locator(".photos__one small").inner_text().endswith("330 m from the case's place")
        assert page.locator(".photos__picture").count() == 1
        assert [said for said in page.faults if "422" not in said] == []
    with opened(served, "planner") as page:
        page.goto(f"{served[0]}?layers=areas&lang=en&sel=case:{case['case_no']}")
        until(page, "Boolean(document.querySelector('.steps'))", what="the card is there")
        assert page.locator("[data-act=add-photo], .photos").count() == 0


def test_a_file_is_imported_and_accounted_for(served) -> None:
    with opened(served, "system_admin") as page:
        page.goto(f"{served[0]}system/import?lang=en")
        page.locator("[name=kind]").select_option("cases")
        page.locator("[name=mapping]").select_option("boston311")
        page.locator("[name=file]").set_input_files(SAMPLE)
        page.get_by_role("button", name="Start the import").click()
        page.locator(".sys__verdict--ok a").wait_for(timeout=120_000)
        page.locator(".sys__verdict--ok a").click()
        figures = dict(zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts(),
                           strict=True))
        counts = {name: int(value.replace(",", "")) for name, value in figures.items()}
        assert counts["Read"] == 1495
        assert counts["Read"] == (counts["Inserted"] + counts["Updated"] + counts["Unchanged"]
                                  + counts["Rejected"])
        with page.expect_download() as started:
            page.get_by_role("link", name="Download all (CSV)").click()
        assert started.value.path().read_text(encoding="utf-8-sig").startswith('"Row","Field"')
        assert page.faults == []


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_and_nothing_sticks_out(served, width: int, height: int, lang: str) -> None:
    with opened(served, "system_admin", width=width, height=height) as page:
        for path in ("system/import", "system/import/1"):
            page.goto(f"{served[0]}{path}?lang={lang}")
            faults = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            assert [(fault["id"], fault["nodes"][0]["html"][:160]) for fault in faults
                    if fault["impact"] in ("critical", "serious")] == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert page.faults == []
