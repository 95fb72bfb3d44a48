import { Packr } from "msgpackr";
import type { WebSocket } from "ws";
import type { HelloReply, HelloRequest } from "../contract.js";
import type { Contender } from "../harness/contender.js";
import { PendingReplies } from "./pending-replies.js";
import { listen, open, shut } from "./raw-socket.js";

/** The same frames as 9a, but all frames of one tick share a WebSocket message. */
export const rawWsBatched: Contender = {
  name: "9b",
  title: "raw ws + msgpackr, 1 message/tick",
  packages: ["ws", "msgpackr"],

  serve: (handlers) =>
    listen((socket) => {
      const packr = new Packr({ useRecords: false });
      const batch = new Batch(socket);
      socket.on("message", (data: Buffer) => {
        packr.unpackMultiple(data, (frame) => {
          const [id, request] = frame as [number, HelloRequest];
          batch.add(packr.pack([id, handlers.hello(request)]));
        });
      });
    }),

  async connect(url) {
    const socket = await open(url);
    const packr = new Packr({ useRecords: false });
    const batch = new Batch(socket);
    const pending = new PendingReplies<HelloReply>();
    socket.on("message", (data: Buffer) => {
      packr.unpackMultiple(data, (frame) => {
        const [id, reply] = frame as [number, HelloReply];
        pending.settle(id, reply);
      });
    });
    socket.on("close", (code) => pending.failAll(new Error(`the connection closed with code ${code}`)));
    return {
      hello: (request) =>
        new Promise((resolve, reject) => {
          batch.add(packr.pack([pending.add(resolve, reject), request]));
        }),
      close: () => shut(socket),
    };
  },
};

/** Frames packed in this tick, sent together once its promise callbacks have run. */
class Batch {
  readonly #socket: WebSocket;
  #frames: Buffer[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  add(frame: Buffer): void {
    if (this.#frames.push(frame) === 1) process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    const frames = this.#frames;
    this.#frames = [];
    this.#socket.send(frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames));
  };
}
