"""What can go wrong between the client and the port.

| class | code | raised when |
|---|---|---|
| PortProblem | (its subclasses) | any of the following |
| PortUnreachable | port.unreachable | there is no connection; nothing was sent |
| ResponseLost | port.unreachable | the request was sent, but no complete response came |
| TlsFailed | port.tls | the port's certificate is not trusted, or TLS failed; nothing was sent |
| ServerError | port.server-fault | the port answered with HTTP 5xx |
| PortBusy | port.busy | the port answered with HTTP 429: too many requests |
| OutcomeUnknown | port.answer-unknown | a resend may have reached the port, but no response says that it succeeded |
| PortRefused | port.refused | the port understood the request and refused it |
| InvalidPortResponse | port.garbage | the response does not have the form that docs/port.md describes |
| ResponseTooLarge | port.garbage | the response is larger than the call allows |
| OtherDeclaration | port.garbage | a query by number was answered with another declaration |
| UnexpectedPage | port.garbage | an HTML page other than the login page came instead of a response |
| RedirectElsewhere | port.redirect | the login was led to an address that is not the port's |
| SessionEnded | port.session-ended | the port sent the login page, or `getSession` has no session |
| SessionsTooShort | port.sessions-too-short | the port ends each new session after a few calls |
| TooManyLogins | port.too-many-logins | the port has ended many sessions within ten minutes |
| LoginFailed | port.login-failed | the login page refused the login |
| PinEncryptionUnsupported | port.pin-encryption | the login page wants an encrypted PIN, no script of it encrypts |
| SessionCardMismatch | port.other-session | the port opened a session for another card |
| NotLoggedIn | port.not-logged-in | a call was made without a session |
| BadAddress | port.bad-address | a configured address is not https, or not an address |
| BadCaFile | port.bad-ca | the configured CA file is not a file of PEM certificates |
| BadProxy | port.bad-proxy | the configured proxy is not the address of an HTTP proxy |
| ScriptUnknown | port.script-unknown | the port's script has no known way to open responses |
| EngineUnavailable | port.script-engine | the engine that runs the port's script does not start on this machine |
| ScriptFailed | port.script | the port's own script cannot be run, or did not open a response |

UnknownAssumption (config.unknown-assumption) is in `assumptions`.

Messages are the official texts of the login page or of the port's response if one exists.
"""

import math
import re

from jiacha_tui.declaration.problem import Problem

_AFTER_A_REFUSAL = "请按服务器的说明处理；处理不了时请把这段话告诉口岸客服"
_AFTER_A_FAILED_LOGIN = "请核对卡和密码后再试；仍然如此请联系口岸客服"
_AFTER_AN_INVALID_RESPONSE = "请稍后重试；一直如此时可能是官网改版，请把这段话告诉程序的提供者"


_REQUEST = re.compile("请(?!求)")


def _unless_asked(message: str, hint: str) -> str:
    """`hint`, or "" if `message` itself asks for something."""
    return "" if _REQUEST.search(message) else hint


class PortProblem(Problem):
    """Base class of all failures of the port and of the connection to it."""


class PortUnreachable(PortProblem):
    """No response came. Unless it is a ResponseLost, nothing was sent."""

    def __init__(self, hint: str = "请检查网络后重试；已缓存的报关单可离线浏览") -> None:
        super().__init__("port.unreachable", "无法连接出口退税联网稽查系统", hint)


class ResponseLost(PortUnreachable):
    """The request was sent, but the connection failed or the time limit passed before the response was complete."""


class TlsFailed(PortProblem):
    """No TLS connection to a port with a trusted certificate is possible; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            "port.tls",
            "无法确认服务器身份或建立加密连接，已停止",
            "请检查本机日期和网络；使用自有证书时请在配置中指定 CA",
        )


class ServerError(PortProblem):
    """The port failed to handle the request (HTTP 5xx). Whether the request had an effect is unknown."""

    def __init__(self, http_status: int) -> None:
        super().__init__("port.server-fault", f"服务器暂时无法处理（HTTP {http_status}）", "请稍后重试")


class PortBusy(PortProblem):
    """The port refused the request because it gets too many (HTTP 429). Nothing was done.

    `retry_after` is the pause in seconds that the port asks for, or None.
    """

    def __init__(self, retry_after: float | None = None) -> None:
        pause = "几分钟" if retry_after is None else f"约 {math.ceil(retry_after)} 秒"
        super().__init__(
            "port.busy",
            "服务器请求过多，暂不接受新的请求（HTTP 429）",
            f"请等待{pause}后重试；期间可离线浏览已缓存的报关单",
        )
        self.retry_after = retry_after


class OutcomeUnknown(PortProblem):
    """A request that changes something has left, and no response says clearly that it succeeded.

    `received` is what came instead, in the port's words or ours; "" if nothing came.
    """

    def __init__(self, received: str = "") -> None:
        super().__init__(
            "port.answer-unknown",
            f"请求已发出，但不能确认是否成功；服务器的答复：{received}"
            if received
            else "请求已发出，但没有收到可以确认的答复，结果未知",
            "请先核实结果，不要立即重复操作",
        )
        self.received = received


class PortRefused(PortProblem):
    """The port understood the request and refused it.

    `response_code` is the port's code, or None if it gave none. `message` is the port's text. A text that asks for
    something itself needs no hint.
    """

    def __init__(self, response_code: int | None, message: str, hint: str = "") -> None:
        numbered = "" if response_code is None else f"（{response_code}）"
        message = message or f"服务器拒绝了请求{numbered}，没有说明原因"
        super().__init__("port.refused", message, hint or _unless_asked(message, _AFTER_A_REFUSAL))
        self.response_code = response_code


class InvalidPortResponse(PortProblem):
    """The response does not have a known form. `excerpt` is its beginning, safe to show on the screen."""

    def __init__(self, expected: str, excerpt: str = "", *, message: str = "") -> None:
        """`message` replaces the usual one."""
        received = f"；收到的是：{excerpt}" if excerpt else ""
        message = message or f"服务器的答复无法理解（应为{expected}）{received}"
        super().__init__("port.garbage", message, _AFTER_AN_INVALID_RESPONSE)
        self.excerpt = excerpt


class ResponseTooLarge(InvalidPortResponse):
    """The response has more than `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"不超过 {max_bytes // (1024 * 1024)} MiB 的答复")


class OtherDeclaration(InvalidPortResponse):
    """A query for the declaration `entry_id` was answered with `other` instead."""

    def __init__(self, entry_id: str, other: str) -> None:
        message = f"查询的是报关单 {entry_id}，服务器答复的却是另一票：{other}，没有收下"
        super().__init__(entry_id, other, message=message)


class UnexpectedPage(InvalidPortResponse):
    """An HTML page came instead of a response. It is not the login page, but the session may have ended."""

    def __init__(self, title: str) -> None:
        super().__init__("数据，而不是网页", title)


class RedirectElsewhere(PortProblem):
    """The login was led to an address of another origin than the two in the settings. `host` is safe to show."""

    def __init__(self, host: str) -> None:
        super().__init__(
            "port.redirect",
            f"登录被转到了不属于口岸的地址：{host or '（没有主机名）'}，已停止登录",
            "如果网络要求先认证上网，请先用浏览器打开任一网页；否则请核对配置 [port] 的 login_url 和 service_url",
        )


class SessionEnded(PortProblem):
    """The session has ended: the port sent its login page or no session information."""

    def __init__(self) -> None:
        super().__init__("port.session-ended", "登录已失效", "请重新登录")


class SessionsTooShort(PortProblem):
    """The port has ended the sessions of the last `logins` logins after a few calls each. There was no other login."""

    def __init__(self, logins: int) -> None:
        super().__init__(
            "port.sessions-too-short",
            f"重新登录了 {logins} 次，每次不久又失效，已停止登录",
            "请过十分钟再试；请核对是否有人在别处用这张卡登录；一直如此请联系口岸客服",
        )


class TooManyLogins(PortProblem):
    """The port has ended the sessions of the last `logins` logins, all within ten minutes. There was no other login."""

    def __init__(self, logins: int) -> None:
        super().__init__(
            "port.too-many-logins",
            f"口岸不断结束会话，十分钟内已重新登录 {logins} 次，已停止登录",
            "请过十分钟再接着做；请核对是否有人在别处用这张卡登录；一直如此请联系口岸客服",
        )


class LoginFailed(PortProblem):
    """The login page refused the login.

    `status` is the page's code, or None if it gave none. `hint` is the page's text if that differs from `message`,
    else ours, unless `message` itself asks for something.
    """

    def __init__(self, status: int | None, message: str, page_text: str = "") -> None:
        hint = page_text if page_text != message else ""
        super().__init__("port.login-failed", message, hint or _unless_asked(message, _AFTER_A_FAILED_LOGIN))
        self.status = status


class PinEncryptionUnsupported(PortProblem):
    """The login page wants an encrypted PIN, and no script of it encrypts. The login stopped; no PIN was sent."""

    def __init__(self) -> None:
        super().__init__(
            "port.pin-encryption",
            "登录页面要求加密提交密码，但页面的脚本没有提供可用的加密方法，已停止登录",
            "密码没有发出；可在配置 [port] 中去掉 send_pin 后重试，或使用官方网页登录",
        )


class SessionCardMismatch(PortProblem):
    """The port opened a session for a card other than the one that logged in."""

    def __init__(self) -> None:
        super().__init__("port.other-session", "服务器的会话不属于这张卡，已停止登录", "请换回登录时的卡后重新登录")


class NotLoggedIn(PortProblem):
    """A call was made before `log_in` or after `aclose`."""

    def __init__(self) -> None:
        super().__init__("port.not-logged-in", "尚未登录", "请先登录")


class BadAddress(PortProblem):
    """The address is not a valid https address, so no PIN and no session cookie may be sent to it."""

    def __init__(self, address: str) -> None:
        super().__init__("port.bad-address", f"地址不能使用：{address}", "请改正：地址须以 https:// 开头，且不含用户名")


class BadCaFile(PortProblem):
    """The file with the trusted CA certificates cannot be read as PEM certificates."""

    def __init__(self, path: object) -> None:
        super().__init__("port.bad-ca", f"CA 证书文件无法读取：{path}", "请检查配置中的 CA 证书路径")


class BadProxy(PortProblem):
    """The proxy of the configuration or of the environment cannot be used. Its address may hold a password."""

    def __init__(self) -> None:
        super().__init__(
            "port.bad-proxy",
            "代理服务器的地址不能使用",
            "请检查配置 [port] 的 proxy 或环境变量 https_proxy，应为 http://用户名:密码@主机:端口",
        )


class ScriptUnknown(PortProblem):
    """The script that the port served cannot be read and does not define the function that opens responses."""

    def __init__(self) -> None:
        super().__init__(
            "port.script-unknown",
            "服务器的菜单脚本里没有解开答复的办法，无法读取报关单",
            "请核对配置 [port] 的 service_url 和 [port.assumptions] 的 script_path；官网改版时请告诉程序的提供者",
        )


class EngineUnavailable(PortProblem):
    """The engine that runs the port's script does not start on this machine, whatever the script."""

    def __init__(self) -> None:
        super().__init__(
            "port.script-engine",
            "本机不能运行服务器的脚本，无法读取报关单：脚本引擎没有启动",
            "请检查本机的内存，以及 ulimit -v 是否限制了程序的地址空间（应为 unlimited）",
        )


class ScriptFailed(PortProblem):
    """The port's own script did not do what answers need. `kind` says how, never with a text of the script."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            "port.script",
            "服务器提供的脚本不能用来解开答复",
            "请稍后重试；服务器换了新的做法时，请把这个代码告诉程序的提供者",
        )
        self.kind = kind
