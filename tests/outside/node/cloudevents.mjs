// node cloudevents.mjs records.jsonl: reads what we packed with the SDK, and packs it in both modes.
import { CloudEvent, Kafka } from "cloudevents";
import fs from "node:fs";

const said = fs.readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean).map(JSON.parse);
const out = said.map(({ headers, value }) => {
  const event = Kafka.toEvent({ headers, value: JSON.parse(value), body: value });
  if (!(event instanceof CloudEvent) || !event.validate()) throw new Error(`no event: ${value}`);
  return [Kafka.binary(event), Kafka.structured(event)].map(({ headers, value }) => ({ headers, value }));
});
console.log(JSON.stringify(out));
