"""The pipeline language: calls of services one after the other, side by side, and merged."""

from .aliases import Aliases as Aliases
from .grammar import PipelineLimits as PipelineLimits, parse as parse
from .nodes import Call as Call, Chain as Chain, Fork as Fork
from .pipelines import Pipelines as Pipelines
from .plans import Plan as Plan, plan as plan
