"""Why a file or an address could not be used, in plain words: the system says it in English."""

from __future__ import annotations

import errno
import socket

_WHY = {
    errno.ENOENT: "没有这个文件或者文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘只能读",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘的份额用完了",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOTDIR: "路径里有一段不是文件夹",
    errno.EEXIST: "已经有了",
    errno.ENAMETOOLONG: "名字太长",
    errno.EIO: "磁盘读写出错",
    errno.EADDRINUSE: "已经有程序在用",
    errno.EADDRNOTAVAIL: "这台机器没有这个地址",
}
_NO_SUCH_HOST = "没有这个地址"
_NO_UTF_8 = "里面不是 UTF-8 文字"


def why(error: Exception) -> str:
    """Return why, without the name of the file; in the words of the system where there are no others."""
    if isinstance(error, UnicodeDecodeError):
        return _NO_UTF_8
    if isinstance(error, socket.gaierror):
        return _NO_SUCH_HOST
    if isinstance(error, OSError):
        return _WHY.get(error.errno or 0) or error.strerror or str(error)
    return str(error)
