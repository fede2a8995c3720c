"""The commands of `jiacha`. Each imports what it needs when it runs, so that help and version appear at once."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

import jiacha_tui
from jiacha_tui.cli import dependencies, terminal_check, zh_click
from jiacha_tui.cli.problems import NoDemoCard
from jiacha_tui.loopback import is_loopback
from jiacha_tui.options import Options
from jiacha_tui.os_errors import describe

if TYPE_CHECKING:
    from jiacha_tui.demo.faults import PortFault

_EXIT_CODES = """\
退出码：
  0    完成
  1    有问题，屏幕上说明了原因和办法
  2    命令行写错了
  3    import 完成，但有文件或报关单未导入
  130  被 Ctrl+C 中断
"""

_HOME_HELP = "全部数据所在的文件夹；缺省为环境变量 JIACHA_HOME，再缺省为系统的用户数据文件夹"
_DOCTOR = "doctor"
"""The one command that also runs if packages are missing: it reports which."""

_PATH = click.Path(path_type=Path, readable=False)  # the code that reads the file reports why it cannot
_MAX_PORT = 65535


def _https(_ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if not _is_https(value):
        raise click.BadParameter(f"要 https:// 开头的地址，不是 {value!r}", param=parameter)
    return value


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return (
            parts.scheme == "https" and bool(parts.hostname) and parts.port != 0 and not (parts.query or parts.fragment)
        )
    except ValueError:  # a port out of range, a bracket without its pair, a full-width colon
        return False


def _file(_ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and not _test_path(value.is_file, parameter):
        raise click.BadParameter(f"没有文件 {str(value)!r}", param=parameter)
    return value


def _folder(_ctx: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    if value is not None and _test_path(value.exists, parameter) and not value.is_dir():
        raise click.BadParameter(f"{str(value)!r} 不是文件夹", param=parameter)
    return value


def _test_path(test: Callable[[], bool], parameter: click.Parameter) -> bool:
    """Raises click.BadParameter for a path that is too long, or inside a folder that this user may not enter."""
    try:
        return test()
    except OSError as error:
        raise click.BadParameter(f"{error.filename!r} 不能使用（{describe(error)}）", param=parameter) from error


def _listen_address(_ctx: click.Context, parameter: click.Parameter, value: str) -> tuple[str, int]:
    """`HOST:PORT` as a pair. The embedded servers know no users, so they may listen only on this machine."""
    host, separator, number = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not separator or not re.fullmatch("[0-9]{1,5}", number) or int(number) > _MAX_PORT:
        raise click.BadParameter(f"要 主机:端口 的形式，如 127.0.0.1:8443，不是 {value!r}", param=parameter)
    if not is_loopback(host):
        raise click.BadParameter(f"只在本机监听（127.0.0.1、::1 或 localhost），不是 {host!r}", param=parameter)
    return host, int(number)


def _faults(_ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> "tuple[PortFault, ...]":
    from jiacha_tui.demo.faults import PortFault  # noqa: PLC0415 - see the top of the module

    try:
        return tuple(PortFault.parse(text) for text in value)
    except ValueError as error:
        raise click.BadParameter(str(error), param=parameter) from None


class _PortCommand(zh_click.ZhCommand):
    """Lists the faults below its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from jiacha_tui.demo.faults import CallKind, FaultKind  # noqa: PLC0415 - see the top of the module

        lines = (
            "故障：+applied 表示先办理再出错，@ 后是调用，: 后是第几次，如 hang@list:2、redirect-login+applied@resend",
            f"  调用：{'、'.join(call.value for call in CallKind)}",
            *(f"  {kind.word:<20}{kind.meaning}" for kind in FaultKind),
            "",
        )
        self.epilog = "\n".join(lines)
        super().format_epilog(ctx, formatter)


_home_option = click.option("--home", metavar="DIR", type=_PATH, callback=_folder, help=_HOME_HELP)
_demo_option = click.option("--demo", is_flag=True, help="演示：使用程序内置的口岸和演示卡")


def _start_options(command: Callable[..., int]) -> Callable[..., int]:
    """Adds the options of `Options` to a command."""
    options = (
        _demo_option,
        click.option(
            "--port-url", metavar="URL", callback=_https, help="口岸的根地址，其下有 /cas/login 和 /rtxwebserver/"
        ),
        click.option("--ca", metavar="FILE", type=_PATH, callback=_file, help="口岸证书的 CA 文件（PEM）"),
        click.option("--offline", is_flag=True, help="离线浏览：只打开本机缓存，不连接口岸"),
        _home_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _checked(options: Options) -> Options:
    """Returns `options`. Raises click.UsageError if they contradict each other."""
    if options.demo and (options.port_url or options.ca):
        raise click.UsageError("--demo 使用内置口岸，不能与 --port-url、--ca 同用")
    return options


@click.group(
    cls=zh_click.ZhGroup,
    invoke_without_command=True,
    help="出口退税联网稽查终端程序：查询、下载、重发、打印出口报关单。不带命令时进入全屏界面。",
    epilog=_EXIT_CODES,
)
@_start_options
@click.version_option(jiacha_tui.__version__, message="jiacha %(version)s", help="显示版本")
@click.pass_context
def jiacha(
    ctx: click.Context, *, demo: bool, port_url: str | None, ca: Path | None, offline: bool, home: Path | None
) -> int:
    options = _checked(Options(home=home, demo=demo, port_url=port_url, ca=ca, offline=offline))
    ctx.obj = options
    if ctx.invoked_subcommand != _DOCTOR:
        dependencies.require_packages()
    if ctx.invoked_subcommand is not None:
        return 0
    _enter_terminal()
    from jiacha_tui.app import run  # noqa: PLC0415 - see the top of the module

    return run(options)


def _enter_terminal() -> None:
    terminal_check.require_terminal(os.environ)
    if terminal_check.locale_of(terminal_check.locale_name(os.environ)) is terminal_check.Locale.C:
        # `main` has printed a warning about the locale, which the full-screen program would hide at once.
        click.echo("Press Enter to go on, Ctrl+C to stop. ", nl=False, err=True)
        terminal_check.wait_for_enter()


@jiacha.command("import", short_help="导入已解密的报关单数据文件")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=_PATH)
@click.option("--card", "card_number", metavar="卡号", help="同时插着几张卡时，导入到哪一张的缓存")
@_demo_option
@_home_option
@click.pass_obj
def import_(
    options: Options, *, paths: tuple[Path, ...], card_number: str | None, demo: bool, home: Path | None
) -> int:
    """把已解密的 RtxMessage XML 文件（或文件夹中的 .xml 文件）导入卡的本机缓存，供离线浏览、筛选和预览。

    打开缓存要卡的密码：在终端里输入，不显示；没有终端时从标准输入读一行。
    """
    from jiacha_tui.cli.import_command import import_files  # noqa: PLC0415 - see the top of the module

    merged = replace(options, home=home or options.home, demo=demo or options.demo)
    return import_files(merged, paths, card_number)


@jiacha.command(cls=_PortCommand, short_help="运行内置口岸，供 --port-url 连接")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:8443",
    callback=_listen_address,
    help="监听的本机地址；端口 0 取一个空闲的。缺省 127.0.0.1:8443",
)
@click.option(
    "--declarations",
    metavar="N",
    type=zh_click.ZhIntRange(1, 10_000_000),
    default=2000,
    help="演示企业的报关单数，缺省 2000",
)
@click.option("--seed", metavar="N", type=zh_click.ZhIntRange(0, 2**63 - 1), default=1, help="数据的种子，缺省 1")
@click.option(
    "--fault",
    "faults",
    metavar="NAME[@CALL[:N]]",
    multiple=True,
    callback=_faults,
    help="让口岸出故障，可以多次；名称列在下面",
)
@click.option(
    "--script",
    type=zh_click.ZhChoice("plain", "obfuscated"),
    default="obfuscated",
    help="列表和详情的答复用哪种脚本解开：plain 2023 年以前的明文脚本、obfuscated 之后的混淆脚本。缺省 obfuscated",
)
@click.option(
    "--login-page",
    type=zh_click.ZhChoice("plain", "encrypted-pin"),
    default="plain",
    help="登录页面：plain 不加密密码、encrypted-pin 要求用页面的脚本加密。缺省 plain",
)
@_home_option
@click.pass_obj
def port(
    options: Options,
    *,
    listen: tuple[str, int],
    declarations: int,
    seed: int,
    faults: "tuple[PortFault, ...]",
    script: str,
    login_page: str,
    home: Path | None,
) -> int:
    """运行内置口岸（TLS，只在本机），开始服务时打印一行 ready URL CA文件。用 Ctrl+C 停止。

    演示卡在 --home 下的 demo/card.p12，密码 12345678。
    """
    from jiacha_tui.demo.envelope import ScriptShape  # noqa: PLC0415 - see the top of the module
    from jiacha_tui.demo.pin_script import LoginPageKind  # noqa: PLC0415 - see the top of the module
    from jiacha_tui.demo.serve import serve  # noqa: PLC0415 - see the top of the module
    from jiacha_tui.locations import resolve_locations  # noqa: PLC0415 - see the top of the module

    serve(
        resolve_locations(home or options.home, os.environ).home,
        *listen,
        declarations,
        seed,
        script=ScriptShape(script),
        login_page=LoginPageKind(login_page),
        faults=faults,
    )
    return 0


@jiacha.command("control-sim", short_help="运行客户端控件的模拟，供练习和测试")
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:61232",
    callback=_listen_address,
    help="监听的本机地址；端口 0 取一个空闲的。缺省 127.0.0.1:61232，与真的控件相同",
)
@click.option(
    "--insert",
    metavar="CARD",
    type=zh_click.ZhChoice("card", "other", "expired", "sm2", "none"),
    default="card",
    help="开始时插着的卡：card 演示卡、other 另一企业的、expired 过期的、sm2 国密卡、none 没有。缺省 card",
)
@click.option(
    "--card", "p12_path", metavar="FILE", type=_PATH, callback=_file, help="代替演示卡的 PKCS#12 文件，旁边要有 .pem"
)
@_home_option
@click.pass_obj
def control_sim(
    options: Options, listen: tuple[str, int], insert: str, p12_path: Path | None, home: Path | None
) -> int:
    """在本机模拟电子口岸客户端控件，开始服务时打印一行 ready URL。用 Ctrl+C 停止。

    卡的密码是 12345678。运行时可以从标准输入下命令（拔卡、换卡、出错），输入 help 列出。
    """
    from jiacha_tui.demo.control_sim.cards import CardKind  # noqa: PLC0415 - see the top of the module
    from jiacha_tui.demo.control_sim.serve import serve  # noqa: PLC0415 - see the top of the module
    from jiacha_tui.locations import resolve_locations  # noqa: PLC0415 - see the top of the module

    initial_card = None if insert == "none" else CardKind(insert)
    serve(
        resolve_locations(home or options.home, os.environ).home, *listen, initial_card=initial_card, p12_path=p12_path
    )
    return 0


@jiacha.group(short_help="演示卡：解锁")
def card() -> None:
    """演示卡。"""


@card.command(short_help="解锁演示卡")
@_home_option
@click.pass_obj
def reset(options: Options, *, home: Path | None) -> int:
    """解锁输错三次密码而锁住的演示卡；真的卡不能这样解锁。"""
    from jiacha_tui.card import softcard  # noqa: PLC0415 - see the top of the module
    from jiacha_tui.locations import resolve_locations  # noqa: PLC0415 - see the top of the module

    path = resolve_locations(home or options.home, os.environ).demo_card
    if not path.is_file():
        raise NoDemoCard(path, is_removed=softcard.certificate_path(path).is_file())
    softcard.unlock_card_file(path)
    click.echo("演示卡已解锁")
    return 0


@jiacha.command(_DOCTOR, short_help="检查运行所需的一切：终端、卡、缓存、口岸、打印")
@_start_options
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供脚本使用；格式见 docs/doctor-json.md")
@click.option("--deep", is_flag=True, help="把插着的卡的缓存从头到尾读一遍；要输入卡的密码，只试一次")
@click.pass_obj
def doctor(
    options: Options,
    *,
    demo: bool,
    port_url: str | None,
    ca: Path | None,
    offline: bool,
    home: Path | None,
    as_json: bool,
    deep: bool,
) -> int:
    """逐项检查运行所需的条件，每项注明正常、缺少或故障，以及怎么办。只看，不改动任何东西，不登录；只有 --deep 要密码。

    不能登录、查询、下载、重发和打印时，退出码是 1，否则是 0。
    """
    from jiacha_tui.cli.doctor.command import run_doctor  # noqa: PLC0415 - see the top of the module

    merged = Options(
        home=home or options.home,
        demo=demo or options.demo,
        port_url=port_url or options.port_url,
        ca=ca or options.ca,
        offline=offline or options.offline,
    )
    return run_doctor(_checked(merged), as_json=as_json, deep=deep)
