"""``python composed.py SCHEMA FILE``: say what in a compose file the specification's schema refuses.

Runs among the packages of others, where YAML can be read.
"""

import json
import sys
from pathlib import Path

import yaml
from jsonschema import Draft4Validator

schema, file = (Path(each).read_text(encoding="utf-8") for each in sys.argv[1:])
faults = list(Draft4Validator(json.loads(schema)).iter_errors(yaml.safe_load(file)))
sys.exit("\n".join(f"{each.json_path}: {each.message}" for each in faults) or None)
