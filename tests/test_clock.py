from datetime import UTC, datetime, timedelta

from jiacha_tui.clock import local_now, utc_now


def test_both_clocks_show_the_same_moment_with_a_time_zone() -> None:
    before = datetime.now(UTC)
    moments = utc_now(), local_now()
    assert all(before <= moment <= datetime.now(UTC) for moment in moments)
    assert utc_now().utcoffset() == timedelta(0)
    assert local_now().utcoffset() == datetime.now().astimezone().utcoffset()
