"""Check-in by phone: for one household, or on purpose for a group."""

from timebank.hours.queries import open_shift, records_of_person


def _person(village, name):
    return village.sample.people[name].person_id


def test_a_check_in_is_a_group_activity_only_on_purpose(village):
    visit = village.visit("volunteer")
    said = "请写上户号；是集体活动的，只勾选下面那一项。"
    home = village.sample.household_nos["claimant"]
    for told in ({}, {"household_no": home, "is_group": "y"}):
        answer = visit.press(visit.get("/me/services"), "do", "begin", **told)
        assert (answer.status, said in answer.text) == (422, True)
        assert village.ask(open_shift, _person(village, "volunteer")) is None
    answer = visit.press(visit.get("/me/services"), "do", "begin", is_group="y")
    assert answer.status == 303
    newest = village.ask(records_of_person, _person(village, "volunteer"), limit=1)[0]
    assert newest.recipient_household_id is None
