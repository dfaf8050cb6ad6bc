"""A tour on a bundled example: a small shop, a kit that knows its lines, no network and no key."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .shop import build_shop as build_shop
    from .storyteller import ShopKit as ShopKit
    from .tour import make_tour as make_tour

__getattr__, __dir__, __all__ = lazily(
    __name__, {"shop": "build_shop", "storyteller": "ShopKit", "tour": "make_tour"}
)
