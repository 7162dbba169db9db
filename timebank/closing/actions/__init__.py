"""The actions of closing: open a day, count it, sign it. None commits."""

from timebank.closing.actions.counting import DayCounted, DayOpened, count_day, open_day
from timebank.closing.actions.signing import DayClosed, close_day

__all__ = ["DayClosed", "DayCounted", "DayOpened", "close_day", "count_day", "open_day"]
