"""What the application keeps of what its screens say."""

from pathlib import Path

from jiacha_tui.actions.messages import Weight
from jiacha_tui.app import JiachaApp
from screens.commanded import Notice
from tests.workplaces import in_process


def test_what_matters_keeps_its_mark_in_the_message_log(tmp_path: Path) -> None:
    with in_process(tmp_path, 1) as workplace:
        app = JiachaApp(workplace)
        for weight in Weight:
            app.on_notice(Notice(weight.name, weight))
        assert {message.text: message.weight for message in workplace.messages.all()} == {
            weight.name: weight for weight in Weight
        }
