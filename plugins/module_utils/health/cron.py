# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a cron schedule was last due (pure). The grammar is that of CronJobs: five fields, names, steps, macros.

https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
"""

from __future__ import annotations

import datetime
import zoneinfo

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
# A schedule such as 29 February comes round in eight years at most.
LONGEST_DAYS = 8 * 366


class BadSchedule(ValueError):
    """One sentence: what of the schedule cannot be read."""


def latest_before(schedule: str, zone: str, now: datetime.datetime) -> datetime.datetime | None:
    """The last moment in UTC at or before now when it was due; None for never. Raises BadSchedule."""
    minutes, hours, days, months, weekdays = (sorted(field, reverse=True) for field in fields_of(schedule))
    try:
        place = zoneinfo.ZoneInfo(zone or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise BadSchedule(f"{zone!r} is no time zone") from None
    local = now.astimezone(place)
    either = _either(schedule)
    for back in range(LONGEST_DAYS):
        date = local.date() - datetime.timedelta(days=back)
        on_day, on_weekday = date.day in days, date.isoweekday() % 7 in weekdays
        if date.month not in months or not (on_day or on_weekday if either else on_day and on_weekday):
            continue
        for hour in hours:
            for minute in minutes:
                moment = datetime.datetime(date.year, date.month, date.day, hour, minute, tzinfo=place)
                if moment <= local:
                    return moment.astimezone(datetime.UTC)
    return None


def _either(schedule: str) -> bool:
    """Cron's oddity: with both days given, either is enough."""
    fields = MACROS.get(schedule.strip(), schedule).split()
    return not fields[2].startswith(("*", "?")) and not fields[4].startswith(("*", "?"))


def fields_of(schedule: str) -> tuple[set[int], ...]:
    """Minutes, hours, days, months and weekdays (Sunday is 0) of a schedule. Raises BadSchedule."""
    written = MACROS.get(schedule.strip(), schedule).split()
    if len(written) != len(FIELDS):
        raise BadSchedule(f"{schedule!r} has {len(written)} fields: five are needed")
    minutes, hours, days, months, weekdays = (
        _values(text, *field) for text, field in zip(written, FIELDS, strict=True)
    )
    return minutes, hours, days, months, {day % 7 for day in weekdays}


def _values(text: str, name: str, least: int, most: int) -> set[int]:
    values: set[int] = set()
    for part in text.lower().split(","):
        span, _slash, step = part.partition("/")
        first, _dash, last = span.partition("-")
        try:
            every = int(step) if step else 1
            if first in ("*", "?"):
                begin, end = least, most
            else:
                begin = _number(first, name)
                end = _number(last, name) if last else (most if step else begin)
        except ValueError:
            raise BadSchedule(f"{part!r} is no {name} of a cron schedule") from None
        if every < 1 or begin < least or end > most or begin > end:
            raise BadSchedule(f"{part!r} is no {name} of a cron schedule")
        values |= set(range(begin, end + 1, every))
    return values


def _number(text: str, name: str) -> int:
    if name == "month" and text in MONTHS:
        return MONTHS.index(text) + 1
    if name == "weekday" and text in DAYS:
        return DAYS.index(text)
    return int(text)
