"""The settings of the port client. Command line options take precedence over the configuration."""

from dataclasses import replace

from jiacha_tui.config import Config
from jiacha_tui.eport.assumptions import Assumptions
from jiacha_tui.eport.settings import PortSettings
from jiacha_tui.options import Options


def port_settings(options: Options, config: Config) -> PortSettings:
    """Raises UnknownAssumption if the configuration overrides an assumption that does not exist."""
    ca_file = options.ca or config.port.ca
    if options.port_url is not None:
        settings = PortSettings.under_root(options.port_url, ca_file)
    else:
        settings = PortSettings(login_url=config.port.login_url, service_url=config.port.service_url, ca_file=ca_file)
    return replace(
        settings,
        send_pin=config.port.send_pin,
        proxy=config.port.proxy,
        user_agent=config.port.user_agent or settings.user_agent,
        login_page_service=config.port.login_page_service,
        assumptions=Assumptions.with_overrides(config.port.assumptions),
    )
