"""What founding declares: how a community begins."""

from timebank.subject import Subject

SUBJECT = Subject(
    name="founding",
    stands_on=("aid", "deeds", "goods", "hours", "people", "policy"),
)
