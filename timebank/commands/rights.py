"""``timebank who-may``: the table of roles and rights, as the docs show it."""

from collections.abc import Iterable

import click

from timebank.people.rules import ROLE_NAMES
from timebank.subject import Subject
from timebank.subjects import every_right


def table_of_rights(declared: Iterable[Subject] | None = None) -> str:
    """Write the table in Markdown: one row a right, one column a role."""
    roles = sorted(ROLE_NAMES)
    lines = ["| right | " + " | ".join(roles) + " |", "|---" * (len(roles) + 1) + "|"]
    for right in every_right(declared):
        cells = ("yes" if role in right.roles else "" for role in roles)
        lines.append(f"| {right.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


@click.command("who-may")
def who_may_command() -> None:
    """Print which roles may do what, as a table."""
    click.echo(table_of_rights())
