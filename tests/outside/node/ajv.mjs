// node ajv.mjs SCHEMAS TOPICS: every schema in strict mode, and every event of the topics against its own.
import addFormats from "ajv-formats";
import Ajv from "ajv/dist/2020.js";
import fs from "node:fs";
import path from "node:path";

const [schemas, topics] = process.argv.slice(2);
const ajv = new Ajv.default({ strict: true, validateFormats: true });
addFormats.default(ajv, { mode: "full" });
const faults = [];
const of = {};
let events = 0;
for (const file of fs.readdirSync(schemas).filter((each) => each !== "asyncapi.json" && each.endsWith(".json"))) {
  try {
    of[path.parse(file).name] = ajv.compile(JSON.parse(fs.readFileSync(path.join(schemas, file), "utf8")));
  } catch (error) {
    faults.push(`${file}: ${error.message}`);
  }
}
// Dead letters hold what is wrong on purpose.
for (const file of fs.readdirSync(topics).filter((each) => each.endsWith(".jsonl") && !each.includes("dead-letters"))) {
  for (const line of fs.readFileSync(path.join(topics, file), "utf8").split("\n").filter(Boolean)) {
    const event = JSON.parse(line);
    const validate = of[event.type];
    events += 1;
    if (!validate) faults.push(`${file}: no schema of ${event.type}`);
    else if (!validate(event.data)) faults.push(`${file} ${event.type} ${event.id}: ${ajv.errorsText(validate.errors)}`);
  }
}
console.log(faults.slice(0, 20).join("\n") || `${Object.keys(of).length} schemas, ${events} events`);
process.exit(faults.length ? 1 : 0);
