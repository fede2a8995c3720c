import pytest

from jiacha_tui.declaration.codes import CodeTable, code_of, name_of
from tests.code_tables import read_code_table


@pytest.mark.parametrize(
    ("table", "code", "name"),
    [
        (CodeTable.CUSTOMS, "2248", "洋山港区"),
        (CodeTable.COUNTRY, "USA", "美国"),
        (CodeTable.CURRENCY, "USD", "美元"),
        (CodeTable.UNIT, "001", "台"),
        (CodeTable.TRADE_MODE, "0110", "一般贸易"),
        (CodeTable.TRADE_MODE, "9810", "跨境电商出口海外仓"),
        (CodeTable.CUT_MODE, "101", "一般征税"),
        (CodeTable.DUTY_MODE, "1", "照章征税"),
        (CodeTable.TRAF_MODE, "2", "水路运输"),
        (CodeTable.TRANS_MODE, "3", "FOB"),
        (CodeTable.WRAP_TYPE, "22", "纸制或纤维板制盒/箱"),
        (CodeTable.FEE_MARK, "3", "总价"),
        (CodeTable.PORT, "DEU063", "汉堡（德国）"),
        (CodeTable.DISTRICT, "31222", "上海浦东新区"),
    ],
)
def test_code_and_name_convert_both_ways(table: CodeTable, code: str, name: str) -> None:
    assert name_of(table, code) == name
    assert code_of(table, name) == code


@pytest.mark.parametrize(
    ("table", "code", "present_name", "former_name"),
    [
        (CodeTable.COUNTRY, "HKG", "中国香港", "香港"),
        (CodeTable.COUNTRY, "MAC", "中国澳门", "澳门"),
        (CodeTable.COUNTRY, "TWN", "中国台湾", "台湾"),
        (CodeTable.COUNTRY, "MKD", "北马其顿", "马其顿"),
        (CodeTable.PORT, "MKD000", "北马其顿", "马其顿"),
    ],
)
def test_a_renamed_code_has_its_present_name_and_is_found_by_both_names(
    table: CodeTable, code: str, present_name: str, former_name: str
) -> None:
    assert name_of(table, code) == present_name
    assert code_of(table, present_name) == code_of(table, former_name) == code


def test_a_name_of_several_codes_has_no_code() -> None:
    assert sum(name == "圣约翰（加拿大）" for name in read_code_table(CodeTable.PORT).values()) > 1
    assert code_of(CodeTable.PORT, "圣约翰（加拿大）") is None


@pytest.mark.parametrize("table", CodeTable)
def test_an_unknown_code_or_name_gives_none(table: CodeTable) -> None:
    assert name_of(table, "") is None
    assert name_of(table, "no such code") is None
    assert code_of(table, "") is None
    assert code_of(table, "没有这个名称") is None


@pytest.mark.parametrize("table", CodeTable)
def test_every_code_has_a_name_and_every_unique_name_gives_its_code(table: CodeTable) -> None:
    entries = read_code_table(table)
    assert entries
    for code, name in entries.items():
        assert code == code.strip()
        assert name_of(table, code) == name
        assert name
        assert name == name.strip()
        assert code_of(table, name) in (code, None)
    unique = [name for name in entries.values() if list(entries.values()).count(name) == 1]
    assert all(code_of(table, name) is not None for name in unique[:50])
