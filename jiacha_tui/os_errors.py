"""Chinese texts for the errors of the operating system, whose own texts are English."""

import errno
from collections.abc import Mapping
from typing import Final

_TEXTS: Final[Mapping[int, str]] = {
    errno.EACCES: "没有权限",
    errno.EADDRINUSE: "已被别的程序占用",
    errno.EADDRNOTAVAIL: "不是本机的地址",
    errno.EBUSY: "正被使用",
    errno.ECONNREFUSED: "那里没有服务，或防火墙拒绝",
    errno.ECONNRESET: "连接被断开",
    errno.EHOSTUNREACH: "网络不通",
    errno.EINVAL: "名称或值无效",
    errno.EIO: "读写出错",
    errno.EISDIR: "是文件夹",
    errno.ELOOP: "链接成环",
    errno.EMFILE: "打开的文件太多",
    errno.ENAMETOOLONG: "名称太长",
    errno.ENETUNREACH: "网络不通",
    errno.ENOENT: "不存在",
    errno.ENOEXEC: "不是可执行的程序",
    errno.ENOLCK: "文件系统不支持锁",
    errno.ENOMEM: "内存不够",
    errno.ENOSPC: "磁盘已满",
    errno.ENOTDIR: "上一级不是文件夹",
    errno.ENOTEMPTY: "文件夹不是空的",
    errno.EOPNOTSUPP: "文件系统不支持这个操作",
    errno.EPERM: "不允许",
    errno.EROFS: "磁盘只读",
    errno.ETIMEDOUT: "超时",
    errno.EXDEV: "不在同一个磁盘",
}


def describe(error: OSError) -> str:
    """A few Chinese words without a full stop; for a rare error the text of the system."""
    return _TEXTS.get(error.errno or 0) or error.strerror or type(error).__name__
