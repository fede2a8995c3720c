"""What the manual advises where data is wrong (2.1.1 小提示 3 and 4), shortened to one line each."""

from jiacha_tui.declaration.model import Declaration

_NOT_YET_RESENT = "如做过改单：海关重传数据尚未传到电子口岸，请于重传后次日查询"
_TAX_BUREAU = "仅税务局有误：请当地税务局向总局查询；总局也有误再重发，3-5个工作日后再问"


def hints(declaration: Declaration) -> tuple[str, ...]:
    """小提示 3, which depends on 数据传输状态 and names the 申报地海关 where it is known, then 小提示 4."""
    state = declaration.summary.transfer_state
    if "修改" in state:
        return (_amended(declaration), _TAX_BUREAU)
    if "新增" in state:
        return (_NOT_YET_RESENT, _TAX_BUREAU)
    return (_TAX_BUREAU,)


def _amended(declaration: Declaration) -> str:
    customs = declaration.head.declaration_customs if declaration.head else ""
    office = f"申报地海关（{customs}）" if customs else "申报地海关"
    return f"修改数据已传到电子口岸；若仍不正确，请联系{office}处理"
