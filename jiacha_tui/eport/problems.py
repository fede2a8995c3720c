"""What can go wrong with the port. Official texts are those of the login page and of the port's own answers."""

from jiacha_tui.declaration.problem import Problem


class PortProblem(Problem):
    """Any failure of the port or of the way to it."""


class PortUnreachable(PortProblem):
    """No answer: no connection, a cut line, or longer than the settings allow."""

    def __init__(self, hint: str = "请检查网络后重试；已缓存的报关单可离线浏览") -> None:
        super().__init__("port.unreachable", "无法连接出口退税联网稽查系统", hint)


class ResponseLost(PortUnreachable):
    """The request went out, but the line was cut, or patience ended, before the whole answer was here."""


class TlsFailed(PortProblem):
    """There is no encrypted connection to a port that is to be trusted; nothing was sent."""

    def __init__(self) -> None:
        super().__init__(
            "port.tls",
            "无法确认服务器身份或建立加密连接，已停止",
            "请检查本机日期和网络；使用自有证书时请在配置中指定 CA",
        )


class ServerError(PortProblem):
    """The port failed at the request (HTTP 5xx); what it did until then is not known."""

    def __init__(self, http_status: int) -> None:
        super().__init__("port.server-fault", f"服务器暂时无法处理（HTTP {http_status}）", "请稍后重试")


class OutcomeUnknown(PortProblem):
    """A request that changes something may have reached the port, but its answer did not reach us."""

    def __init__(self) -> None:
        super().__init__(
            "port.answer-unknown", "请求已发出，但没有收到可以确认的答复，结果未知", "请先核实结果，不要立即重复操作"
        )


class PortRefused(PortProblem):
    """The port understood and refused. `response_code` is its code, None where it gave none; `message` its own text."""

    def __init__(self, response_code: int | None, message: str) -> None:
        numbered = "" if response_code is None else f"（{response_code}）"
        super().__init__("port.refused", message or f"服务器拒绝了请求{numbered}")
        self.response_code = response_code


class InvalidPortResponse(PortProblem):
    """The port answered what the wire does not know. `excerpt` shows a little of it, made safe to show."""

    def __init__(self, expected: str, excerpt: str = "") -> None:
        shown = f"；收到的是：{excerpt}" if excerpt else ""
        super().__init__("port.garbage", f"服务器的答复无法理解（应为{expected}）{shown}", "请稍后重试")
        self.excerpt = excerpt


class SessionEnded(PortProblem):
    """The port answered with its login page: the session is over."""

    def __init__(self) -> None:
        super().__init__("port.session-ended", "登录已失效", "请重新登录")


class LoginFailed(PortProblem):
    """The login page refused. `status` is its number, None where it gave none; its own words, if any, are in `hint`."""

    def __init__(self, status: int | None, text: str, words: str = "") -> None:
        super().__init__("port.login-failed", text, words if words != text else "")
        self.status = status


class PinEncryptionUnsupported(PortProblem):
    """The login page asks for an SM2-encrypted PIN, whose format is not published; the login was broken off."""

    def __init__(self) -> None:
        super().__init__(
            "port.pin-encryption",
            "登录页面要求以国密加密方式提交密码，本程序尚不支持，已停止登录",
            "密码没有发出，请使用官方网页登录",
        )


class SessionCardMismatch(PortProblem):
    """The port opened a session for another card than the one that logged in."""

    def __init__(self) -> None:
        super().__init__("port.other-session", "服务器的会话不属于这张卡，已停止登录", "请换回登录时的卡后重新登录")


class NotLoggedIn(PortProblem):
    """A call was made before `log_in`, or after the session was let go."""

    def __init__(self) -> None:
        super().__init__("port.not-logged-in", "尚未登录", "请先登录")


class BadAddress(PortProblem):
    """An address that a PIN and a session must not be sent to: not https, or no address at all."""

    def __init__(self, address: str) -> None:
        super().__init__("port.bad-address", f"地址不能使用：{address}", "地址须以 https:// 开头，且不含用户名")


class BadCaFile(PortProblem):
    """The file with the authorities to trust cannot be read as PEM certificates."""

    def __init__(self, path: object) -> None:
        super().__init__("port.bad-ca", f"CA 证书文件无法读取：{path}", "请检查配置中的 CA 证书路径")
