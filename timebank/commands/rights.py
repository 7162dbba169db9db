"""``timebank who-may``: the table of roles and rights, as the docs show it."""

import click

from timebank.people.rules import ROLE_NAMES
from timebank.rights import Right
from timebank.subjects import subjects


def every_right() -> list[Right]:
    """List the rights of every subject, in the order of the subjects."""
    return [right for subject in subjects() for right in subject.rights]


def table_of_rights() -> str:
    """Write the table in Markdown: one row a right, one column a role."""
    roles = sorted(ROLE_NAMES)
    lines = ["| right | " + " | ".join(roles) + " |", "|---" * (len(roles) + 1) + "|"]
    for right in every_right():
        cells = ("yes" if role in right.roles else "" for role in roles)
        lines.append(f"| {right.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


@click.command("who-may")
def who_may_command() -> None:
    """Print which roles may do what, as a table."""
    click.echo(table_of_rights())
