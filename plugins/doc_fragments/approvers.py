# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documentation that actions share: whose approval counts."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of plugin_utils/approver_options.py."""

    DOCUMENTATION = r"""
options:
  minimum_strength:
    description:
      - How sure it has to be who decided, weakest first V(extra-vars), V(terminal), V(awx-user), V(ssh-signature).
      - >-
        One of them for all tiers, or a map from tier to one, such as V({3: terminal, 4: ssh-signature}). A higher tier
        never demands less than a lower one.
    type: raw
    default: extra-vars
  security_approvers:
    description: Users who approve for security (tier 4). Those who sign have their role in O(allowed_signers).
    type: list
    elements: str
    default: []
  separation_tier:
    description: From which tier on the requester's own approval does not count. In tier 4 it never does.
    type: int
    default: 4
  same_person:
    description: Lists of names that belong to one person each, where they differ by more than what follows an C(@).
    type: list
    elements: list
    default: []
  emergency_approver:
    description:
      - Who may approve a plan of tier 4 alone in an emergency. V(nobody), somebody V(other) than the requester, or
        V(anyone).
    type: str
    default: nobody
  allowed_signers:
    description:
      - OpenSSH's file of keys whose signatures count (C(ssh-keygen(1\), ALLOWED SIGNERS)). C(role=security) in a line's
        comment makes its key one that approves for security.
      - Whoever asked for the change must not be able to write it.
    type: path
    default: ""
  revoked_signers:
    description: OpenSSH's list of revoked keys, a key revocation list or one public key a line.
    type: path
    default: ""
"""
