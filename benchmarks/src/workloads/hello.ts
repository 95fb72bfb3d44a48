import type { HelloReply } from "../contract.js";
import { closedLoop } from "../harness/closed-loop.js";
import type { Handlers } from "../harness/contender.js";

/** A prime, larger than any number of calls outstanding: replies that were swapped would show. */
const names = Array.from({ length: 4_093 }, (_, index) => `caller-${index}`);
const expected = names.map((name) => `Hello, ${name}!`);

export const handlers: Handlers = {
  hello: (request) => ({ message: `Hello, ${request.name}!`, ok: request.id % 2 === 0 }),
};

/** A small unary call: `{id, name} -> {message, ok}`. */
export const hello = closedLoop<HelloReply>({
  name: "hello",
  call: (caller, sequence) => caller.hello({ id: sequence, name: names[sequence % names.length] as string }),
  check(sequence, reply) {
    const message = expected[sequence % names.length];
    const ok = sequence % 2 === 0;
    if (reply.message !== message || reply.ok !== ok) {
      throw new Error(`call ${sequence}: expected ${JSON.stringify({ message, ok })}, got ${JSON.stringify(reply)}`);
    }
  },
});
