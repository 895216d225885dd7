# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists page by page, each decoded before the next is fetched, so that memory holds one page of JSON at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.decoding import Page, decode_page
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.errors import Gone
from ansible_collections.aiops.kubernetes.plugins.module_utils.cluster.requests import Request, encode_query

LIST_RESTARTS = 3


Fold = Callable[[list[Any]], list[Any]]


def list_all(
    fetch: Callable[[Request], bytes],
    request: Request,
    query: dict[str, Any],
    shape: type | None,
    fold: Fold | None = None,
) -> Page:
    """All pages as one. Where the server forgot the list half-way (410 on a continue token) it is begun again.

    fold is given each page's items and returns what is kept of them; it may be given a page again.
    """
    for _restart in range(LIST_RESTARTS):
        try:
            return _list_once(fetch, request, query, shape, fold)
        except Gone:
            continue
    return _list_once(fetch, request, query, shape, fold)


def _list_once(
    fetch: Callable[[Request], bytes],
    request: Request,
    query: dict[str, Any],
    shape: type | None,
    fold: Fold | None,
) -> Page:
    items: list[Any] = []
    token = ""
    while True:
        page = decode_page(fetch(replace(request, query=encode_query({**query, "continue": token}))), shape)
        items += fold(page.items) if fold else page.items
        token = page.next
        if not token:
            return Page(items, page.resource_version, "")
