// node kafkajs.mjs produce|consume ADDRESS ...: what kafkajs does.
import kafkajs from "kafkajs";
import fs from "node:fs";

const { CompressionTypes, Kafka, Partitioners, logLevel } = kafkajs;
const [what, address, ...more] = process.argv.slice(2);
const kafka = new Kafka({ clientId: "kafkajs", brokers: [address], logLevel: logLevel.ERROR });

async function produce(file, how) {
  const transactional = how === "transactional";
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    idempotent: true,
    maxInFlightRequests: 1,
    ...(transactional ? { transactionalId: "a-shop" } : {}),
  });
  await producer.connect();
  const records = JSON.parse(fs.readFileSync(file, "utf8"));
  const send = async (sender, change) => {
    for (const { topic, ...message } of records) {
      const compression = transactional ? CompressionTypes.None : CompressionTypes.GZIP;
      await sender.send({ topic, acks: -1, compression, messages: [{ ...message, ...change }] });
    }
  };
  if (transactional) {
    const given_up = await producer.transaction();
    await send(given_up, { key: "NOBODY" });
    await given_up.abort();
    const kept = await producer.transaction();
    await send(kept, {});
    await kept.commit();
  } else {
    await send(producer, {});
  }
  await producer.disconnect();
}

async function consume(topic, count) {
  const consumer = kafka.consumer({ groupId: "kafkajs", readUncommitted: false });
  const keys = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise((done) => {
    setTimeout(done, 60_000).unref();
    consumer.run({
      eachMessage: async ({ message }) => {
        keys.push(message.key.toString());
        if (keys.length >= Number(count)) done();
      },
    });
  });
  console.log(keys.join("\n"));
  await consumer.disconnect();
  process.exit(0);
}

await { produce, consume }[what](...more);
