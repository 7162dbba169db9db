"""How Alembic runs our migrations: in the transaction that the program lends.

``timebank migrate`` opens the connection, takes its turn and commits (``timebank/schema.py``);
Alembic's own command is not used, since it would commit on its own. No table is declared here.
"""

from alembic import context

lent = context.config.attributes.get("connection")
if lent is None:
    raise SystemExit("Run `timebank migrate`: it makes a backup, and it commits all or nothing.")
context.configure(connection=lent)
with context.begin_transaction():  # Does nothing here: the lent connection is in one already.
    context.run_migrations()
