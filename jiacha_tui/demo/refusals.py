"""What the port says when it will not: response codes and texts.

Only 100 and 30001 were observed on the real wire; the other numbers are this port's own. Texts are the operator's
manual's where it has one.
"""

import enum
from typing import Final


class ResponseCode(enum.IntEnum):
    """`responseCode`."""

    DONE = 100
    SIGN_FIRST = 30001
    BAD_SIGNATURE = 30002
    SESSION_MISMATCH = 30003
    MALFORMED = 40001
    RULE_BROKEN = 40002
    NOT_FOUND = 40003
    NO_ROUTE = 40004
    CANNOT_ENCRYPT = 40005
    FAILED = 50000


class RequestRefused(Exception):
    """A request that the port does not serve."""

    def __init__(self, code: ResponseCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LoginStatus(enum.IntEnum):
    """The number in the login page's `status`."""

    FAULT = 0
    BLACKLISTED = 4
    ABNORMAL = 5
    EXPIRED_PAGE = 6


class LoginRefused(Exception):
    """A login that the port does not accept."""

    def __init__(self, status: LoginStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


CARD_ABNORMAL: Final = "卡信息异常，请尝试用证书延期方式更正!"
CARD_BLACKLISTED: Final = "该卡已被列入黑名单，请联系当地数据分中心"
CARD_EXPIRED: Final = "您的IC卡已过期!"
LOGIN_MALFORMED: Final = "登录请求不完整，请刷新页面后重新登录"
LOGIN_PAGE_USED: Final = "登录页面已失效，请重新登录"

NOT_JSON: Final = "请求报文格式不正确"
REQUEST_TOO_LARGE: Final = "请求报文过大"
NO_SUCH_ROUTE: Final = "请求的地址不存在"
SESSION_MISMATCH: Final = "会话校验失败，请重新登录"
BAD_SIGNATURE: Final = "签名校验未通过"
SIGN_FIRST: Final = "请对请求签名后重新提交"
BAD_NUMBER: Final = "请录入18位出口报关单号"
DATES_REQUIRED: Final = "出口日期为必填"
BAD_DATE: Final = "出口日期格式不正确"
DATES_REVERSED: Final = "出口日期的起始日期不能晚于截止日期"
QUERY_TOO_LONG: Final = "出口日期最长不能超过一个月"
DOWNLOAD_TOO_LONG: Final = "出口日期查询区间最长不能超过30天"
NOTHING_FOUND: Final = "未查询到符合条件的报关单数据"
NOT_YOURS: Final = "只支持报关单的境内收发货人查询，其他单位无查询权限"
STALE_ROW: Final = "报关单校验信息不正确，请重新查询"
BATCH_EMPTY: Final = "请选择报关单数据"
BATCH_TOO_LARGE: Final = "一次最多选择10条报关单数据"
DOWNLOAD_TOO_LARGE: Final = "您下载的报关单数据量过大，请调整查询区间后再试！"
CANNOT_ENCRYPT: Final = (
    "内置口岸在这台机器上不能为国密卡加密文件（没有 gmssl-pyx），没有生成文件；请换一张 RSA 卡练习下载"
)
FAILED: Final = "系统繁忙，请稍后再试"
RESENT: Final = "发送成功"


def too_many_items(count: int) -> str:
    return f"下载失败：您本次下载的{count}条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
