"""click speaks English; what an operator reads of it is said here in Chinese."""

from typing import Any, NoReturn

import click


class ZhCommand(click.Command):
    """A command whose help is Chinese."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options_metavar = "[选项]"

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        return ["-h", "--help"]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示这段帮助"
        return option

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = (parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option))
        _write_section(formatter, "选项", [record for one in options if (record := one.get_help_record(ctx))])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As written: lines of an epilog are not joined."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write(self.epilog)


class ZhGroup(ZhCommand, click.Group):
    """A command with commands under it, shown in the order in which they were added."""

    command_class = ZhCommand
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subcommand_metavar = "[命令] …"

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        _write_section(formatter, "命令", [(name, one.get_short_help_str()) for name, one in self.commands.items()])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def _write_section(formatter: click.HelpFormatter, heading: str, rows: list[tuple[str, str]]) -> None:
    formatter.write(f"\n{heading}：\n")
    with formatter.indentation():
        formatter.write_dl(rows)


class ZhIntRange(click.ParamType[int]):
    """A whole number from `least` to `most`."""

    name = "数"

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            number = None
        if number is None or not self.least <= number <= self.most:
            self.fail(f"要 {self.least} 到 {self.most} 的整数，不是 {value!r}", param, ctx)
        return number


class ZhChoice(click.ParamType[str]):
    """One of these words."""

    name = "词"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.words:
            self.fail(f"要 {'、'.join(self.words)} 之一，不是 {value!r}", param, ctx)
        return str(value)


def refuse(message: str) -> NoReturn:
    """Ends the reading of a command line that cannot be meant."""
    raise click.UsageError(message)


def explain(error: click.UsageError) -> str:
    """The error of a wrong command line in one Chinese sentence, without its full stop."""
    match error:
        case click.NoSuchOption(option_name=name):
            said = f"没有选项 {name}{_perhaps(error.possibilities)}"
        case click.NoSuchCommand(command_name=name):
            said = f"没有命令 {name}{_perhaps(error.possibilities)}"
        case click.BadOptionUsage(option_name=name):
            said = f"选项 {name} {'不带值' if 'not take' in error.message else '后面缺少值'}"
        case click.exceptions.NoArgsIsHelpError():
            said = "缺少命令"
        case click.MissingParameter(param=click.Argument() as argument):
            said = f"缺少 {argument.human_readable_name}"
        case click.BadParameter(param=click.Parameter() as parameter):
            said = f"{max(parameter.opts, key=len)}：{error.message}"
        case _:
            said = error.message
    return said


def _perhaps(possibilities: list[str] | None) -> str:
    return f"，是不是 {'、'.join(possibilities)}？" if possibilities else ""
