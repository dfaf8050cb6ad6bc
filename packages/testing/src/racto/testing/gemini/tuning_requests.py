"""What a tuning is asked for with, at the Developer API and at Vertex AI."""

from __future__ import annotations

from .messages import Message, Repeated, Table
from .protojson import FLAG, FLOAT, INT32, INT64, STRUCT, TEXT, Kind

_EXAMPLE = Message("TuningExample", {"textInput": TEXT, "output": TEXT})
_EXAMPLES = Message("TuningExamples", {"examples": Repeated(_EXAMPLE)})
_NUMBERS: dict[str, Kind] = {"epochCount": INT32, "batchSize": INT32, "learningRate": FLOAT}

TUNED_MODEL = Message(
    "TunedModel",
    {
        "displayName": TEXT,
        "description": TEXT,
        "baseModel": TEXT,
        "temperature": FLOAT,
        "topP": FLOAT,
        "topK": INT32,
        "tuningTask": Message(
            "TuningTask",
            {
                "trainingData": Message("Dataset", {"examples": _EXAMPLES}),
                "hyperparameters": Message(
                    "Hyperparameters",
                    {**_NUMBERS, "learningRateMultiplier": FLOAT},
                    oneof={"learning_rate_option": "learningRate learningRateMultiplier"},
                ),
            },
        ),
    },
)
"""A model to be tuned by the Developer API."""

_DATA: dict[str, Kind] = {"trainingDatasetUri": TEXT, "validationDatasetUri": TEXT}
_HYPER_PARAMETERS: dict[str, Kind] = {
    **_NUMBERS,
    # Vertex AI counts epochs in text, as it does all 64-bit numbers.
    "epochCount": INT64,
    "learningRateMultiplier": FLOAT,
    "adapterSize": TEXT,
    "beta": FLOAT,
}
_HOW: dict[str, Kind] = {
    **_DATA,
    "hyperParameters": Message("HyperParameters", _HYPER_PARAMETERS),
    "exportLastCheckpointOnly": FLAG,
    "tuningMode": TEXT,
}

SPECS: dict[str, Kind] = {
    "supervisedTuningSpec": Message("SupervisedTuningSpec", _HOW),
    "preferenceOptimizationSpec": Message("PreferenceOptimizationSpec", _HOW),
    "distillationSpec": Message(
        "DistillationSpec",
        {
            **_HOW,
            "promptDatasetUri": TEXT,
            "baseTeacherModel": TEXT,
            "tunedTeacherModelSource": TEXT,
            "studentModel": TEXT,
            "pipelineRootDirectory": TEXT,
        },
    ),
    "reinforcementTuningSpec": Message(
        "ReinforcementTuningSpec",
        {
            **_DATA,
            "hyperParameters": STRUCT,
            "singleRewardConfig": STRUCT,
            "compositeRewardConfig": STRUCT,
        },
    ),
}
"""The ways of tuning; a job has one."""

JOB = Message(
    "TuningJob",
    {
        "baseModel": TEXT,
        "preTunedModel": STRUCT,
        "customBaseModel": TEXT,
        "tunedModelDisplayName": TEXT,
        "description": TEXT,
        "labels": Table(TEXT),
        "outputUri": TEXT,
        "encryptionSpec": STRUCT,
        "evaluationConfig": STRUCT,
        **SPECS,
    },
    oneof={"tuning_spec": " ".join(SPECS)},
)
"""A tuning job of Vertex AI."""
