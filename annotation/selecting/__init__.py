"""Which outputs become units: what is asked for, found, counted and put together."""

from annotation.selecting.plans import Plan, groups_of, listed_plans, plan_units
from annotation.selecting.selection import Only, Selection, Sure

__all__ = [
    "Only",
    "Plan",
    "Selection",
    "Sure",
    "groups_of",
    "listed_plans",
    "plan_units",
]
