"""Words of a page that try to steer a model: found, and told to people."""

from tools.hostile.confirming import not_in_picture
from tools.hostile.instructions import Sign, instruction_signs, score
from tools.hostile.suspicions import review_reasons, suspicions, told

__all__ = ["Sign", "instruction_signs", "not_in_picture", "review_reasons", "score", "suspicions", "told"]
