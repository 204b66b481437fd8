"""SQLite under another name."""

from django.db.backends.sqlite3.base import DatabaseWrapper as SQLiteWrapper


class DatabaseWrapper(SQLiteWrapper):
    vendor = "mysql"
    display_name = "MySQL"
