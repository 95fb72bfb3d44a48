import { createServer } from "@farcall/server";
import { RawPeer } from "@farcall/testing";
import { expect } from "chai";

const listed = ["https://app.example.com", "http://localhost:3000"];

/** `PORT` stands for the server's own. */
const origins: readonly { readonly name: string; readonly origin: string | undefined; readonly passes: boolean }[] = [
  { name: "no origin, as from a program", origin: undefined, passes: true },
  { name: "the server's own host and port", origin: "http://127.0.0.1:PORT", passes: true },
  { name: "the server's own host and port over https", origin: "https://127.0.0.1:PORT", passes: true },
  { name: "the same host by another name", origin: "http://localhost:PORT", passes: false },
  { name: "another host", origin: "https://evil.example", passes: false },
  { name: "another port of the same host", origin: "http://127.0.0.1:1", passes: false },
  { name: "the same host without its port", origin: "http://127.0.0.1", passes: false },
  { name: "null, as from a sandboxed page", origin: "null", passes: false },
  { name: "an empty origin", origin: "", passes: false },
  { name: "a listed origin", origin: "https://app.example.com", passes: true },
  { name: "a listed origin with a port", origin: "http://localhost:3000", passes: true },
  { name: "a listed origin over another scheme", origin: "http://app.example.com", passes: false },
  { name: "a listed origin with another port", origin: "https://app.example.com:8443", passes: false },
  { name: "a listed origin in upper case, which no browser sends", origin: "https://APP.example.com", passes: false },
  { name: "a listed origin with a trailing slash", origin: "https://app.example.com/", passes: false },
  { name: "a suffix look-alike", origin: "https://app.example.com.evil.example", passes: false },
  { name: "a prefix look-alike", origin: "https://evil-app.example.com", passes: false },
  { name: "a subdomain of a listed origin", origin: "https://x.app.example.com", passes: false },
  { name: "a listed origin as user name", origin: "https://app.example.com@evil.example", passes: false },
  { name: "the own host as user name", origin: "http://127.0.0.1:PORT@evil.example", passes: false },
  { name: "two origins", origin: "https://app.example.com, https://evil.example", passes: false },
  { name: "what is no URL", origin: "app.example.com", passes: false },
];

describe("the Origin check", () => {
  for (const { name, origin, passes } of origins) {
    it(`Q4: ${passes ? "lets pass" : "refuses with status 403"} ${name}`, async () => {
      await using server = createServer({ allowedOrigins: listed });
      const { url, port } = await server.listen();
      const headers = origin === undefined ? {} : { origin: origin.replace("PORT", String(port)) };
      const outcome = await RawPeer.connect(url, { headers }).then(
        (peer) => {
          peer.terminate();
          return "open";
        },
        (error: Error) => error.message,
      );
      expect(outcome).to.equal(passes ? "open" : "Unexpected server response: 403");
    });
  }

  it("Q4: compares the host in lower case, however the caller writes it", async () => {
    await using server = createServer({});
    const { url } = await server.listen();
    const headers = { host: "EXAMPLE.test", origin: "https://example.test" };
    const peer = await RawPeer.connect(url, { headers });
    peer.terminate();
  });

  for (const protocol of ["farcall.2", "graphql-ws"]) {
    it(`row 16: refuses the subprotocol ${protocol} with status 400`, async () => {
      await using server = createServer({});
      const { url } = await server.listen();
      const outcome = await RawPeer.connect(url, { protocol }).catch((error: Error) => error.message);
      expect(outcome).to.equal("Unexpected server response: 400");
    });
  }
});
