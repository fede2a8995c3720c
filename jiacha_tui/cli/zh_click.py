"""click with Chinese help and error messages instead of its English ones."""

from typing import Any

import click


class ZhCommand(click.Command):
    """A command with Chinese help."""

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
        _write_section(formatter, "选项", [record for option in options if (record := option.get_help_record(ctx))])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Unlike click, keeps the line breaks of the epilog."""
        if self.epilog:
            formatter.write_paragraph()
            formatter.write(self.epilog)


class ZhGroup(ZhCommand, click.Group):
    """A command with subcommands, which the help lists in the order in which they were added."""

    command_class = ZhCommand
    group_class = type

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subcommand_metavar = "[命令] …"

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        _write_section(
            formatter, "命令", [(name, command.get_short_help_str()) for name, command in self.commands.items()]
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def _write_section(formatter: click.HelpFormatter, heading: str, rows: list[tuple[str, str]]) -> None:
    formatter.write(f"\n{heading}：\n")
    with formatter.indentation():
        formatter.write_dl(rows)


class ZhIntRange(click.ParamType[int]):
    """An integer from `minimum` to `maximum`, both included."""

    name = "数"

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum, self.maximum = minimum, maximum

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(value)
        except ValueError:
            number = None
        if number is None or not self.minimum <= number <= self.maximum:
            self.fail(f"要 {self.minimum} 到 {self.maximum} 的整数，不是 {value!r}", param, ctx)
        return number


class ZhChoice(click.ParamType[str]):
    """One of the given words."""

    name = "词"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.words:
            self.fail(f"要 {'、'.join(self.words)} 之一，不是 {value!r}", param, ctx)
        return str(value)


def describe_usage_error(error: click.UsageError) -> str:
    """One Chinese sentence, without a full stop, that says what is wrong with the command line."""
    match error:
        case click.NoSuchOption(option_name=name):
            message = f"没有选项 {name}{_suggestion(error.possibilities)}"
        case click.NoSuchCommand(command_name=name):
            message = f"没有命令 {name}{_suggestion(error.possibilities)}"
        case click.BadOptionUsage(option_name=name):
            message = f"选项 {name} {'不带值' if 'not take' in error.message else '后面缺少值'}"
        case click.exceptions.NoArgsIsHelpError():
            message = "缺少命令"
        case click.MissingParameter(param=click.Argument() as argument):
            message = f"缺少 {argument.human_readable_name}"
        case click.BadParameter(param=click.Parameter() as parameter):
            message = f"{max(parameter.opts, key=len)}：{error.message}"
        case _:
            message = error.message
    return message


def _suggestion(possibilities: list[str] | None) -> str:
    return f"，是不是 {'、'.join(possibilities)}？" if possibilities else ""
