"""The rules in force in plain words, open to all."""

from flask import render_template

from timebank.policy.queries import active_rule, parameters_on
from timebank.policy.rules import PROGRAMMES
from timebank.values import By
from web import units
from web.auth import open_to_all
from web.formats import own_name
from web.pages import OPEN, PUBLIC, MenuPlace, page
from web.reader import language
from web.reader import lazy_gettext as _l
from web.settings.reading import in_groups, settings_on
from web.settings.rule_words import rule_lines
from web.settings.sentences import OF_STAFF

PLACE = MenuPlace(bar=PUBLIC, word=_l("规则"), icon="scale", order=30)


@page(OPEN, "/rules", "rules", places=(PLACE,))
@open_to_all
def rules() -> str:
    """Show who may take what, and every rule in a sentence, with its source and first day."""
    by = By(community_id=units.community_id(), client="nobody")
    with units.reading() as session:
        known = settings_on(session, by, units.today(), units.now())
        parameters = parameters_on(session, by.community_id, units.today())
        programmes = [
            (
                own_name(named, language(), "label"),
                version,
                rule_lines(version.rule, parameters),
            )
            for code, named in PROGRAMMES.items()
            if (version := active_rule(session, by.community_id, code, units.today()))
        ]
    shown = [one for one in known if one.key not in OF_STAFF and one.row is not None]
    return render_template(
        "settings/open_rules.html", groups=in_groups(shown), programmes=programmes,
        today=units.today(),
    )  # fmt: skip
