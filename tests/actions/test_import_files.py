"""Import: declarations are added to the cache; contradicting and unreadable ones are reported and skipped."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from jiacha_tui.actions.app_context import AppContext
from jiacha_tui.actions.detail import detail_view
from jiacha_tui.actions.import_files import ImportReport, import_paths
from jiacha_tui.actions.printing import draw_form
from jiacha_tui.actions.result_browser import ResultBrowser
from jiacha_tui.actions.session import Session
from jiacha_tui.declaration.declaration_row import Order
from jiacha_tui.declaration.model import Origin
from jiacha_tui.private_files import FileProblem
from tests.actions.conftest import show_view
from tests.port_home import open_session

ONE = """<RtxMessage><Dec>
  <DecHead><bgd_no>223320250000012345</bgd_no><lj_date>20250630</lj_date><ht_no>SPX-1</ht_no><cj_type>FOB</cj_type>
    <yf>0</yf><bf>0</bf><my_type>0110</my_type></DecHead>
  <DecLists><DecList><spxh>1</spxh><cmcode>8471300000</cmcode><cm_name>便携式自动数据处理机</cm_name><Yb_bz>USD</Yb_bz>
    <yb_amt>18234.00</yb_amt><Fd_unit>001</Fd_unit><Fd_qnt>12</Fd_qnt><No2_Fd_unit/><No2_Fd_qnt/>
    <Cj_unit>001</Cj_unit><Cj_qnt>12</Cj_qnt></DecList></DecLists>
</Dec></RtxMessage>"""
ENTRY_ID = "223320250000012345"


@pytest.fixture
async def offline(app_context: AppContext) -> AsyncIterator[Session]:
    session = await open_session(app_context, offline=True)
    yield session
    await session.close()


async def run(session: Session, *paths: Path) -> ImportReport:
    return await import_paths(session, paths, lambda _report: None)


def write_file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_an_imported_declaration_can_be_found_shown_and_previewed(
    offline: Session, tmp_path: Path, encoding: str
) -> None:
    report = await run(offline, write_file(tmp_path, "one.xml", ONE, encoding))
    assert (report.new, report.same, report.different, report.rejected) == (1, 0, 0, 0)
    view = await ResultBrowser(offline).show("税号:8471 2025-06", Order())
    assert view is not None
    assert [(line.entry_id, line.origin) for line in view.first] == [(ENTRY_ID, Origin.FILE)]
    detail = await detail_view(offline, ENTRY_ID)
    assert detail.missing is None
    assert detail.declaration.items[0].name == "便携式自动数据处理机"
    assert detail.declaration.items[0].unit == "台"
    assert detail.declaration.summary.usd_amount is None, "the files do not have it"
    pages = (await draw_form(offline, [ENTRY_ID], 80)).pages
    assert any("8471300000" in line for line in pages[0].lines)


async def test_tags_may_have_any_case_and_a_file_several_declarations(offline: Session, tmp_path: Path) -> None:
    two = ONE.replace("</Dec></RtxMessage>", "</Dec>") + ONE[len("<RtxMessage>") :].replace(
        ENTRY_ID, ENTRY_ID[:-1] + "6"
    )
    text = two.replace("bgd_no", "BGD_NO").replace("cmcode", "CmCode")
    assert (await run(offline, write_file(tmp_path, "two.xml", text))).new == 2


async def test_a_second_import_reports_same_and_different_declarations(offline: Session, tmp_path: Path) -> None:
    path = write_file(tmp_path, "one.xml", ONE)
    await run(offline, path)
    assert (await run(offline, path)).same == 1
    changed = await run(offline, write_file(tmp_path, "changed.xml", ONE.replace("18234.00", "99.00")))
    assert (changed.different, changed.named_different) == (1, (ENTRY_ID,))
    kept = offline.declarations.get(ENTRY_ID)
    assert kept is not None
    assert kept.items[0].total == Decimal("18234.00")


async def test_a_bad_declaration_is_reported_with_its_line_and_the_others_are_imported(
    offline: Session, tmp_path: Path
) -> None:
    bad = ONE.replace(ENTRY_ID, "22332025000001234X")
    text = bad.replace("</Dec></RtxMessage>", "</Dec>") + ONE[len("<RtxMessage>") :]
    report = await run(offline, write_file(tmp_path, "mixed.xml", text))
    assert (report.new, report.rejected) == (1, 1)
    assert report.named_rejected[0].line


async def test_files_of_other_kinds_are_rejected_one_by_one(offline: Session, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    write_file(folder, "a.xml", "not xml at all")
    write_file(folder, "b.xml", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><RtxMessage>&e;</RtxMessage>')
    write_file(folder, "c.XML", ONE)
    write_file(folder, "d.txt", "not imported")
    report = await run(offline, folder, tmp_path / "missing.xml")
    assert (report.files, report.new, report.rejected) == (4, 1, 3)
    assert {rejected.path.name for rejected in report.named_rejected} == {"a.xml", "b.xml", "missing.xml"}


async def test_a_declaration_of_the_port_is_not_overwritten_by_a_file(synced: Session, tmp_path: Path) -> None:
    entry_id = (await show_view(synced, "2026-06")).first[0].entry_id
    before = synced.declarations.get(entry_id)
    report = await run(synced, write_file(tmp_path, "one.xml", ONE.replace(ENTRY_ID, entry_id)))
    assert report.different == 1
    assert synced.declarations.get(entry_id) == before


async def test_the_last_progress_equals_the_report(offline: Session, tmp_path: Path) -> None:
    reports: list[ImportReport] = []
    report = await import_paths(offline, [write_file(tmp_path, "one.xml", ONE)], reports.append)
    assert reports == [report]


async def test_an_unreadable_folder_is_reported_before_anything_is_imported(offline: Session, tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        await run(offline, write_file(tmp_path, "one.xml", ONE), tmp_path / ("x" * 300))
    assert offline.declarations.count() == 0
