import json
import os
import subprocess
import sys

from db.phrases import phrases_file, shared_phrases

_READINGS_OF_CHARACTERS = 2_500


def test_the_phrases_are_those_of_pypinyin_and_share_their_readings() -> None:
    content = phrases_file().read_bytes()
    shared = shared_phrases(content)
    assert shared == json.loads(content)
    assert len({id(reading) for phrase in shared.values() for reading in phrase}) < _READINGS_OF_CHARACTERS


def test_it_reads_words_as_pypinyin_does(child_environment: dict[str, str]) -> None:
    """In two processes: a program has only one of the two dictionaries."""
    texts = ["重庆长安", "浦东机场", "北仑海关", "针织男式T恤衫", "一般贸易", "音乐快乐", "银行行长", "绿色不锈钢"]
    show = "print([list(seg.cut(t)) for t in T], [lazy_pinyin(t, style=Style.TONE3) for t in T])"
    plain = "from pypinyin import Style, lazy_pinyin; from pypinyin.contrib.mmseg import seg"
    ours = "from db.phrases import Style, lazy_pinyin, seg"
    outputs = [
        subprocess.run(
            [sys.executable, "-c", f"{imports}; T = {texts}; {show}"],
            env=child_environment,
            capture_output=True,
            check=True,
        ).stdout
        for imports in (plain, ours)
    ]
    assert outputs[0] == outputs[1]
    assert outputs[0]
    assert "PYPINYIN_NO_PHRASES" not in os.environ
