import { parseArgs } from 'node:util';
import { ProtocolServer } from './server.ts';

/** `node tests/support/eventstoredb/main.ts [--port 2113]`: an EventStoreDB for programs under development, in memory. */
const { values } = parseArgs({ options: { port: { type: 'string', default: '2113' } } });
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port expects a number from 0 to 65535 but got "${values.port}".`);
  process.exit(2);
}
const server = await ProtocolServer.start({ port });
console.log(
  `Speaking EventStoreDB's protocol at esdb://localhost:${server.port}?tls=false (in memory, Ctrl+C ends it).`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server[Symbol.asyncDispose]().then(() => process.exit(0)));
}
