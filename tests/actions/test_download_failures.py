"""Downloads at a port that refuses, over TLS sockets: several failures in a row stop the rest."""

from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from jiacha_tui.actions.download import DownloadReport, download_files
from jiacha_tui.actions.download_plan import plan_entries
from jiacha_tui.actions.failure_limit import MAX_EQUAL_FAILURES
from jiacha_tui.declaration.model import Summary
from jiacha_tui.demo.demo import Demo
from tests.faulty_port import always, faulty_port
from tests.port_home import open_session
from tests.recording_transport import DOWNLOAD

ENTRY_IDS = [f"22332026000001234{digit}" for digit in range(8)]


@pytest.mark.parametrize(
    ("response", "tried"),
    [
        (JSONResponse({"responseCode": 30001}), MAX_EQUAL_FAILURES),
        (JSONResponse({"responseCode": 700, "responseMsg": "无权下载"}), MAX_EQUAL_FAILURES),
        (Response(status_code=503), MAX_EQUAL_FAILURES),
        (Response(status_code=429, headers={"retry-after": "600"}), 1),
    ],
    ids=["signature", "refusal", "503", "pause"],
)
async def test_failures_in_a_row_stop_a_download_and_the_rest_can_be_tried_again(
    demo: Demo, home: Path, tmp_path: Path, response: Response, tried: int
) -> None:
    with faulty_port(demo, home) as (port, app_context):
        session = await open_session(app_context)
        session.declarations.merge_rows([Summary(entry_id=entry_id) for entry_id in ENTRY_IDS])
        port.faults[DOWNLOAD] = always(response)
        reports: list[DownloadReport] = []
        plan = await plan_entries(session, ENTRY_IDS)
        report = await download_files(session, plan, tmp_path / "files", reports.append)
        await session.close()
    assert len(report.failures) == tried
    assert port.signed[DOWNLOAD] <= tried
    assert len(report.remaining) == len(ENTRY_IDS)
    assert not report.files
