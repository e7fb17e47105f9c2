"""Examples of tasks are read from lines and tables, and what cannot be used is said in one line."""

import json
import re

import pytest
from tiny import make_tiny

from demur.errors import DataError, UsageError
from demur.tune.steering.task_examples import check_examples, encode_examples, load_tasks, parse_tasks
from demur.types import Case, Turn
