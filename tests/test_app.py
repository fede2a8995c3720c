"""The message log of the application."""

from pathlib import Path

from jiacha_tui.actions.messages import Severity
from jiacha_tui.app import JiachaApp
from screens.commands.notice import Notice
from tests.app_contexts import in_process


def test_the_message_log_keeps_the_severity_of_each_notice(tmp_path: Path) -> None:
    with in_process(tmp_path, 1) as app_context:
        app = JiachaApp(app_context)
        for severity in Severity:
            app.on_notice(Notice(severity.name, severity))
        assert {message.text: message.severity for message in app_context.messages.all()} == {
            severity.name: severity for severity in Severity
        }
