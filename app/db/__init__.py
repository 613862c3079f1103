"""Postgres, and nothing but Postgres: tables, and functions that read and write them inside the caller's transaction.

Transactions belong to the actions (`Database.transaction`); no function here begins or commits one. SQLAlchemy Core
and asyncpg are known in this package alone. Times come from the database.
"""
