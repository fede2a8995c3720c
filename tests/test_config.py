"""The configuration file: defaults, valid values, and errors with their line."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiacha_tui import config_errors
from jiacha_tui.config import MAX_CONFIG_BYTES, Config, load_config
from jiacha_tui.config_errors import BadToml, ConfigProblem, ConfigUnreadable, UnknownKey, WrongValue
from tests.problem_tables import defined_codes, documented_codes

ALL_KEYS = """
[port]
login_url = "https://port.example/cas/login"
service_url = "https://port.example:8443/rtxwebserver/"
ca = "ca.pem"
send_pin = true

[port.assumptions]
download_path = "sw/rtx/billDownload/other"

[card]
control_url = "ws://[::1]:61232"
allow_remote_control = true
control_check_seconds = 0

[filing]
foreign_trade_url = "https://filing.example/#/trade"
manufacturer_url = "https://filing.example/#/manufacturer"

[downloads]
folder = "~/refunds"

[session]
lock_minutes = 5

[sync]
at_login = false
months = 60

[print]
printer = "二楼打印机"

[terminal]
changes_only = false
ambiguous_width = 2
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load_error(file: Path, text: str) -> ConfigProblem:
    """The problem that a file with this text raises."""
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigProblem) as problem:
        load_config(file)
    assert str(file) in problem.value.message
    return problem.value


def test_a_missing_file_gives_the_official_defaults(file: Path) -> None:
    config = load_config(file)
    assert config == Config()
    assert config.port.login_url == "https://app.singlewindow.cn/cas/login"
    assert config.port.service_url == "https://i.chinaport.gov.cn/rtxwebserver/"
    assert config.port.send_pin is False
    assert config.port.ca is None
    assert config.port.assumptions == {}
    assert config.card.control_url == "ws://127.0.0.1:61232"
    assert config.card.allow_remote_control is False
    assert config.card.control_check_seconds == 3
    assert config.filing.foreign_trade_url == config.filing.manufacturer_url == "https://e.chinaport.gov.cn/"
    assert config.downloads.folder is None
    assert config.session.lock_minutes == 15
    assert config.sync.at_login is True
    assert config.sync.months == 18
    assert config.printing.printer == ""


@pytest.mark.parametrize("text", ["", "\n# a comment\n", "[port]\n", "\ufeff[session]\nlock_minutes = 15\r\n"])
def test_a_file_without_other_values_gives_the_defaults(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="")
    assert load_config(file) == Config()


def test_every_key_can_be_set(file: Path, tmp_path: Path) -> None:
    file.write_text(ALL_KEYS, encoding="utf-8")
    config = load_config(file)
    assert config.port.login_url == "https://port.example/cas/login"
    assert config.port.service_url == "https://port.example:8443/rtxwebserver/"
    assert config.port.ca == tmp_path / "ca.pem"
    assert config.port.send_pin is True
    assert config.port.assumptions == {"download_path": "sw/rtx/billDownload/other"}
    assert config.filing.foreign_trade_url == "https://filing.example/#/trade"
    assert config.filing.manufacturer_url == "https://filing.example/#/manufacturer"
    assert config.card.control_url == "ws://[::1]:61232"
    assert config.card.allow_remote_control is True
    assert config.card.control_check_seconds == 0
    assert config.downloads.folder == tmp_path / "machine" / "refunds"
    assert config.session.lock_minutes == 5
    assert config.sync.at_login is False
    assert config.sync.months == 60
    assert not config.terminal.changes_only
    assert config.terminal.ambiguous_width == 2
    assert config.printing.printer == "二楼打印机"


def test_a_file_that_others_can_read_is_accepted(file: Path) -> None:
    file.write_text(ALL_KEYS, encoding="utf-8")
    file.chmod(0o644)
    assert load_config(file).session.lock_minutes == 5


@pytest.mark.parametrize(
    ("text", "line", "key", "nearest"),
    [
        ("[port]\nsendpin = true\n", 2, "port.sendpin", "port.send_pin"),
        ("[port]\n\n# the PIN\nsend-pin = true\n", 4, "port.send-pin", "port.send_pin"),
        ("[port]\nca = 'a'\n[prot]\nca = 'b'\n", 3, "prot", "port"),
        ("[card]\ncheck_seconds = 5\n", 2, "card.check_seconds", "card.control_check_seconds"),
        ("[session]\nlock_minute = 5\n", 2, "session.lock_minute", "session.lock_minutes"),
        ("lock_minutes = 5\n", 1, "lock_minutes", "session.lock_minutes"),
        ("port.logn_url = 'https://a.example'\n", 1, "port.logn_url", "port.login_url"),
        ("[session]\nlock_minutes = 1\n[print]\nfolder = '/tmp'\n", 4, "print.folder", "downloads.folder"),
        ("[printing]\nprinter = 'a'\n", 1, "printing", "print"),
        ("[session]\nxyzzy = 5\n", 2, "session.xyzzy", ""),
    ],
)
def test_an_unknown_key_is_reported_with_its_line_and_the_nearest_key(
    file: Path, text: str, line: int, key: str, nearest: str
) -> None:
    problem = load_error(file, text)
    assert isinstance(problem, UnknownKey)
    assert problem.code == "config.unknown-key"
    assert (problem.line, problem.key, problem.nearest) == (line, key, nearest)
    assert f"第 {line} 行" in problem.message
    assert key in problem.message
    assert nearest in problem.hint


def test_the_valid_keys_are_listed_where_none_is_similar(file: Path) -> None:
    assert load_error(file, "[filing]\nxyzzy = 5\n").hint == "有效项：foreign_trade_url、manufacturer_url"


@pytest.mark.parametrize(
    ("text", "line", "key", "expected"),
    [
        ("[port]\nsend_pin = 'yes'\n", 2, "port.send_pin", "应为：true 或 false"),
        ("[port]\nsend_pin = 1\n", 2, "port.send_pin", "应为：true 或 false"),
        ("[session]\nlock_minutes = '15'\n", 2, "session.lock_minutes", "应为：1 至 720 的整数（分钟）"),
        ("[session]\nlock_minutes = 15.5\n", 2, "session.lock_minutes", "应为：1 至 720 的整数（分钟）"),
        ("[session]\nlock_minutes = true\n", 2, "session.lock_minutes", "应为：1 至 720 的整数（分钟）"),
        ("[session]\nlock_minutes = 0\n", 2, "session.lock_minutes", "应为：1 至 720 的整数（分钟）"),
        ("[session]\nlock_minutes = 721\n", 2, "session.lock_minutes", "应为：1 至 720 的整数（分钟）"),
        ("[sync]\nmonths = 0\n", 2, "sync.months", "应为：1 至 60 的整数（月）"),
        ("[sync]\nmonths = 61\n", 2, "sync.months", "应为：1 至 60 的整数（月）"),
        ("[sync]\nat_login = 1\n", 2, "sync.at_login", "应为：true 或 false"),
        ("[terminal]\nambiguous_width = 3\n", 2, "terminal.ambiguous_width", '应为：1、2 或 "ask"（询问终端）'),
        ("[terminal]\nambiguous_width = '2'\n", 2, "terminal.ambiguous_width", '应为：1、2 或 "ask"（询问终端）'),
        (
            "[card]\ncontrol_check_seconds = -1\n",
            2,
            "card.control_check_seconds",
            "应为：0 至 60 的整数（秒），0 为不查",
        ),
        ("[card]\ncontrol_check_seconds = 61\n", 2, "card.control_check_seconds", "应为：0 至 60 的整数（秒）"),
        ("[card]\ncontrol_check_seconds = false\n", 2, "card.control_check_seconds", "应为：0 至 60 的整数（秒）"),
        ("[downloads]\nfolder = ''\n", 2, "downloads.folder", "应为：引号里的路径"),
        ("[downloads]\nfolder = 3\n", 2, "downloads.folder", "应为：引号里的路径"),
        ('[downloads]\nfolder = "a\\u0000b"\n', 2, "downloads.folder", "应为：引号里的路径"),
        ("[downloads]\nfolder = '~nobody-of-that-name/x'\n", 2, "downloads.folder", "应为：引号里的路径"),
        ("[print]\nprinter = 2025-06-01\n", 2, "print.printer", "应为：引号里的文字"),
        ("port = 3\n", 1, "port", "应为：以 [port] 开头的一组设置"),
        ("[[session]]\nlock_minutes = 3\n", 1, "session", "应为：以 [session] 开头的一组设置"),
        ("[port]\nassumptions = 'x'\n", 2, "port.assumptions", '应为：一组 名称 = "文字"'),
        ("[port.assumptions]\na = 'x'\nb = 3\n", 3, "port.assumptions.b", "应为：引号里的文字"),
        ("[port]\nassumptions = {a = 'x', b = 3}\n", 2, "port.assumptions.b", "应为：引号里的文字"),
        ("x = '''\n[port]\nca = 3\n'''\n", 1, "x", "有效项"),
        ("[port]\nca = '''\na\n'''\nsend_pin = [\n  true,\n]\n", 5, "port.send_pin", "应为：true 或 false"),
    ],
)
def test_a_wrong_value_is_reported_with_its_line_and_what_it_must_be(
    file: Path, text: str, line: int, key: str, expected: str
) -> None:
    problem = load_error(file, text)
    assert (problem.line, problem.key) == (line, key)
    assert expected in problem.hint


@pytest.mark.parametrize(
    "address",
    [
        "http://port.example/",
        "port.example",
        "https://",
        "https:///cas",
        "https://user:secret@port.example/",
        "https://port.example/a b",
        "https://port.example/\\u001b[31m",
        "https://port.example/\\n",
        "javascript:alert(1)//https://port.example/",
        " https://port.example/",
    ],
)
def test_an_address_must_be_https_without_user_and_control_characters(file: Path, address: str) -> None:
    problem = load_error(file, f'[port]\nlogin_url = "{address}"\n')
    assert isinstance(problem, WrongValue)
    assert (problem.line, problem.key) == (2, "port.login_url")


@pytest.mark.parametrize(
    "address", ["https://a", "https://a.example:8443", "https://[::1]:1/x?y=z#w", "https://e.chinaport.gov.cn/#"]
)
def test_an_address_may_have_a_port_a_path_a_query_and_a_fragment(file: Path, address: str) -> None:
    file.write_text(f'[filing]\nmanufacturer_url = "{address}"\n', encoding="utf-8")
    assert load_config(file).filing.manufacturer_url == address


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:61232", "127.0.0.1:61232", "ws://", "ws://user@127.0.0.1", "ws://a b", "ws://a/\\u001b"],
)
def test_the_address_of_the_control_must_be_a_websocket_address(file: Path, address: str) -> None:
    problem = load_error(file, f'[card]\ncontrol_url = "{address}"\n')
    assert (problem.line, problem.key) == (2, "card.control_url")
    assert "ws://" in problem.hint


def test_the_message_does_not_repeat_the_value(file: Path) -> None:
    """It could be a PIN that was written into the wrong place."""
    problem = load_error(file, '[port]\nsend_pin = "12345678"\n')
    assert "12345678" not in f"{problem}{problem.message}{problem.hint}{problem.__cause__}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[port\n", 1),
        ("[port]\nca = \n", 2),
        ("[port]\n\n\nca = 'a\n", 4),
        ("[port]\nca = 'a'\nca = 'b'\n", 3),
        ("[port]\nca = '''a", 2),
        ("a = [\n", 1),
    ],
)
def test_invalid_toml_is_reported_with_its_line(file: Path, text: str, line: int) -> None:
    problem = load_error(file, text)
    assert isinstance(problem, BadToml)
    assert problem.code == "config.bad-toml"
    assert problem.line == line


def test_an_encoding_other_than_utf8_is_reported_with_its_line(file: Path) -> None:
    file.write_bytes("[print]\nprinter = '二楼'\n".encode("gb18030"))
    with pytest.raises(BadToml) as problem:
        load_config(file)
    assert problem.value.line == 2
    assert "UTF-8" in problem.value.message


def test_a_folder_in_place_of_the_file_is_unreadable(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigUnreadable):
        load_config(file)


def test_a_file_that_is_too_large_is_unreadable(file: Path) -> None:
    file.write_text("#" * (MAX_CONFIG_BYTES + 1), encoding="utf-8")
    with pytest.raises(ConfigUnreadable):
        load_config(file)


def test_control_characters_in_a_message_are_escaped(file: Path) -> None:
    problem = load_error(file, '"\\u001b[31m" = 1\n')
    assert "\x1b" not in problem.message + problem.hint
    assert "␛[31m" in problem.message


def test_the_module_documents_every_problem_with_its_code() -> None:
    assert documented_codes(config_errors) == defined_codes(config_errors)


KEYS = st.sampled_from(["port", "session", "print", "lock_minutes", "ca", "assumptions", "login_url", "other"])
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-5, 20), st.sampled_from(["", "x", "https://a.example"])),
    lambda inner: st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_any_file_is_valid_or_has_an_error_in_an_existing_line(file: Path, tables: dict[str, object]) -> None:
    text = "".join(f"{key} = {_inline(value)}\n" for key, value in tables.items())
    file.write_text(text, encoding="utf-8")
    problem = _load_problem(file)
    if problem is not None:
        assert isinstance(problem, (UnknownKey, WrongValue))
        assert problem.line is not None
        assert text.split("\n")[problem.line - 1].startswith(problem.key.split(".")[0])


def _load_problem(file: Path) -> ConfigProblem | None:
    try:
        load_config(file)
    except ConfigProblem as problem:
        return problem
    return None


def _inline(value: object) -> str:
    """A value as TOML writes it in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_inline(inner)}" for key, inner in value.items()) + "}"
    return msgspec.json.encode(value).decode()
