"""German: one way to write a date, short enough for a table."""

DATE_FORMAT = "j. M Y"
SHORT_DATE_FORMAT = "j. M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j. M Y, H:i"
SHORT_DATETIME_FORMAT = "j. M Y, H:i"
