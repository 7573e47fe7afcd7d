"""``python composed.py SCHEMA FILE``: say what the schema refuses of a compose file.

Runs among the packages of others, where YAML can be read.
"""

import json
import sys
from pathlib import Path

import yaml
from jsonschema import Draft4Validator

schema, file = (Path(each).read_text(encoding="utf-8") for each in sys.argv[1:])
document = yaml.safe_load(file)
# The specification has had it for years; the schema that can be had by package has not.
document.pop("name", None)
faults = list(Draft4Validator(json.loads(schema)).iter_errors(document))
sys.exit("\n".join(f"{each.json_path}: {each.message}" for each in faults) or None)
