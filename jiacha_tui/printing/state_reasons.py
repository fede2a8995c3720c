"""Translates the state reasons of printers and jobs to Chinese (RFC 8011 §5.3.8 and §5.4.12, and those of CUPS)."""

from collections.abc import Iterable

_REASONS = {
    "media-empty": "缺纸",
    "media-needed": "请放纸",
    "media-jam": "卡纸",
    "media-low": "纸将用完",
    "input-tray-missing": "没有纸盒",
    "output-area-full": "出纸盘已满",
    "output-area-almost-full": "出纸盘将满",
    "output-tray-missing": "没有出纸盘",
    "toner-empty": "碳粉用完",
    "toner-low": "碳粉将用完",
    "marker-supply-empty": "墨粉用完",
    "marker-supply-low": "墨粉将用完",
    "marker-waste-full": "废粉盒已满",
    "marker-waste-almost-full": "废粉盒将满",
    "developer-empty": "显影剂用完",
    "developer-low": "显影剂将用完",
    "opc-life-over": "硒鼓寿命已尽",
    "opc-near-eol": "硒鼓寿命将尽",
    "fuser-over-temp": "定影器过热",
    "fuser-under-temp": "定影器预热中",
    "cover-open": "盖板打开",
    "door-open": "机门打开",
    "interlock-open": "机盖未关好",
    "spool-area-full": "打印服务的磁盘已满",
    "offline": "打印机离线",
    "shutdown": "打印机已关机",
    "timed-out": "打印机没有响应",
    "connecting-to-device": "正在连接打印机",
    "paused": "打印机已暂停",
    "moving-to-paused": "打印机正在暂停",
    "stopping": "打印机正在停止",
    "stopped-partly": "打印机部分停止",
    "deactivated": "打印机已停用",
    "cups-missing-filter": "缺少打印过滤器",
    "cups-insecure-filter": "打印过滤器的权限不安全",
    "cups-remote-stopped": "远程打印机已停止",
    "cups-waiting-for-job-completed": "正在等待打印机完成",
    "hold-new-jobs": "新任务被挂起",
    "aborted-by-system": "被打印服务中止",
    "document-access": "读不到文件",
    "document-format": "打印机不认识文件格式",
    "document-unprintable": "文件无法打印",
    "unsupported-document-format": "打印机不认识文件格式",
    "job-canceled-by-operator": "被管理员取消",
    "job-canceled-by-user": "被用户取消",
    "job-canceled-at-device": "在打印机上被取消",
    "job-held-on-create": "任务被挂起",
    "printer-stopped": "打印机已停止",
    "resources-are-not-ready": "打印机未就绪",
    "other": "其他原因",
}
_NO_PROBLEM = frozenset(
    {
        "",
        "none",
        "job-completed-successfully",
        "job-incoming",
        "job-outgoing",
        "job-printing",
        "job-queued",
        "job-spooling",
        "job-transforming",
        "processing-to-stop-point",
    }
)
_SEVERITIES = ("-error", "-warning", "-report")


def translate_reasons(reasons: Iterable[str]) -> tuple[str, ...]:
    """Returns each reason once, whatever its severity. Unknown reasons stay as they are; normal states are left out."""
    return tuple(dict.fromkeys(_translate(reason) for reason in reasons if reason not in _NO_PROBLEM))


def _translate(reason: str) -> str:
    for severity in _SEVERITIES:
        reason = reason.removesuffix(severity)
    return _REASONS.get(reason, reason)
