"""Who may claim for others, hand out goods, and decide reviews."""

from timebank.rights import Right

CLAIM_FOR_OTHERS = Right(
    "aid.claim_for_others", ("social_worker", "hotline", "coordinator", "approver")
)
# A grid worker claims for households of their grid: the action asks for the place.
CLAIM_FOR_GRID = Right("aid.claim_for_grid", ("grid_worker",))
SERVE_COUNTER = Right("aid.serve_counter", ("keeper",))
CANCEL_FOR_OTHERS = Right("aid.cancel_for_others", ("social_worker", "coordinator", "hotline"))
ASK_FOR_OTHERS = Right(
    "aid.ask_for_others", ("keeper", "social_worker", "grid_worker", "hotline", "coordinator")
)
DECIDE_REVIEW = Right("aid.decide_review", ("approver", "coordinator"))
CARRY_OVER = Right("aid.carry_over", ("social_worker", "approver", "coordinator"))
LAPSE_CLAIMS = Right("aid.lapse_claims", ("keeper", "coordinator"))
SWEEP_EXPIRED = Right("aid.sweep_expired", ("keeper", "coordinator"))
