"""Requests for every command of the mission: the best there is, at each limit, beyond it, and in doubt."""

from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

from sim.analysis.question import Question, Uid

LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
"""The smallest and the largest number of the rules."""

PEOPLE = {"lin": "owner", "mei": "member", "tao": "child", "jun": "guest"}
"""A person of each role; `mallory` is nobody the household knows."""

SERVICE = {"__entity": {"type": "Device", "id": "subscriptions"}}
CLOUD = {"__entity": {"type": "Device", "id": "cloud"}}
MARKET = {"__entity": {"type": "Device", "id": "marketplace"}}
CAR = {"__entity": {"type": "Device", "id": "su7"}}
WRECK = {"__entity": {"type": "Device", "id": "wreck"}}
IMPOSTOR = {"__entity": {"type": "Device", "id": "impostor"}}
GHOST = {"__entity": {"type": "Device", "id": "ghost"}}
"""As senders: the subscription service, others, two that were never enrolled, and one that is not there."""

ABSENT = object()
"""Stands for a fact that is not told."""

AT_HAND = {"key_role": "owner", "distance_cm": 150, "worn": True}
BUILT_IN = {"built_in": True}


class Best(NamedTuple):
    """A request that has everything it needs, and the rules that permit it to Lin."""

    resource: str
    facts: dict[str, Any]
    permits: tuple[str, ...]


APP = ("household-uses-the-app",)
MEDIA = ("household-plays-media", "riders-play-media")
FILMS = (*MEDIA, "riders-use-subscriptions")
SCREENS = ("household-uses-screens",)
CLIPBOARD = ("household-copies-and-pastes",)
SERVICES = ("household-uses-services",)
SETTINGS = ("household-sets-its-devices",)
CONSENT = ("household-consents",)
CHARGING = ("driver-charges", "household-uses-the-app")
SUBSCRIBED = ("riders-use-subscriptions",)
AT_THE_WHEEL = {**BUILT_IN, "asker_drives": True}
NOTIFIED = {**BUILT_IN, "display": "passenger", "detail": "full", "guest_drives": False}
APPOINTMENT = {"private": True, "shared_screen": False}
COPIED = {"secret": False, "encrypted": True, "guest_drives": False}
FILE = {"size_bytes": 100_000_000}
FEATURE = {**BUILT_IN, "entitlement": "paid", "in_use": False, "safety_relevant": False}
UPDATE = {"verified": True, "newer": True, "fits": True, "battery_pct": 30}
PAYMENT = {
    "amount_minor": 500,
    "cap_minor": 500,
    "approved": False,
    "daily_minor": 2_000,
    "spent_today_minor": 1_500,
}

FILM = {**BUILT_IN, "display": "tablet", "entitlement": "paid", "passenger_present": True}

BEST: dict[str, Best] = {
    "unlock": Best("Car", AT_HAND, ("household-key",)),
    "open_boot": Best("Car", AT_HAND, ("household-key",)),
    "open_windows": Best("Car", AT_HAND, ("household-key",)),
    "start": Best("Car", {**AT_HAND, "distance_cm": 80, "asker_drives": True}, ("household-key",)),
    "unplug": Best("Car", AT_HAND, ("household-key",)),
    "lock": Best("Car", {"key_role": "owner"}, ("household-locks-from-anywhere",)),
    "close_windows": Best("Car", {"key_role": "owner"}, ("household-locks-from-anywhere",)),
    "key_hello": Best("Car", {}, ("keys-talk-to-the-car",)),
    "open_pairing": Best("Car", AT_THE_WHEEL, ("owner-pairs-keys-in-the-car",)),
    "offer_key": Best("Phone", {}, ("household-takes-shared-keys",)),
    "set_climate": Best("Climate", {}, ("household-runs-the-home",)),
    "precondition": Best("Car", {"key_role": "owner", "battery_pct": 20, "plugged_in": False}, APP),
    "stop_preconditioning": Best("Car", {"key_role": "owner"}, APP),
    "set_cabin": Best("Car", BUILT_IN, ("riders-set-the-cabin",)),
    "move_seat": Best("Car", BUILT_IN, ("riders-set-the-cabin",)),
    "start_charging": Best("Car", AT_THE_WHEEL, CHARGING),
    "stop_charging": Best("Car", AT_THE_WHEEL, CHARGING),
    "set_charge_limit": Best("Car", AT_THE_WHEEL, CHARGING),
    "schedule_charging": Best("Car", AT_THE_WHEEL, CHARGING),
    "set_destination": Best("Car", BUILT_IN, ("household-uses-the-app", "riders-navigate")),
    "plan_smart_route": Best(
        "Car",
        {**BUILT_IN, "entitlement": "paid"},
        ("household-uses-the-app", "riders-navigate", "riders-use-subscriptions"),
    ),
    "use_feature": Best("Car", FEATURE, SUBSCRIBED),
    "grant_feature": Best("Car", {"sender": SERVICE}, ("service-tells-entitlements",)),
    "withdraw_feature": Best(
        "Car", {"sender": SERVICE, "safety_relevant": False}, ("service-tells-entitlements",)
    ),
    "get_software_metadata": Best("Updates", {"sender": CAR}, ("cars-fetch-their-software",)),
    "get_software_chunk": Best("Updates", {"sender": CAR}, ("cars-fetch-their-software",)),
    "install_update": Best("Car", UPDATE, ("owner-installs-updates",)),
    "show_notification": Best("Dashboard", NOTIFIED, SCREENS),
    "dismiss_notification": Best("Phone", {}, SCREENS),
    "show_calendar": Best("Phone", APPOINTMENT, SCREENS),
    "set_theme": Best("Dashboard", {}, SCREENS),
    "show_card": Best("Tablet", {}, SCREENS),
    "show_camera": Best("Dashboard", {"display": "passenger", "guest_drives": False}, SCREENS),
    "take_over": Best("Dashboard", {}, ("household-hands-over",)),
    "paste": Best("Dashboard", COPIED, CLIPBOARD),
    "clear_clipboard": Best("Phone", {}, CLIPBOARD),
    "offer_file": Best("Dashboard", FILE, ("household-shares-files",)),
    "play_music": Best("Dashboard", BUILT_IN, MEDIA),
    "play_video": Best("Tablet", FILM, FILMS),
    "pay": Best("Pay", PAYMENT, ("household-pays",)),
    "approve_payment": Best("Pay", {"asker_drives": True}, ("household-pays",)),
    "refund": Best("Pay", {"amount_minor": 500, "refundable_minor": 500}, ("owner-refunds",)),
    "list_receipts": Best("Pay", {}, ("household-reads-receipts",)),
    "redeem_discount": Best("Pay", {"valid_for_s": 1, "uses_left": 1}, ("household-pays",)),
    "subscribe": Best("Subscriptions", {}, ("owner-subscribes",)),
    "cancel_subscription": Best("Subscriptions", {}, ("owner-subscribes",)),
    "buy_bundle": Best("Subscriptions", {}, ("owner-subscribes",)),
    "reserve_table": Best("Marketplace", {}, SERVICES),
    "cancel_reservation": Best("Marketplace", {}, SERVICES),
    "order_delivery": Best("Marketplace", {}, SERVICES),
    "update_delivery": Best("Marketplace", {}, SERVICES),
    "take_booking": Best("Phone", {"sender": MARKET}, ("marketplace-tells-phones",)),
    "sync": Best("Cloud", {"sender": CLOUD}, ("devices-keep-in-step",)),
    "set_desired": Best("Cloud", {"foreign": False}, SETTINGS),
    "choose_setting": Best("Tv", BUILT_IN, SETTINGS),
    "apply_setting": Best("Tv", BUILT_IN, SETTINGS),
    "write_scene": Best("Hub", {"own": True}, SERVICES),
    "use_for_advertising": Best("Cloud", {"category": "media", "consented": True}, ("advertising-by-use",)),
    "learn_habit": Best("Cloud", {"consented": True, "guest_drives": False}, ("cabin-learns-habits",)),
    "suggest_habits": Best("Cloud", {"consented": True, "guest_drives": False}, ("cabin-learns-habits",)),
    "list_advertising_use": Best("Cloud", {"own": True}, CONSENT),
    "forget_habits": Best("Cloud", {}, CONSENT),
    "set_data_consent": Best("Cloud", {"own": True}, CONSENT),
}

Change = dict[str, Any]

# What is still permitted: each limit from inside, and whatever makes up for a fact that is missing.
STILL: list[tuple[str, Change]] = [
    ("precondition", {"plugged_in": ABSENT}),
    ("precondition", {"battery_pct": 19, "plugged_in": True}),
    ("precondition", {"battery_pct": ABSENT, "plugged_in": True}),
    ("precondition", {"moving": True}),
    ("set_cabin", {"moving": True}),
    ("stop_charging", {"moving": True}),
    ("set_destination", {"moving": True}),
    ("show_notification", {"moving": True}),
    ("show_notification", {"moving": True, "display": "tablet"}),
    ("show_notification", {"moving": True, "display": "driver", "detail": "sender"}),
    ("show_notification", {"moving": True, "display": ABSENT, "detail": "sender"}),
    ("show_notification", {"display": "driver", "detail": ABSENT}),
    ("show_calendar", {"private": False, "shared_screen": True}),
    ("show_calendar", {"private": False, "shared_screen": ABSENT}),
    ("show_calendar", {"private": ABSENT}),
    ("offer_file", {"size_bytes": 0}),
    ("play_video", {"moving": True}),
    ("play_video", {"moving": True, "display": "passenger"}),
    ("play_video", {"display": "driver"}),
    ("play_video", {"passenger_present": False}),
    ("play_video", {"passenger_present": ABSENT}),
    ("play_video", {"entitlement": "trial"}),
    ("play_video", {"entitlement": "grace"}),
    ("use_feature", {"moving": True}),
    ("use_feature", {"entitlement": "expired", "moving": True, "in_use": True, "safety_relevant": True}),
    ("use_feature", {"entitlement": ABSENT, "moving": True, "in_use": True, "safety_relevant": True}),
    ("withdraw_feature", {"moving": True}),
    ("withdraw_feature", {"safety_relevant": True}),
    ("withdraw_feature", {"safety_relevant": ABSENT}),
    ("pay", {"amount_minor": 1}),
    ("pay", {"amount_minor": 501, "spent_today_minor": 0, "approved": True}),
    ("pay", {"cap_minor": ABSENT, "approved": True}),
    ("pay", {"approved": ABSENT}),
    ("pay", {"moving": True}),
    ("pay", {"amount_minor": 2_000, "spent_today_minor": 0, "approved": True}),
    (
        "pay",
        {"amount_minor": LONG_MAX, "cap_minor": LONG_MAX, "daily_minor": LONG_MAX, "spent_today_minor": 0},
    ),
    ("refund", {"amount_minor": 1}),
    ("use_for_advertising", {"category": "charging"}),
    ("use_for_advertising", {"category": "reservations"}),
    ("unlock", {"voice": ABSENT}),
    ("show_camera", {"guest_drives": ABSENT}),
    ("show_camera", {"moving": True}),
    ("lock", {"voice": "inside"}),
    ("lock", {"voice": "outside"}),
    ("set_climate", {"voice": "inside"}),
]

NEAR = ("unlock", "open_boot", "open_windows", "start", "unplug")

# What is refused: the request, and every rule that says so.
REFUSED: list[tuple[str, Change, tuple[str, ...]]] = [
    ("precondition", {"battery_pct": 19}, ("preconditioning-keeps-a-reserve",)),
    ("precondition", {"battery_pct": 19, "plugged_in": ABSENT}, ("preconditioning-keeps-a-reserve",)),
    ("precondition", {"battery_pct": ABSENT}, ("preconditioning-keeps-a-reserve",)),
    ("move_seat", {"moving": True}, ("parked-only",)),
    ("start_charging", {"moving": True}, ("parked-only",)),
    ("unplug", {"moving": True}, ("parked-only",)),
    ("unplug", {"distance_cm": 201}, ("key-in-range",)),
    ("unplug", {"worn": ABSENT}, ("key-needs-wearer",)),
    ("install_update", {"moving": True}, ("parked-only",)),
    ("install_update", {"verified": False}, ("update-verified-only",)),
    ("install_update", {"verified": ABSENT}, ("update-verified-only",)),
    ("install_update", {"newer": False}, ("update-newer-only",)),
    ("install_update", {"newer": ABSENT}, ("update-newer-only",)),
    ("install_update", {"fits": False}, ("update-fits-the-car",)),
    ("install_update", {"fits": ABSENT}, ("update-fits-the-car",)),
    ("install_update", {"battery_pct": 29}, ("update-needs-charge",)),
    ("install_update", {"battery_pct": ABSENT}, ("update-needs-charge",)),
    *(
        ("show_notification", {"moving": True, "display": display, "detail": detail}, rules)
        for rules in [("driver-sees-the-sender-only",)]
        for display, detail in product(("driver", "Passenger", ABSENT), ("full", ABSENT))
    ),
    ("show_notification", {"guest_drives": True}, ("no-notifications-while-a-guest-drives",)),
    ("show_notification", {"guest_drives": ABSENT}, ("no-notifications-while-a-guest-drives",)),
    ("show_calendar", {"shared_screen": True}, ("private-titles-off-shared-screens",)),
    ("show_calendar", {"shared_screen": ABSENT}, ("private-titles-off-shared-screens",)),
    ("show_calendar", {"private": ABSENT, "shared_screen": True}, ("private-titles-off-shared-screens",)),
    ("show_camera", {"guest_drives": True}, ("no-home-pictures-while-a-guest-drives",)),
    ("show_camera", {"moving": True, "display": "driver"}, ("driver-display-parked-only",)),
    ("paste", {"secret": True}, ("copied-secrets-stay",)),
    ("paste", {"secret": ABSENT}, ("copied-secrets-stay",)),
    ("paste", {"encrypted": False}, ("clipboard-encrypted-only",)),
    ("paste", {"encrypted": ABSENT}, ("clipboard-encrypted-only",)),
    ("paste", {"guest_drives": True}, ("no-clipboard-while-a-guest-drives",)),
    ("paste", {"guest_drives": ABSENT}, ("no-clipboard-while-a-guest-drives",)),
    ("offer_file", {"guest_drives": True}, ("nothing-private-while-a-guest-drives",)),
    ("take_over", {"guest_drives": True}, ("nothing-private-while-a-guest-drives",)),
    ("offer_file", {"size_bytes": 100_000_001}, ("file-within-the-limit",)),
    ("offer_file", {"size_bytes": -1}, ("file-within-the-limit",)),
    ("offer_file", {"size_bytes": ABSENT}, ("file-within-the-limit",)),
    ("play_video", {"moving": True, "display": "driver"}, ("no-video-before-the-driver",)),
    ("play_video", {"moving": True, "display": ABSENT}, ("no-video-before-the-driver",)),
    *(
        (
            "play_video",
            {"moving": True, "display": display, "passenger_present": passenger},
            ("no-film-beside-an-empty-seat",),
        )
        for display in ("passenger", "tablet")
        for passenger in (False, ABSENT)
    ),
    ("play_video", {"entitlement": "expired"}, ("not-entitled",)),
    ("play_video", {"entitlement": "refunded"}, ("not-entitled",)),
    ("play_video", {"entitlement": ABSENT}, ("not-entitled",)),
    ("plan_smart_route", {"entitlement": ABSENT}, ("not-entitled",)),
    ("plan_smart_route", {"entitlement": "expired", "moving": True}, ("not-entitled",)),
    *(
        ("use_feature", {"entitlement": "expired", **change}, ("not-entitled",))
        for change in (
            {"moving": False, "in_use": True, "safety_relevant": True},
            {"moving": True, "in_use": False, "safety_relevant": True},
            {"moving": True, "in_use": ABSENT, "safety_relevant": True},
            {"moving": True, "in_use": True, "safety_relevant": False},
            {"moving": True, "in_use": True, "safety_relevant": ABSENT},
        )
    ),
    ("withdraw_feature", {"moving": True, "safety_relevant": True}, ("safety-does-not-end-mid-drive",)),
    ("withdraw_feature", {"moving": True, "safety_relevant": ABSENT}, ("safety-does-not-end-mid-drive",)),
    ("pay", {"amount_minor": 501, "spent_today_minor": 0}, ("large-payment-needs-approval",)),
    (
        "pay",
        {"amount_minor": 501, "spent_today_minor": 0, "approved": ABSENT},
        ("large-payment-needs-approval",),
    ),
    ("pay", {"cap_minor": ABSENT}, ("large-payment-needs-approval",)),
    ("pay", {"spent_today_minor": 1_501}, ("payment-within-the-day",)),
    ("pay", {"spent_today_minor": ABSENT}, ("payment-within-the-day",)),
    ("pay", {"daily_minor": ABSENT}, ("payment-within-the-day",)),
    ("pay", {"daily_minor": 499, "spent_today_minor": 0}, ("payment-within-the-day",)),
    ("pay", {"amount_minor": 2_001, "spent_today_minor": -1, "approved": True}, ("payment-within-the-day",)),
    ("pay", {"amount_minor": 0}, ("payment-is-positive",)),
    ("pay", {"amount_minor": -1}, ("payment-is-positive", "payment-within-the-day")),
    ("pay", {"amount_minor": ABSENT, "approved": True}, ("payment-is-positive", "payment-within-the-day")),
    ("approve_payment", {"asker_drives": False}, ("only-the-driver-approves",)),
    ("approve_payment", {"asker_drives": ABSENT}, ("only-the-driver-approves",)),
    ("refund", {"amount_minor": 501}, ("refund-within-what-was-paid",)),
    ("refund", {"amount_minor": 0}, ("refund-within-what-was-paid",)),
    ("refund", {"amount_minor": ABSENT}, ("refund-within-what-was-paid",)),
    ("refund", {"refundable_minor": ABSENT}, ("refund-within-what-was-paid",)),
    ("redeem_discount", {"valid_for_s": 0}, ("discount-once-and-in-time",)),
    ("redeem_discount", {"valid_for_s": ABSENT}, ("discount-once-and-in-time",)),
    ("redeem_discount", {"uses_left": 0}, ("discount-once-and-in-time",)),
    ("redeem_discount", {"uses_left": ABSENT}, ("discount-once-and-in-time",)),
    ("use_for_advertising", {"consented": False}, ("advertising-needs-consent",)),
    ("use_for_advertising", {"consented": ABSENT}, ("advertising-needs-consent",)),
    *(
        ("use_for_advertising", {"category": category}, ("advertising-uses-little",))
        for category in ("camera", "voice", "clipboard", "payment", "location", "unheard of", ABSENT)
    ),
    ("set_desired", {"foreign": True}, ("no-intent-for-others",)),
    ("set_desired", {"foreign": ABSENT}, ("no-intent-for-others",)),
    ("choose_setting", {"built_in": False}, ("settings-by-intent-only",)),
    ("apply_setting", {"built_in": False}, ("settings-by-intent-only",)),
    ("learn_habit", {"consented": False}, ("learning-needs-consent",)),
    ("learn_habit", {"consented": ABSENT}, ("learning-needs-consent",)),
    ("learn_habit", {"guest_drives": True}, ("no-learning-from-guests",)),
    ("learn_habit", {"guest_drives": ABSENT}, ("no-learning-from-guests",)),
    ("set_data_consent", {"own": False}, ("consent-is-ones-own",)),
    ("set_data_consent", {"own": ABSENT}, ("consent-is-ones-own",)),
    *((action, {"voice": "inside"}, ("voice-opens-nothing",)) for action in NEAR),
    ("unlock", {"voice": "outside"}, ("voice-from-outside-only-locks", "voice-opens-nothing")),
    *(
        (action, {"voice": voice}, ("voice-from-outside-only-locks",))
        for voice in ("outside", "nearby", "")
        for action in ("set_climate", "close_windows", "pay", "set_destination")
    ),
    *(
        (action, {"key_role": "courier"}, ("courier-boot-only",))
        for action in ("unlock", "open_windows", "start", "unplug", "lock", "close_windows", "precondition")
    ),
    ("open_boot", {"key_role": "courier", "off_place": True}, ("courier-at-the-agreed-place",)),
]

NEVER = ("engage_lane_keeping", "engage_adaptive_cruise", "set_cruise_speed")

HOUSE, KNOWN, EVERYBODY = "lin mei", "lin mei tao jun", "lin mei tao jun mallory"
PRIVATE = {"jun": "private-things-stay-in-the-household", "mallory": "private-things-stay-in-the-household"}
NO_MONEY = dict.fromkeys(("tao", "jun", "mallory"), "only-grown-ups-pay")
NO_HABITS = dict.fromkeys(("tao", "jun", "mallory"), "no-learning-from-guests")
SOFTWARE = ("get_software_metadata", "get_software_chunk")
NO_KEYS = {"tao": "children-share-no-keys"}

# Who is permitted the best request, and which rule refuses others; whom none refuses, none permits.
WHO: list[tuple[str, str, Mapping[str, str]]] = [
    *((action, HOUSE, {}) for action in ("unlock", "open_boot", "open_windows", "unplug", "lock")),
    ("start", HOUSE, {"tao": "no-child-at-the-wheel"}),
    ("offer_key", HOUSE, NO_KEYS),
    ("open_pairing", "lin", NO_KEYS),
    *((action, HOUSE, {}) for action in ("set_climate", "precondition", "stop_preconditioning")),
    *((action, KNOWN, {}) for action in ("set_cabin", "move_seat", "start_charging", "stop_charging")),
    *((action, KNOWN, {}) for action in ("set_charge_limit", "schedule_charging", "set_destination")),
    *((action, KNOWN, {}) for action in ("plan_smart_route", "use_feature", "play_music", "play_video")),
    *((action, EVERYBODY, {}) for action in ("key_hello", "grant_feature", "withdraw_feature")),
    *((action, HOUSE, PRIVATE) for action in ("show_notification", "dismiss_notification", "show_calendar")),
    *((action, HOUSE, PRIVATE) for action in ("take_over", "paste", "clear_clipboard", "offer_file")),
    *((action, HOUSE, {}) for action in ("set_theme", "show_card", "show_camera", "write_scene")),
    *((action, HOUSE, {}) for action in ("set_desired", "choose_setting", "apply_setting")),
    ("sync", EVERYBODY, {}),
    ("take_booking", EVERYBODY, {}),
    ("update_delivery", HOUSE, {}),
    *((action, HOUSE, {}) for action in ("reserve_table", "cancel_reservation", "order_delivery")),
    ("pay", HOUSE, NO_MONEY),
    *((action, HOUSE, {}) for action in ("approve_payment", "list_receipts", "redeem_discount")),
    *((action, "lin", {}) for action in ("refund", "subscribe", "cancel_subscription", "buy_bundle")),
    *((action, EVERYBODY, {}) for action in SOFTWARE),
    ("install_update", "lin", {}),
    *((action, HOUSE, {}) for action in ("use_for_advertising", "forget_habits", "set_data_consent")),
    ("learn_habit", HOUSE, NO_HABITS),
    ("suggest_habits", HOUSE, NO_HABITS),
    ("list_advertising_use", HOUSE, {}),
]

# What no rule permits, though none forbids it: who asks, and what is missing of the best request.
UNPERMITTED: list[tuple[str, str, Change]] = [
    ("set_cabin", "lin", {"built_in": False}),
    ("start_charging", "jun", {"asker_drives": False}),
    ("start_charging", "jun", {"built_in": False, "key_role": "friend"}),
    ("set_destination", "jun", {"built_in": False, "key_role": "friend"}),
    ("use_feature", "lin", {"built_in": False}),
    ("open_pairing", "lin", {"built_in": False}),
    *(("grant_feature", "lin", {"sender": sender}) for sender in (CLOUD, IMPOSTOR, GHOST, ABSENT)),
    *(("sync", "lin", {"sender": sender}) for sender in (IMPOSTOR, ABSENT)),
    *(("take_booking", "lin", {"sender": sender}) for sender in (CLOUD, SERVICE, IMPOSTOR, GHOST, ABSENT)),
    *((action, "lin", {"sender": sender}) for action in SOFTWARE for sender in (CLOUD, WRECK, GHOST, ABSENT)),
    ("open_boot", "jun", {"key_role": "valet"}),
]


def entities() -> list[dict[str, Any]]:
    """Return the people with their roles, and the senders."""
    member = {"type": "Role", "id": "member"}
    roles = [
        {
            "uid": {"type": "Role", "id": role},
            "attrs": {},
            "parents": [member] if role == "owner" else [],
        }
        for role in PEOPLE.values()
    ]
    people = [
        {"uid": {"type": "Person", "id": name}, "attrs": {}, "parents": [{"type": "Role", "id": role}]}
        for name, role in PEOPLE.items()
    ]
    senders = [
        {
            "uid": {"type": "Device", "id": name},
            "attrs": {"kind": kind, "enrolled": enrolled},
            "parents": [],
        }
        for name, kind, enrolled in (
            ("subscriptions", "subscriptions", True),
            ("cloud", "cloud", True),
            ("marketplace", "marketplace", True),
            ("impostor", "subscriptions", False),
            ("su7", "car", True),
            ("wreck", "car", False),
        )
    ]
    return [*roles, *people, *senders]


def question(action: str, change: Mapping[str, Any], who: str = "lin") -> Question:
    """Return the best request for an action with some facts changed or taken away."""
    best = BEST[action]
    usual: dict[str, Any] = {
        "authenticated": True,
        "fresh": True,
        "built_in": False,
        "moving": False,
        "expires_in_ms": 30_000,
    }
    if best.resource == "Car":
        usual["asker_drives"] = False
    facts = {**usual, **best.facts, **change}
    return Question(
        Uid("Person" if who in PEOPLE else "Stranger", who),
        action,
        Uid(best.resource, "it"),
        {name: value for name, value in facts.items() if value is not ABSENT},
        entities(),
    )
