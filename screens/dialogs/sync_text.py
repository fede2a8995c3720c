"""Texts about a running sync, each in several lengths."""

from dataclasses import replace

from jiacha_tui.actions.sync_report import SyncProgress

_BAR = 10


def progress_forms(progress: SyncProgress, *, is_stalled: bool = False) -> tuple[str, ...]:
    """The progress of a sync for the status bar, the longest form first. A sync reads the lists before the details.

    While the port gives no response (`is_stalled`), neither the rate nor the estimate of the end is true.
    """
    if is_stalled:
        progress = replace(progress, rate_per_second=None, seconds_left=None)
    if progress.lists_done < progress.lists_total or not progress.details_total:
        return _list_forms(progress)
    return _detail_forms(progress)


def _list_forms(progress: SyncProgress) -> tuple[str, ...]:
    share = progress.lists_done / progress.lists_total if progress.lists_total else 0.0
    lists = f"{progress.lists_done}/{progress.lists_total}"
    name = progress.scope.value
    return (
        f"{name}清单 {_bar(share)} {lists} {progress.month} 已列 {progress.listed:,} 票",
        f"{name}清单 {lists} {progress.month} 已列 {progress.listed:,} 票",
        f"{name}清单 {lists} {progress.month}",
        f"同步 {lists}",
    )


def _detail_forms(progress: SyncProgress) -> tuple[str, ...]:
    share = min(1.0, progress.details_done / progress.details_total)
    percent = f"{share:.0%}"
    done = f"{progress.details_done:,}/{progress.details_total:,} 票"
    rate = f" 每秒 {progress.rate_per_second:,.0f} 票" if progress.rate_per_second is not None else ""
    left = f" 还需 {duration(progress.seconds_left)}" if progress.seconds_left is not None else ""
    name = progress.scope.value
    return (
        f"{name}详情 {_bar(share)} {percent} {done}{rate}{left}",
        f"{name}详情 {_bar(share)} {percent} {done}{left}",
        f"同步 {_bar(share)} {percent}{left}",
        f"同步 {percent}{left}",
        f"同步 {percent}",
    )


def duration(seconds: float) -> str:
    """A duration in Chinese: 12 秒, 3 分 05 秒 or 1 小时 20 分."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if not minutes:
        return f"{rest} 秒"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} 小时 {minutes:02} 分" if hours else f"{minutes} 分 {rest:02} 秒"


def _bar(share: float) -> str:
    full = int(share * _BAR)
    return "█" * full + "░" * (_BAR - full)
