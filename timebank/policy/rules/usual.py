"""Tables that are in force where a community has set no value of its own. Pure."""

# By kind of paper. **Source**: rules of the allowance (yearly check) and of households with hard
# expenses (at most 12 months); the card of disability runs ten years; the others, also that a
# guardian's consent is renewed each year, are our defaults.
PAPER_MONTHS_MAX = {
    "dibao": 12,
    "dibao_marginal": 12,
    "tekun": 12,
    "rigid_expense": 12,
    "disability_card": 120,
    "child_in_need": 12,
    "veteran_family": 12,
    "unemployed": 12,
    "housing_applicant": 12,
    "special_approval": 12,
    "guardian_consent": 12,
}
# By role, for one person and one day. **Source**: our own defaults.
OPENINGS_MAX = {
    "coordinator": 20, "approver": 20, "social_worker": 30, "grid_worker": 15,
    "auditor": 20, "accountant": 20,
}  # fmt: skip
