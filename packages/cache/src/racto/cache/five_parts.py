"""The reference's calls on an exact cache, whose key is five parts of the request and no more."""

from __future__ import annotations

from abc import ABC, abstractmethod

from racto.core.responses import LLMResponse

from .keys import local_five_part_key


class FivePartCache(ABC):
    """An exact cache as the reference package has it, for those who make their own keys.

    Whatever else decides a reply (provider, history, tools, files, tenant) is not in these five
    parts: put it in ``system_prompt`` or ``model``, or use ``lookup`` and ``remember``, whose key is
    the whole request. No entry of the one is found by the other.
    """

    # A cache that other processes read has :func:`~racto.cache.keys.five_part_key` here.
    _key_of = staticmethod(local_five_part_key)

    def get(
        self,
        user_message: str,
        system_prompt: str,
        model: str,
        temperature: float | None,
        max_tokens: int | None,
    ) -> LLMResponse | None:
        """A copy of the remembered reply with ``cached=True``, or None.

        Args:
            user_message: The user's words.
            system_prompt: The system text.
            model: The model's name.
            temperature: Randomness.
            max_tokens: Most tokens to generate.
        """
        return self._seek(self._key_of(user_message, system_prompt, model, temperature, max_tokens))

    async def aget(
        self,
        user_message: str,
        system_prompt: str,
        model: str,
        temperature: float | None,
        max_tokens: int | None,
    ) -> LLMResponse | None:
        """Async twin of :meth:`get`."""
        return await self._aseek(
            self._key_of(user_message, system_prompt, model, temperature, max_tokens)
        )

    def put(
        self,
        user_message: str,
        system_prompt: str,
        model: str,
        temperature: float | None,
        max_tokens: int | None,
        response: LLMResponse,
    ) -> None:
        """Keep a copy of a reply that is whole.

        Args:
            user_message: The user's words.
            system_prompt: The system text.
            model: The model's name.
            temperature: Randomness.
            max_tokens: Most tokens to generate.
            response: What was answered.
        """
        key = self._key_of(user_message, system_prompt, model, temperature, max_tokens)
        self._keep(key, response)

    async def aput(
        self,
        user_message: str,
        system_prompt: str,
        model: str,
        temperature: float | None,
        max_tokens: int | None,
        response: LLMResponse,
    ) -> None:
        """Async twin of :meth:`put`."""
        key = self._key_of(user_message, system_prompt, model, temperature, max_tokens)
        await self._akeep(key, response)

    def invalidate(
        self,
        user_message: str,
        system_prompt: str,
        model: str,
        temperature: float | None,
        max_tokens: int | None,
    ) -> bool:
        """Drop one entry; whether it was there.

        Args:
            user_message: The user's words.
            system_prompt: The system text.
            model: The model's name.
            temperature: Randomness.
            max_tokens: Most tokens to generate.
        """
        return self._drop(self._key_of(user_message, system_prompt, model, temperature, max_tokens))

    async def ainvalidate(
        self,
        user_message: str,
        system_prompt: str,
        model: str,
        temperature: float | None,
        max_tokens: int | None,
    ) -> bool:
        """Async twin of :meth:`invalidate`."""
        return await self._adrop(
            self._key_of(user_message, system_prompt, model, temperature, max_tokens)
        )

    @abstractmethod
    def _seek(self, key: str) -> LLMResponse | None: ...

    @abstractmethod
    def _keep(self, key: str, response: LLMResponse) -> None: ...

    @abstractmethod
    def _drop(self, key: str) -> bool: ...

    # In memory nothing blocks; a cache on a server has its own.
    async def _aseek(self, key: str) -> LLMResponse | None:
        return self._seek(key)

    async def _akeep(self, key: str, response: LLMResponse) -> None:
        self._keep(key, response)

    async def _adrop(self, key: str) -> bool:
        return self._drop(key)
