"""The texts of rules in Chinese: a sentence for each test, a text for each reason.

The Chinese text is the key of its translation. Nothing is rendered here: a page gets the text and
its parameters in the reader's language. Dates stay ISO days, for the page.
"""

from collections.abc import Mapping
from typing import Any, Literal

from timebank.policy.rules.answer import Reason
from timebank.policy.rules.facts import DOCUMENTS, FACTS, Choice
from timebank.policy.rules.judge import Trace

Language = Literal["zh", "en"]

# The sentences for staff, at each node of the tree.
SENTENCES = {
    "all": "以下各项全部满足",
    "any": "以下至少一项满足",
    "none": "以下各项均不满足",
    "at_least_of": "以下至少%(n)s项满足",
    "is": "%(fact)s为%(value)s",
    "is_one_of": "%(fact)s属于：%(values)s",
    "at_least": "%(fact)s不少于%(value)s",
    "at_most": "%(fact)s不多于%(value)s",
    "between": "%(fact)s在%(least)s至%(most)s之间",
    "before": "%(fact)s早于%(day_on)s",
    "after": "%(fact)s晚于%(day_on)s",
    "has_document": "持有下列任一有效证件：%(kinds)s",
    "within_area": "%(fact)s在规定范围内",
    "fewer_than": "%(window)s内%(fact)s少于%(most)s件（已领%(used)s件）",
    "fault": "这条规则没能算出来",
}
# A node with an unknown fact has no numbers to compare.
SENTENCE_WITHOUT_VALUE = "还不知道：%(fact)s"

# The texts for the household, one for each reason.
REASONS = {
    "is": "您家的“%(fact)s”暂不符合这项安排。",
    "is_one_of": "您家的“%(fact)s”暂不在这项安排之内。",
    "at_least": "您家的“%(fact)s”还没有达到要求。",
    "at_most": "您家的“%(fact)s”超过了规定。",
    "between": "您家的“%(fact)s”不在规定的范围内。",
    "before": "您家的“%(fact)s”晚于规定的日期。",
    "after": "您家的“%(fact)s”早于规定的日期。",
    "has_document": "还没有登记可用的证件。如有下列任一证件，请带到服务台：%(kinds)s。",
    "has_document_ended": "您家的%(kind)s已于%(ended_on)s到期，请带新的证件到服务台登记。",
    "has_document_later": "您家的%(kind)s从%(from_on)s起有效，到那天就可以申领。",
    "within_area": "这里服务住在本社区的家庭。如果您已搬来，请带居住证明到服务台登记。",
    "fewer_than": "%(window)s内您家已领%(used)s件，最多%(most)s件；从%(next_on)s起可以再领。",
    "fewer_than_ever": "%(window)s内您家已领%(used)s件，最多%(most)s件。请到服务台商量。",
    "excluded": "因为“%(fact)s”，这项安排暂时不适用，请到服务台商量。",
    "needs_information": "还差一点材料，请一次带齐：%(papers)s。",
    "needs_review": "这次需要工作人员看一下，请到服务台，我们会尽快答复您。",
}

WINDOWS: dict[str, tuple[str, str]] = {
    "calendar_month": ("本月", "this month"),
    "rolling_days": ("%(length)s天", "%(length)s days"),
    "rolling_months": ("%(length)s个月", "%(length)s months"),
}


def reason_words(reason: Reason, language: Language) -> tuple[str, dict[str, Any]]:
    """Return the text of a reason (to be translated) and its parameters in the language."""
    facts = _in_language(reason.facts, language)
    if "missing" in reason.facts:
        facts["papers"] = papers_to_bring(reason.facts["missing"], language)
    return REASONS[reason.text], facts


def node_words(trace: Trace, language: Language) -> tuple[str, dict[str, Any]]:
    """Return the sentence of a node for the staff's tree, and its parameters."""
    facts = _in_language({**trace.shown, "fact": trace.fact}, language)
    has_numbers = trace.outcome != "unknown" or not trace.fact or trace.op == "has_document"
    return (SENTENCES[trace.op] if has_numbers else SENTENCE_WITHOUT_VALUE), facts


def _named(choice: Choice, language: Language) -> str:
    return choice.label_zh if language == "zh" else choice.label_en


def _listed(names: list[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(names)


def _in_language(facts: Mapping[str, Any], language: Language) -> dict[str, Any]:
    texts = dict(facts)
    fact = FACTS.get(texts.get("fact", ""))
    if fact:
        texts["fact"] = fact.label_zh if language == "zh" else fact.label_en
    labels: dict[bool | str, str] = {
        True: "是" if language == "zh" else "yes",
        False: "否" if language == "zh" else "no",
    }
    labels |= {choice.code: _named(choice, language) for choice in (fact.choices if fact else ())}
    if isinstance(texts.get("value"), bool | str):
        texts["value"] = labels.get(texts["value"], texts["value"])
    if "values" in texts:
        texts["values"] = _listed([labels.get(v, v) for v in texts["values"]], language)
    if "kind" in texts:
        texts["kind"] = _named(DOCUMENTS[texts["kind"]], language)
    if "kinds" in texts:
        texts["kinds"] = _listed([_named(DOCUMENTS[k], language) for k in texts["kinds"]], language)
    if "window" in texts:
        texts["window"] = WINDOWS[texts["window"]][language == "en"] % {"length": texts["length"]}
    return texts


def papers_to_bring(missing: list[dict[str, Any]], language: Language) -> str:
    """List all papers to bring at once; of several kinds any one is enough."""
    lines = []
    for paper in missing:
        if paper["kinds"]:
            either = " 或 " if language == "zh" else " or "
            lines.append(either.join(_named(DOCUMENTS[kind], language) for kind in paper["kinds"]))
        else:
            fact = FACTS[paper["fact"]]
            lines.append(fact.paper_zh if language == "zh" else fact.paper_en)
    return ("；" if language == "zh" else "; ").join(lines)
