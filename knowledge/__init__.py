"""What the assistant knows: YAML files, and the code that loads and checks them.

``load(folder)`` gives a :class:`Knowledge`; ``check(folder)`` says everything that is wrong.
"""

from knowledge.checking import check, load_usable
from knowledge.faults import Fault, KnowledgeError
from knowledge.loading import load
from knowledge.model import Knowledge

__all__ = ["Fault", "Knowledge", "KnowledgeError", "check", "load", "load_usable"]
