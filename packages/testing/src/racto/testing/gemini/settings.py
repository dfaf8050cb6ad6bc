"""The settings of a generation, as the API takes them."""

from __future__ import annotations

from .messages import Message, Repeated
from .protojson import ANYTHING, BYTES, FLAG, FLOAT, INT32, STRUCT, TEXT, Enumeration
from .schemas import SCHEMA

_RESOLUTION = Enumeration(
    "GenerationConfig.MediaResolution",
    "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM "
    "MEDIA_RESOLUTION_HIGH",
)
_MODALITY = Enumeration("GenerationConfig.Modality", "MODALITY_UNSPECIFIED TEXT IMAGE AUDIO VIDEO")
_LEVEL = Enumeration(
    "ThinkingConfig.ThinkingLevel", "THINKING_LEVEL_UNSPECIFIED MINIMAL LOW MEDIUM HIGH XHIGH"
)
_DELIVERY = {"delivery": Enumeration("Delivery", "DELIVERY_UNSPECIFIED INLINE URI")}

THINKING = Message(
    "ThinkingConfig",
    {"includeThoughts": FLAG, "thinkingBudget": INT32, "thinkingLevel": _LEVEL},
)
"""How much the model thinks, and whether it shows it."""

_VOICE = Message(
    "VoiceConfig",
    {
        "prebuiltVoiceConfig": Message("PrebuiltVoiceConfig", {"voiceName": TEXT}),
        "replicatedVoiceConfig": Message(
            "ReplicatedVoiceConfig",
            {
                "mimeType": TEXT,
                "voiceSampleAudio": BYTES,
                "consentAudio": BYTES,
                "voiceConsentSignature": Message("VoiceConsentSignature", {"signature": TEXT}),
            },
        ),
        "voice": TEXT,
    },
    oneof={"voice_config": "prebuiltVoiceConfig replicatedVoiceConfig voice"},
)
_SPEAKER = Message("SpeakerVoiceConfig", {"speaker": TEXT, "voiceConfig": _VOICE})
_SPEECH = Message(
    "SpeechConfig",
    {
        "languageCode": TEXT,
        "voiceConfig": _VOICE,
        "multiSpeakerVoiceConfig": Message(
            "MultiSpeakerVoiceConfig", {"speakerVoiceConfigs": Repeated(_SPEAKER)}
        ),
    },
)
_IMAGE = Message(
    "ImageConfig",
    {"aspectRatio": TEXT, "imageSize": TEXT},
    vertex={
        "personGeneration": TEXT,
        "prominentPeople": TEXT,
        "outputMimeType": TEXT,
        "outputCompressionQuality": INT32,
        "imageOutputOptions": STRUCT,
    },
)
_TRANSCRIPTION = Message(
    "AudioTranscriptionConfig",
    {
        "languageCodes": Repeated(TEXT),
        "languageAuto": STRUCT,
        "languageHints": Message("LanguageHints", {"languageCodes": Repeated(TEXT)}),
        "customVocabulary": Repeated(TEXT),
        "adaptationPhrases": Repeated(TEXT),
        "wordTimestamp": FLAG,
        "diarization": FLAG,
        "mode": Enumeration("AudioTranscriptionConfig.Mode", "MODE_UNSPECIFIED VERBATIM SMART"),
        "sourceText": TEXT,
    },
)
_FORMAT = Message(
    "ResponseFormat",
    {
        "text": Message("TextResponseFormat", {"mimeType": TEXT, "schema": ANYTHING}),
        "audio": Message(
            "AudioResponseFormat",
            {"mimeType": TEXT, "bitRate": INT32, "sampleRate": INT32, **_DELIVERY},
        ),
        "image": Message(
            "ImageResponseFormat",
            {"mimeType": TEXT, "aspectRatio": TEXT, "imageSize": TEXT, **_DELIVERY},
        ),
        "video": Message(
            "VideoResponseFormat",
            {
                "aspectRatio": TEXT,
                "duration": TEXT,
                "resolution": TEXT,
                "gcsUri": TEXT,
                **_DELIVERY,
            },
        ),
    },
)

SETTINGS = Message(
    "GenerationConfig",
    {
        "candidateCount": INT32,
        "stopSequences": Repeated(TEXT),
        "maxOutputTokens": INT32,
        "temperature": FLOAT,
        "topP": FLOAT,
        "topK": INT32,
        "seed": INT32,
        "presencePenalty": FLOAT,
        "frequencyPenalty": FLOAT,
        "responseLogprobs": FLAG,
        "logprobs": INT32,
        "responseMimeType": TEXT,
        "responseSchema": SCHEMA,
        "responseJsonSchema": ANYTHING,
        "responseFormat": Repeated(_FORMAT),
        "responseModalities": Repeated(_MODALITY),
        "mediaResolution": _RESOLUTION,
        "thinkingConfig": THINKING,
        "speechConfig": _SPEECH,
        "imageConfig": _IMAGE,
        "audioTranscriptionConfig": _TRANSCRIPTION,
        "translationConfig": Message(
            "TranslationConfig", {"echoTargetLanguage": FLAG, "targetLanguageCode": TEXT}
        ),
        "enableEnhancedCivicAnswers": FLAG,
        "enableAffectiveDialog": FLAG,
    },
    vertex={"audioTimestamp": FLAG, "routingConfig": STRUCT, "modelConfig": STRUCT},
)
"""Everything that shapes one generation."""

_CATEGORIES = """
    HARM_CATEGORY_UNSPECIFIED HARM_CATEGORY_HARASSMENT HARM_CATEGORY_HATE_SPEECH
    HARM_CATEGORY_SEXUALLY_EXPLICIT HARM_CATEGORY_DANGEROUS_CONTENT HARM_CATEGORY_CIVIC_INTEGRITY
    HARM_CATEGORY_JAILBREAK HARM_CATEGORY_IMAGE_HATE HARM_CATEGORY_IMAGE_DANGEROUS_CONTENT
    HARM_CATEGORY_IMAGE_HARASSMENT HARM_CATEGORY_IMAGE_SEXUALLY_EXPLICIT
"""
_THRESHOLDS = """
    HARM_BLOCK_THRESHOLD_UNSPECIFIED BLOCK_LOW_AND_ABOVE BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH
    BLOCK_NONE OFF
"""

SAFETY = Message(
    "SafetySetting",
    {
        "category": Enumeration("HarmCategory", _CATEGORIES),
        "threshold": Enumeration("SafetySetting.HarmBlockThreshold", _THRESHOLDS),
    },
    vertex={
        "method": Enumeration(
            "SafetySetting.HarmBlockMethod", "HARM_BLOCK_METHOD_UNSPECIFIED SEVERITY PROBABILITY"
        )
    },
)
"""From which probability on harm of one kind is blocked."""
