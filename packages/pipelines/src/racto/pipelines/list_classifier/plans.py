"""All that depends on the options alone, prepared once: prompt, schema, request, look-up."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError

from .corrections import corrected
from .options import quoted
from .prompts import system_text
from .schemas import reply_model
from .settings import ClassifierSettings, SelectionMode

# Shortlists differ from text to text; those that come again are worth keeping.
_PLANS_KEPT = 256
_LISTED_IN_FAULTS = 40


class Plan:
    """One set of options under one set of settings, ready for any number of texts.

    Args:
        options: Checked options, without the uncertain label.
        settings: The pipeline's settings.
        mode: One option or several.
        temperature: Of the request.
        max_tokens: Of the request.
        descriptions: What options mean.
        path: What was chosen on the stages before.
        refused: Fields that the provider has refused.

    Attributes:
        options: What the model is shown, the uncertain label last.
        mode: One option or several.
        template: The request, but for the text.
        uncertain: The uncertain label.
    """

    __slots__ = (
        "_folded",
        "_fuzzy",
        "_known",
        "_sensitive",
        "mode",
        "options",
        "template",
        "uncertain",
    )

    def __init__(
        self,
        options: tuple[str, ...],
        settings: ClassifierSettings,
        *,
        mode: SelectionMode = "single",
        temperature: float = 0.0,
        max_tokens: int = 512,
        descriptions: Mapping[str, str] | None = None,
        path: Sequence[str] = (),
        refused: frozenset[str] = frozenset(),
    ) -> None:
        self.uncertain = settings.uncertain_label
        if self.uncertain is not None and self.uncertain not in options:
            options = (*options, self.uncertain)
        self.options = options
        self.mode = mode
        self._known = frozenset(options)
        self._sensitive = settings.case_sensitive
        self._fuzzy = settings.fuzzy_fallback
        self._folded = _folded(options)
        wants_logprobs = settings.use_logprobs and settings.include_confidence and mode == "single"
        fields: dict[str, Any] = {
            "temperature": temperature,
            "logprobs": 0 if wants_logprobs else None,
        }
        self.template = ChatConfig(
            # Stands for the text of each call.
            user_message="?",
            system=system_text(
                options, settings, mode=mode, descriptions=descriptions or {}, path=path
            ),
            max_tokens=max_tokens,
            response_model=reply_model(options, settings, mode),
            # Repairs are asked for here, where corrections come first and are counted.
            max_validation_retries=0,
            # Not every model takes a temperature or tells log-probabilities.
            on_unsupported="drop",
            **{name: value for name, value in fields.items() if name not in refused},
        )

    def request(self, text: str, history: tuple[Any, ...] = ()) -> ChatConfig:
        """The request for one text.

        Args:
            text: What to classify, not empty.
            history: Earlier turns.
        """
        # The template was validated; to validate it again for each text costs more than this.
        changes: dict[str, Any] = {"user_message": text}
        if history:
            changes["history"] = history
        return self.template.model_copy(update=changes)

    def meant(self, wrote: str) -> tuple[str | None, bool]:
        """The option that a model meant, and whether that took a correction.

        Args:
            wrote: What it wrote.
        """
        # Exactly as written, before all else: options may differ in nothing but case.
        if wrote in self._known:
            return wrote, False
        if not self._sensitive:
            option = self._folded.get(wrote.strip().casefold())
            if option is not None:
                return option, False
        if not self._fuzzy:
            return None, False
        option = corrected(wrote, self.options, case_sensitive=self._sensitive)
        return option, option is not None

    def listed(self) -> str:
        """The options for a message to the model, unless they are many."""
        # They stand in the prompt already; hundreds of them again cost more than they help.
        if len(self.options) > _LISTED_IN_FAULTS:
            return "the options that were listed"
        return ", ".join(map(quoted, self.options))


class PlanBook:
    """Keeps the plans of late, each by all that it was made of. Safe to share between threads."""

    def __init__(self) -> None:
        self._plans: OrderedDict[Hashable, Plan] = OrderedDict()
        self._lock = threading.Lock()

    def plan(self, key: Hashable, make: Callable[[], Plan]) -> Plan:
        """The plan under a key, made if there is none.

        Args:
            key: Compares equal for equal plans; a tuple of the options, never their joined text.
            make: Makes it.
        """
        with self._lock:
            found = self._plans.get(key)
            if found is not None:
                self._plans.move_to_end(key)
                return found
        # Outside the lock: two may make the same plan once, and nobody waits.
        made = make()
        with self._lock:
            self._plans[key] = made
            while len(self._plans) > _PLANS_KEPT:
                self._plans.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget all plans."""
        with self._lock:
            self._plans.clear()


def _folded(options: tuple[str, ...]) -> dict[str, str | None]:
    """Options without regard to case; None where that does not tell two of them apart."""
    found: dict[str, str | None] = {}
    for option in options:
        key = option.strip().casefold()
        found[key] = None if key in found else option
    return found


def check_text(text: Any) -> None:
    """Refuse what is no text to classify.

    Raises:
        ConfigurationError: If it is no string, or blank.
    """
    if not isinstance(text, str) or not text.strip():
        kind = "blank" if isinstance(text, str) else f"a {type(text).__name__}"
        raise ConfigurationError(f"user_query is {kind}; give the text to classify")
