"""Postgres, and nothing but Postgres: tables, and functions that read and write them inside the caller's transaction.

Transactions belong to the actions (`Database.transaction`); no function here begins or commits one, but for single
statements that are one by themselves (`Database.fetch`). SQLAlchemy Core and asyncpg are known in this package alone.
Times come from the database.
"""
