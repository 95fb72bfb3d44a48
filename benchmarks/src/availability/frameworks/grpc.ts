import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Answer, Ask } from "../contract.js";
import type { Framework, Handler, Kind, MarketClient } from "../framework.js";
import { growingTarget } from "./grpc-resolver.js";

const definition = loadSync(fileURLToPath(new URL("../../../src/availability/frameworks/market.proto", import.meta.url)));
const loaded = grpc.loadPackageDefinition(definition) as unknown as {
  readonly availability: { readonly Market: grpc.ServiceClientConstructor };
};
const Market = loaded.availability.Market;

type Method = (
  ask: Ask,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  done: (error: grpc.ServiceError | null, answer: Answer) => void,
) => void;

/**
 * For availability, by the guides on load balancing, retry, keepalive, wait-for-ready and outlier detection. No retry
 * throttling, which could only cost it retries; the floors of outlier detection (five hosts) lowered to a fleet of three.
 */
const serviceConfig = {
  loadBalancingConfig: [
    {
      outlier_detection: {
        interval: { seconds: 1, nanos: 0 },
        base_ejection_time: { seconds: 5, nanos: 0 },
        max_ejection_percent: 50,
        failure_percentage_ejection: { threshold: 50, enforcement_percentage: 100, minimum_hosts: 2, request_volume: 10 },
        child_policy: [{ round_robin: {} }],
      },
    },
  ],
  methodConfig: [
    {
      name: [{ service: "availability.Market", method: "Quote" }],
      waitForReady: true,
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: "0.05s",
        maxBackoff: "1s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
    { name: [{ service: "availability.Market", method: "Order" }], waitForReady: true },
  ],
};

const channelOptions: grpc.ChannelOptions = {
  "grpc.service_config": JSON.stringify(serviceConfig),
  "grpc.keepalive_time_ms": 1_000,
  "grpc.keepalive_timeout_ms": 1_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 2_000,
};

const methods = { quote: "Quote", order: "Order" } as const;

/** gRPC in JavaScript, with everything for availability that its guides offer. */
export const grpcJs: Framework = {
  name: "grpc",
  title: "grpc-js: round robin, retry, keepalive 1 s/1 s, wait-for-ready, outlier detection",
  packages: ["@grpc/grpc-js"],

  async serve(handler, port) {
    const server = new grpc.Server({ "grpc.keepalive_time_ms": 1_000, "grpc.keepalive_timeout_ms": 1_000 });
    server.addService(Market.service, { Quote: unary(handler, "quote"), Order: unary(handler, "order") });
    process.on("SIGTERM", () => server.tryShutdown((error) => process.exit(error === undefined ? 0 : 1)));
    return new Promise((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, at) =>
        error === null ? resolve(at) : reject(error),
      );
    });
  },

  connect(ports, { mayGrow, note }) {
    const growing = mayGrow ? growingTarget(ports) : undefined;
    const target = growing?.target ?? `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(",")}`;
    const client = new Market(target, grpc.credentials.createInsecure(), channelOptions);
    watch(client.getChannel(), note);
    const call: MarketClient["call"] = (kind, ask, timeoutMs) =>
      new Promise((resolve, reject) => {
        const metadata = new grpc.Metadata({ waitForReady: true });
        const method = client[methods[kind]] as Method;
        method.call(client, ask, metadata, { deadline: Date.now() + timeoutMs }, (error, answer) =>
          error === null ? resolve(answer) : reject(error),
        );
      });
    return {
      call,
      setPorts(now) {
        if (growing === undefined) throw new Error("connected without mayGrow");
        growing.setPorts(now);
      },
      async close() {
        client.close();
      },
    };
  },

  describe(error) {
    const { code, details } = error as Partial<grpc.ServiceError>;
    return {
      code: (code === undefined ? undefined : grpc.status[code]) ?? "not a status",
      executed: undefined,
      message: details ?? String(error),
    };
  },
};

function unary(handler: Handler, kind: Kind): grpc.handleUnaryCall<Ask, Answer> {
  return (call, done) => {
    handler(kind, call.request).then(
      (answer) => done(null, answer),
      (error: Error) => done(error),
    );
  };
}

function watch(channel: ReturnType<grpc.Client["getChannel"]>, note: (text: string) => void): void {
  const state = channel.getConnectivityState(true);
  note(`channel ${grpc.connectivityState[state]}`);
  channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, (error) => {
    if (error === undefined) watch(channel, note);
  });
}
