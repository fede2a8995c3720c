"""What the help says about the login screen."""

from screens.commands.help_sections import Section


def login_help(forwarding: str) -> Section:
    """The section of the help about the login screen.

    `forwarding` is the ssh command that forwards the client control, "" if that is not on this machine.
    """
    remote = (
        f"卡插在自己的电脑上时，用 {forwarding} 连到这台机器，再按 F5"
        if forwarding
        else "客户端控件在配置 [card] control_url 写的地址，不必转发"
    )
    return Section(
        "登录",
        (
            ("介质", "每一行是一个卡介质；▸ 是要用的那一张，光标在这一栏时用 ↑↓ 选"),
            ("插卡拔卡", "演示卡和读卡器里的卡自动认出；IC卡/Key 由客户端控件读，插卡换卡后按 F5 重新读卡"),
            ("远程登录", remote),
            ("密码", "8 位，只在登录期间交给卡，不显示、不保存。每按一次 Enter 只试一次；连续错误会锁卡"),
            ("协议", "登录前须勾选“已阅读并同意”：密码填好后按 Enter 到这一格，空格勾选，再按 Enter 登录；F4 看全文"),
            ("离线浏览", "连不上口岸时也能用卡和密码打开本机缓存，查看、筛选、预览和打印；不能同步、下载和重发"),
            ("原密码", "在别处换过卡的密码以后，有的介质要再输入一次更换前的密码，才打得开本机缓存"),
            ("缓存口令", "有的卡不能保管缓存的密钥，要另设一个口令，每次登录都输；也可以本次不留缓存"),
            (
                "另建缓存",
                "本机缓存打不开或用着出错时出现：旧的移到一旁，还能读的记录先存成文件，建一个空的，登录后重新同步",
            ),
            ("损坏前的状态", "只有本机缓存的日志损坏时出现：打开日志损坏以前的状态，损坏的日志保留"),
            ("先按 Enter", "没读到卡时按 Enter 也不会丢：读到卡就登录；有两张卡，或不是先前那张卡，就不登录"),
            ("Esc", "登录中取消登录"),
        ),
    )
