"""The best offers of many places within one limit: columns generated place by place, rounded, proven."""

from spatial.siting.offers.priced import Duals, Offers, Places

__all__ = ["Duals", "Offers", "Places"]
