import { Child, within } from "../child.js";
import { nobodyReads } from "../process.js";
import { dim } from "../report.js";

/** Longest waits, in milliseconds. */
const readyMs = 10_000;
const checksMs = 40_000;
const leaveMs = 8_000;

/** First act: one server, one client, all four kinds of call, every answer held against the data. Resolves to the exit code. */
export async function checkAnswers(): Promise<number> {
  const server = new Child("server");
  const { url } = (await server.message(readyMs)) as { url: string };
  const client = new Child("client", [url]);
  console.log(dim(`server process ${server.pid} on ${url}, client process ${client.pid}`));

  const lost = server.ended.then((how): never => {
    throw new Error(`the server process ended (${how}) while the client was calling it`);
  });
  const verdict = await within(checksMs, Promise.race([client.ended, lost]), "the client process was not done");
  if (verdict === nobodyReads) return verdict;
  if (verdict !== 0 && verdict !== 1) throw new Error(`the client process ended (${verdict}) before it was done`);

  const how = await server.stop(leaveMs);
  if (how !== 0) throw new Error(`the server process did not leave in order (${how})`);
  return verdict;
}
