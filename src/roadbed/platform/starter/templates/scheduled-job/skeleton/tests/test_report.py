from datetime import date

from report import report


def test_what_a_report_says():
    assert report(date(2026, 2, 2)) == "day,weekday\n2026-02-02,Monday\n"
