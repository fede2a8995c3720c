"""How the port refuses requests and logins: codes and texts.

`RequestRefused` carries the `responseCode` of a response. Only 100 and 30001 were observed on the real wire; the other
numbers are this port's own.

| code  | name               | when                                                                       |
| ----- | ------------------ | -------------------------------------------------------------------------- |
| 100   | `DONE`             | the request was served                                                     |
| 30001 | `SIGN_FIRST`       | the request must be signed and is not                                      |
| 30002 | `BAD_SIGNATURE`    | the signature is not that of the session's card over this request          |
| 30003 | `SESSION_MISMATCH` | the header `rdtime` is not that of the session                             |
| 40001 | `MALFORMED`        | the body is too large or not what the call takes, or the row token is wrong |
| 40002 | `RULE_BROKEN`      | a rule of the manual (`rules`) forbids it                                  |
| 40003 | `NOT_FOUND`        | there is no such declaration of the session's company                      |
| 40004 | `NO_ROUTE`         | the address does not exist                                                 |
| 40005 | `CANNOT_ENCRYPT`   | this machine cannot encrypt a download for the card                        |
| 50000 | `FAILED`           | a defect of this port                                                      |

`LoginRefused` carries the number in the `status` of the login page.

| status | name                | when                                                                                  |
| ------ | ------------------- | ------------------------------------------------------------------------------------- |
| 0      | `FAULT`             | a field of the login form is missing                                                  |
| 4      | `BLACKLISTED`       | the card is blacklisted                                                               |
| 5      | `ABNORMAL`          | the card is unknown, revoked, expired, from another issuer, or its signature is wrong |
| 6      | `EXPIRED_PAGE`      | the login page has expired, was answered before, or went to another browser           |
| 7      | `PIN_NOT_ENCRYPTED` | the page wants the PIN encrypted, and it came in clear or without `sgm` 1             |
| 8      | `WRONG_PIN`         | the encrypted PIN is not that of the demo cards                                       |

0 and 4 to 6 were observed; 7 and 8 are this port's own.

The texts are those of the operator's manual if it has one.
"""

import enum
from typing import Final


class ResponseCode(enum.IntEnum):
    """`responseCode`; see the head of this module."""

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
    """The port does not serve a request."""

    def __init__(self, code: ResponseCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LoginStatus(enum.IntEnum):
    """The number in the `status` of the login page; see the head of this module."""

    FAULT = 0
    BLACKLISTED = 4
    ABNORMAL = 5
    EXPIRED_PAGE = 6
    PIN_NOT_ENCRYPTED = 7
    WRONG_PIN = 8


class LoginRefused(Exception):
    """The port does not accept a login."""

    def __init__(self, status: LoginStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


CARD_ABNORMAL: Final = "卡信息异常，请尝试用证书延期方式更正!"
CARD_BLACKLISTED: Final = "该卡已被列入黑名单，请联系当地数据分中心"
CARD_EXPIRED: Final = "您的IC卡已过期!"
LOGIN_MALFORMED: Final = "登录请求不完整，请刷新页面后重新登录"
LOGIN_PAGE_USED: Final = "登录页面已失效，请重新登录"
PIN_NOT_ENCRYPTED: Final = "密码没有按页面的要求加密提交"
WRONG_PIN: Final = "IC卡/Key密码校验未通过"

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
    """The text for a download of `count` items (manual 2.1.2)."""
    return f"下载失败：您本次下载的{count}条数据，超过了 1000 条的下载上限，请重新设置查询条件进行下载，缩小查询范围"
