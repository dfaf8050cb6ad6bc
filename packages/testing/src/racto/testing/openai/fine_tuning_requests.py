"""What OpenAI's fine-tuning endpoint takes: a model, a file, and one of three methods."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Given, Strict

from .settings import Metadata

Auto: TypeAlias = Literal["auto"]
BatchSize: TypeAlias = Annotated[int, Field(ge=1, le=256)] | Auto
Epochs: TypeAlias = Annotated[int, Field(ge=1, le=50)] | Auto
Multiplier: TypeAlias = Annotated[float, Field(gt=0)] | Auto
Count: TypeAlias = Annotated[int, Field(ge=1)] | Auto


class SupervisedSettings(Strict):
    """How to learn from examples."""

    batch_size: Given[BatchSize] = None
    learning_rate_multiplier: Given[Multiplier] = None
    n_epochs: Given[Epochs] = None


class PreferenceSettings(SupervisedSettings):
    """How to learn from preferences."""

    beta: Given[Annotated[float, Field(gt=0, le=2)] | Auto] = None


class ReinforcementSettings(SupervisedSettings):
    """How to learn from grades."""

    compute_multiplier: Given[Annotated[float, Field(gt=0.00001, le=10)] | Auto] = None
    eval_interval: Given[Count] = None
    eval_samples: Given[Count] = None
    reasoning_effort: Given[Literal["default", "low", "medium", "high"]] = None


class StringCheck(Strict):
    """Grades by comparison."""

    type: Literal["string_check"]
    name: str
    input: str
    operation: Literal["eq", "ne", "like", "ilike"]
    reference: str


class TextSimilarity(Strict):
    """Grades by likeness."""

    type: Literal["text_similarity"]
    name: str
    input: str
    reference: str
    evaluation_metric: Literal[
        "cosine",
        "fuzzy_match",
        "bleu",
        "gleu",
        "meteor",
        "rouge_1",
        "rouge_2",
        "rouge_3",
        "rouge_4",
        "rouge_5",
        "rouge_l",
    ]


class PythonGrader(Strict):
    """Grades by a program."""

    type: Literal["python"]
    name: str
    source: str
    image_tag: Given[str] = None


class ScoreModel(Strict):
    """Grades by a model's score."""

    type: Literal["score_model"]
    name: str
    model: str
    input: Annotated[list[dict[str, Any]], Field(min_length=1)]
    range: Given[Annotated[list[float], Field(min_length=2, max_length=2)]] = None
    sampling_params: Given[dict[str, Any]] = None


class LabelModel(Strict):
    """Grades by a model's label; only within a multi grader."""

    type: Literal["label_model"]
    name: str
    model: str
    input: Annotated[list[dict[str, Any]], Field(min_length=1)]
    labels: list[str]
    passing_labels: list[str]


PartialGrader: TypeAlias = Annotated[
    StringCheck | TextSimilarity | PythonGrader | ScoreModel | LabelModel,
    Field(discriminator="type"),
]


class MultiGrader(Strict):
    """Grades by a formula over other graders."""

    type: Literal["multi"]
    name: str
    calculate_output: str
    # Several by name, which the formula uses; the SDK's types say one.
    graders: dict[str, PartialGrader] | PartialGrader


class Supervised(Strict):
    """Learning from examples."""

    hyperparameters: Given[SupervisedSettings] = None


class Preference(Strict):
    """Learning from preferences."""

    hyperparameters: Given[PreferenceSettings] = None


class Reinforcement(Strict):
    """Learning from grades."""

    grader: Annotated[
        StringCheck | TextSimilarity | PythonGrader | ScoreModel | MultiGrader,
        Field(discriminator="type"),
    ]
    hyperparameters: Given[ReinforcementSettings] = None


class Method(Strict):
    """How to learn."""

    type: Literal["supervised", "dpo", "reinforcement"]
    supervised: Given[Supervised] = None
    dpo: Given[Preference] = None
    reinforcement: Given[Reinforcement] = None


class Wandb(Strict):
    """Where to report to."""

    project: str
    entity: str | None = None
    name: str | None = None
    tags: Given[list[str]] = None


class Integration(Strict):
    """Another service that is told."""

    type: Literal["wandb"]
    wandb: Wandb


class TuningCreate(Strict):
    """A job as a client asks for it."""

    model: Annotated[str, Field(min_length=1)]
    training_file: str
    # Deprecated in favour of ``method``, and still taken.
    hyperparameters: Given[SupervisedSettings] = None
    integrations: list[Integration] | None = None
    metadata: Metadata | None = None
    method: Given[Method] = None
    seed: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    suffix: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    validation_file: str | None = None

    @property
    def kind(self) -> Literal["supervised", "dpo", "reinforcement"]:
        """The method; supervised when none is named."""
        return self.method.type if self.method else "supervised"

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the method; those of the old place for the supervised one."""
        # Each method has its own settings, in a field of its name.
        chosen = getattr(self.method, self.kind, None)
        told = chosen.hyperparameters if chosen else None
        if told is None and self.kind == "supervised":
            told = self.hyperparameters
        return told.model_dump(exclude_unset=True) if told else {}
