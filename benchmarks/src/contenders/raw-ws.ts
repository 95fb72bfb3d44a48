import { Packr } from "msgpackr";
import type { HelloReply, HelloRequest } from "../contract.js";
import type { Contender } from "../harness/contender.js";
import { PendingReplies } from "./pending-replies.js";
import { listen, open, shut } from "./raw-socket.js";

/** The floor all ratios refer to: `[id, request]` and `[id, reply]`, each call a WebSocket message of its own. */
export const rawWs: Contender = {
  name: "9a",
  title: "raw ws + msgpackr, 1 message/call",
  packages: ["ws", "msgpackr"],

  serve: (handlers) =>
    listen((socket) => {
      const packr = new Packr({ useRecords: false });
      socket.on("message", (data: Buffer) => {
        const [id, request] = packr.unpack(data) as [number, HelloRequest];
        socket.send(packr.pack([id, handlers.hello(request)]));
      });
    }),

  async connect(url) {
    const socket = await open(url);
    const packr = new Packr({ useRecords: false });
    const pending = new PendingReplies<HelloReply>();
    socket.on("message", (data: Buffer) => {
      const [id, reply] = packr.unpack(data) as [number, HelloReply];
      pending.settle(id, reply);
    });
    socket.on("close", (code) => pending.failAll(new Error(`the connection closed with code ${code}`)));
    return {
      hello: (request) =>
        new Promise((resolve, reject) => {
          socket.send(packr.pack([pending.add(resolve, reject), request]));
        }),
      close: () => shut(socket),
    };
  },
};
