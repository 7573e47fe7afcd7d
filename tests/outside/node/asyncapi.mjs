// node asyncapi.mjs asyncapi.json: what AsyncAPI's own parser says of the document.
import { Parser } from "@asyncapi/parser";
import fs from "node:fs";

const [source] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(fs.readFileSync(source, "utf8"), { source });
for (const each of diagnostics) console.log(`${each.code} ${each.path.join(".")}: ${each.message}`);
if (!document || diagnostics.length) process.exit(1);
console.log(`${document.channels().all().length} channels`);
