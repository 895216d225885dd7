# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every code that the audit can find."""

from __future__ import annotations

from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.entry import Entry
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.network import NETWORK
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.objects import OBJECTS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.permissions import PERMISSIONS
from ansible_collections.aiops.kubernetes.plugins.module_utils.security.catalogue.pods import PODS

CATALOGUE: dict[str, Entry] = {**PODS, **PERMISSIONS, **NETWORK, **OBJECTS}
