"""What to do next, where one of nbgrader's commands ends without having done what was asked.

nbgrader says "Skipping existing assignment" and exits with success. Its log takes filters by its settings; in
``nbgrader_config.py``::

    for application in ("GenerateAssignmentApp", "AutogradeApp", "GenerateFeedbackApp", "ZipCollectApp"):
        c[application].logging_config = ADVICE
"""

from __future__ import annotations

import logging
import re

__all__ = ["ADVICE", "Advice"]

ADVICE = {
    "filters": {"advice": {"()": "bncourse.grading.advice.Advice"}},
    "handlers": {"console": {"filters": ["advice"]}},
}
"""The setting ``logging_config`` of an application of nbgrader."""

SENTENCES = {
    r"GenerateAssignmentApp: Skipping existing assignment: \S*?(?P<name>[^/\s]+)$": (
        "There is a student version already, and it was left as it is. To make it again from your edited source, run "
        "'nbgrader generate_assignment {name} --force'; what students have handed in is not touched by that."
    ),
    r"AutogradeApp: Skipping existing assignment: \S*?(?P<name>[^/\s]+)$": (
        "It is graded already, and nothing newer was handed in. To grade everybody again, run "
        "'python -m bncourse.grading {name} --regrade', which says whose points change; points given by hand stay."
    ),
    r"AutogradeApp: There was an error processing assignment '(?P<name>[^']+)'": (
        "'python -m bncourse.grading {name}' grades it too, and says in a sentence what is out of order in the folder."
    ),
    r"GenerateFeedbackApp: Skipping existing assignment: \S*?(?P<name>[^/\s]+)$": (
        "There is feedback on this submission already. If you have given points or comments since, run "
        "'nbgrader generate_feedback {name} --force'."
    ),
    r"ZipCollectApp: (Duplicate submission file|Directory not empty|No files found)": (
        "'python -m bncourse.course collect ASSIGNMENT ARCHIVE… --roster FILE' takes the newest of several files, and "
        "can be run again."
    ),
}
"""Per kind of message, with the name of the application before it: what to do."""

SAID_EACH_TIME = "GenerateAssignmentApp"
"""There are a few assignments; of submissions there may be a thousand, and one sentence is enough for all."""


class Advice(logging.Filter):
    """Adds a sentence to the messages after which a person would not know what to do."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every message through, some with a sentence at their end."""
        message = record.getMessage()
        for pattern, sentence in SENTENCES.items():
            found = re.match(pattern, f"{record.name}: {message}")
            if found and (record.name == SAID_EACH_TIME or pattern not in self.said):
                self.said.add(pattern)
                end = "" if message.rstrip().endswith((".", "!")) else "."
                record.msg = f"{message}{end} {sentence.format(**found.groupdict())}"
                record.args = None
        return True
