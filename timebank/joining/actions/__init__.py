"""Register, complete, end, withdraw and forget."""

from timebank.joining.actions.completing import (
    HelperCompleted,
    RegistrationCompleted,
    RegistrationEnded,
    complete_helper,
    complete_registration,
    end_registration,
)
from timebank.joining.actions.registering import (
    RegistrationFiled,
    RegistrationsForgotten,
    forget_registrations,
    register,
    require_room,
)
from timebank.joining.actions.states import ask_state, withdraw_registration

__all__ = [
    "HelperCompleted",
    "RegistrationCompleted",
    "RegistrationEnded",
    "RegistrationFiled",
    "RegistrationsForgotten",
    "ask_state",
    "complete_helper",
    "complete_registration",
    "end_registration",
    "forget_registrations",
    "register",
    "require_room",
    "withdraw_registration",
]
