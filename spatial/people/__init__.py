"""Cells get their people: members by walking cost, contacts of households, micro-cells with a lead each."""

from __future__ import annotations

from spatial.people.assign import Assignment, assign_members
from spatial.people.contacts import Contacts, assign_contacts
from spatial.people.micro import Micro, micro_cells

__all__ = ["Assignment", "Contacts", "Micro", "assign_contacts", "assign_members", "micro_cells"]
