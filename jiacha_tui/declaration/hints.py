"""The manual's advice (2.1.1 小提示): 1 and 2 where nothing is found, 3 and 4 for wrong data, each in one line."""

from datetime import datetime

from jiacha_tui.declaration.formatting import format_date
from jiacha_tui.declaration.model import Declaration
from jiacha_tui.declaration.text_limits import CUT_MARK

WHERE_TO_LOOK_UP = (
    "报关单状态可在“掌上单一窗口”APP 或“掌上海关”APP 的“报关单状态查询”中查看，"
    "也可在“单一窗口”官网的“公共查询”-“报关单状态”中查看。"
)
"""From 小提示 1: where the state of any declaration can be looked up."""

NOT_FOUND = (
    "未查询到报关单。所查询的报关单必须已结关，且只支持境内收发货人查询；"
    f"如未结关，请结关后次日再查询；已结关且长时间未查询到，请联系申报地海关处理。{WHERE_TO_LOOK_UP}"
)
"""From 小提示 1 and 2."""

_AMENDMENT_NOT_ARRIVED = "如做过改单：海关重传数据尚未传到电子口岸，请于重传后次日查询"
_NOT_LISTED = "口岸的清单里已没有这一票：可能已删单，或改成了另一个报关单号；请向申报地海关或报关行核实"
_TAX_BUREAU = "仅税务局有误：请当地税务局向总局查询；总局也有误再重发，3-5个工作日后再问"


def hints(declaration: Declaration) -> tuple[str, ...]:
    """What is to be known of one declaration: outdated copies, the clerk's marks, what was not kept, 小提示 3 and 4.

    小提示 3 depends on 数据传输状态 (新增 or 修改). It names the 申报地海关 if the cache has the detail.
    """
    marks = ("，".join(declaration.marks.texts),) if declaration.marks.texts else ()
    return (*outdated_texts(declaration), *marks, *_not_kept(declaration), *_manual_hints(declaration))


def outdated_texts(declaration: Declaration) -> tuple[str, ...]:
    """What must not be used any more, because the port has changed the data since: the file, the print."""
    file, print_ = declaration.file_outdated_at, declaration.print_outdated_at
    return (
        *([f"下载后口岸数据有变（{_day(file)} 发现）：旧文件不要用于申报，请重新下载"] if file is not None else []),
        *([f"打印后口岸数据有变（{_day(print_)} 发现）：旧打印作废，请重新打印"] if print_ is not None else []),
    )


def _day(time: datetime) -> str:
    return format_date(time.astimezone())


def _not_kept(declaration: Declaration) -> tuple[str, ...]:
    if count := declaration.items_left_out:
        return (f"表体不全：口岸另有 {count:,} 项没有收下，商品、合计和本程序绘制的单据都缺；请以口岸的打印为准",)
    return (f"有的栏目太长，没有收全，末尾标 {CUT_MARK}；请以口岸的打印为准",) if declaration.is_cut else ()


def _manual_hints(declaration: Declaration) -> tuple[str, ...]:
    if declaration.delisted_at is not None:
        return (_NOT_LISTED,)
    state = declaration.summary.transfer_state
    if "修改" in state:
        return (_amendment_arrived(declaration), _TAX_BUREAU)
    if "新增" in state:
        return (_AMENDMENT_NOT_ARRIVED, _TAX_BUREAU)
    return (_TAX_BUREAU,)


def _amendment_arrived(declaration: Declaration) -> str:
    customs = declaration.head.declaration_customs if declaration.head else ""
    office = f"申报地海关（{customs}）" if customs else "申报地海关"
    return f"修改数据已传到电子口岸；若仍不正确，请联系{office}处理"
